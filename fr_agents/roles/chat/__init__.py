"""The four agents of the method, played by a model."""
