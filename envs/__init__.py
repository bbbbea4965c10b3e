"""Where calls run: environments, worlds of several environments, and the built-in domains. No model, no LangGraph."""
