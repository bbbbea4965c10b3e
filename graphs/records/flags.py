"""Marks on whole records, by which training data is picked."""

from __future__ import annotations

from collections.abc import Iterable

from graphs.records.trajectory import Turn

ERROR_TOOL_RESPONSE = "error_tool_response"


def flags_of(turns: Iterable[Turn]) -> tuple[str, ...]:
    """The flags that a trajectory of these turns bears: ``error_tool_response`` where an accepted call failed, so that
    the conversation shows a tool's error and the way on from it."""
    failed = any(step.observation.failed for turn in turns for step in turn.steps)
    return (ERROR_TOOL_RESPONSE,) if failed else ()
