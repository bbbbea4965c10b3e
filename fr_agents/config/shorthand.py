"""Plain values that stand for a whole section: ``world: travel``, ``turns: 3``, ``models.reasoning: openai/NAME``.

A list of models stands for the first one with the others as its fallbacks, and a section with a ``mix`` for that mix.
"""

from __future__ import annotations

from typing import Any

from fr_agents.config.model_names import MIX


def longhand(path: str, value: Any) -> Any:
    """The section that a plain ``value`` at the dotted ``path`` stands for; any other value as it is."""
    if path == "world" and isinstance(value, str):
        return {"name": value}
    if path == "turns" and isinstance(value, int) and not isinstance(value, bool):
        return {"min": value, "max": value}
    if path.startswith("models.") and path.count(".") == 1:
        return _model(value)
    return value


def _model(value: Any) -> Any:
    if isinstance(value, str):
        return {"model": value}
    if isinstance(value, list) and value:
        first = _model(value[0])
        own = first.get("fallbacks", []) if isinstance(first, dict) else None
        return {**first, "fallbacks": [*own, *value[1:]]} if isinstance(own, list | tuple) else value
    if isinstance(value, dict) and "mix" in value and "model" not in value:
        return {**value, "model": MIX}
    return value
