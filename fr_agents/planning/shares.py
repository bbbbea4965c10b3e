"""Shares that hold early: sequences of low discrepancy in place of independent draws, and turns drawn in blocks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fr_agents.config.run import TurnsSettings
from tools.base import generator

# Independent irrational steps, so that two kinds of share do not go hand in hand. Both are badly approximable by
# fractions, which keeps the discrepancy low over any stretch of the sequence.
_STEPS = {"relation": (math.sqrt(5) - 1) / 2, "error": math.sqrt(2) - 1}


class EvenDraws:
    """Numbers between 0 and 1, one for each ordinal, that fall into any interval about as often as its length says,
    already after few of them. ``kind`` is ``relation`` or ``error``."""

    def __init__(self, seed: int, kind: str) -> None:
        self._step = _STEPS[kind]
        self._offset = generator(seed, "shares", kind).random()

    def at(self, ordinal: int) -> float:
        """The number of an ordinal, counted from 0."""
        return math.fmod(self._offset + ordinal * self._step, 1.0)


def pick(number: float, weights: Mapping[str, float]) -> str:
    """The key in whose part of the whole ``number`` (from 0 to 1) falls; only proportions of the weights count."""
    left = number * sum(weights.values())
    possible = [key for key, weight in weights.items() if weight > 0]
    for key in possible:
        left -= weights[key]
        if left < 0:
            return key
    return possible[-1]


class TurnCounts:
    """How many turns each job has, and how many the jobs before it have together.

    In every block of jobs each number occurs once, in a drawn order: so the sum is known without a look at all jobs.
    """

    def __init__(self, turns: TurnsSettings, seed: int) -> None:
        self._numbers = range(turns.min, turns.max + 1)
        self._seed = seed

    def of(self, job: int) -> int:
        """The turns of a job."""
        block, place = divmod(job, len(self._numbers))
        return self._block(block)[place]

    def before(self, job: int) -> int:
        """The turns of all jobs before it."""
        block, place = divmod(job, len(self._numbers))
        return block * sum(self._numbers) + sum(self._block(block)[:place])

    def _block(self, number: int) -> list[int]:
        found = list(self._numbers)
        generator(self._seed, "turns", number).shuffle(found)
        return found
