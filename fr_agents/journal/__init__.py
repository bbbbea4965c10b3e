"""What a run has paid for: a journal of answers, the ledger over it, and the budget that is kept by it."""
