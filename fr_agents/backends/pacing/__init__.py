"""How fast a server is asked: calls in flight, rates, and what to do while it throttles or does not answer at all."""
