"""In what order things happen: the state machines of the method, the roles that their nodes call, and their records."""
