"""What verified records come to: how many calls they have, and how many of their turns hide what they look up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from graphs.records import Trajectory, Turn
from tools.base import Record
from tools.implicit import implicit_values
from tools.trace import succeeded


class Purpose(Record):
    """Of turns that verify, and whose gold calls are needed therefore, one and all.

    Attributes:
        turns: Their number.
        calls: Their gold calls, without those that fail.
        implicit: Turns that look up a value that their user could have been asked for.
    """

    turns: int = 0
    calls: int = 0
    implicit: int = 0

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> Purpose:
        """Of some turns."""
        steps = [turn.gold_steps for turn in turns]
        return cls(
            turns=len(steps),
            calls=sum(len(succeeded(gold)) for gold in steps),
            implicit=sum(bool(implicit_values(gold)) for gold in steps),
        )

    def told(self) -> str:
        """In words, for a person."""
        share = round(100 * self.implicit / self.turns) if self.turns else 0
        calls = "1 call, which is needed" if self.calls == 1 else f"{self.calls:,} calls, all needed"
        return f"{calls} · {share} % of turns look up what a user could have been asked for"


def purpose_of_file(path: Path, records: int) -> Purpose:
    """Of the first ``records`` of a file that verifies. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return Purpose.of(turn for line in islice(file, records) for turn in Trajectory.model_validate_json(line).turns)
