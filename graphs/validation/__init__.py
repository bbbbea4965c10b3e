"""What must hold of turns: calls that are needed, queries that carry all they must, attempts that reach the goal."""
