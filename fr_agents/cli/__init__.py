"""The command line: ``fr-agents run``, ``resume``, ``status``, ``preview``, ``validate``, ``verify``, ``show``, and
``graph``."""

from fr_agents.cli.app import app, main

__all__ = ["app", "main"]
