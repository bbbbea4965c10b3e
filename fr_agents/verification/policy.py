"""What must hold of a turn's calls by the rules of the house."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.verification.before import Before
from graphs.records import Turn
from graphs.validation.policy import forbidden


def verify_policy(turn: Turn, before: Before) -> Iterator[str]:
    """Which rule the gold calls break, and which the accepted ones."""
    for which, steps in (("gold", turn.gold_steps), ("accepted", turn.steps)):
        if broken := forbidden(before.start, steps):
            yield f"the {which} calls break a rule of the house: {broken}"
