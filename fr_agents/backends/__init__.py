"""What answers a request: a model behind an OpenAI-compatible endpoint, or a function; and the wrappers around it."""
