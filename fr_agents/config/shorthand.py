"""Plain values that stand for a whole section: ``world: travel``, ``turns: 3``, ``models.reasoning: openai/NAME``."""

from __future__ import annotations

from typing import Any


def longhand(path: str, value: Any) -> Any:
    """The section that a plain ``value`` at the dotted ``path`` stands for; any other value as it is."""
    if path == "world" and isinstance(value, str):
        return {"name": value}
    if path == "turns" and isinstance(value, int) and not isinstance(value, bool):
        return {"min": value, "max": value}
    if path.startswith("models.") and path.count(".") == 1 and isinstance(value, str):
        return {"model": value}
    return value
