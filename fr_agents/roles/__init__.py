"""The agents of the method: by rules (offline), and played by models (chat)."""
