"""What can be called: tools, calls, traces, the API graph and how it is walked. Pure: no I/O, clock or model."""
