"""The prompts of the chat roles: one Jinja2 file for each, and their loader."""
