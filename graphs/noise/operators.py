"""The table of all operators, and which of them a turn gets."""

from __future__ import annotations

import random
from collections.abc import Callable

from graphs.noise.describing import describe
from graphs.noise.manners import distractor, fuse, indirect, language, persona, style
from graphs.noise.referring import refer_back
from graphs.noise.sampled import SampledTurn
from graphs.records.query import Noise
from graphs.settings import NoiseSettings
from tools.base import generator
from tools.trace import Trace

TraceOperator = Callable[[SampledTurn, random.Random], tuple[Trace, Noise] | None]
WordOperator = Callable[[Trace, NoiseSettings, random.Random], Noise | None]

# Each takes a value out of what the user says, and gives the trace in which it is found by other means.
TRACE_OPERATORS: dict[str, TraceOperator] = {"describe": describe, "refer_back": refer_back}

# Each tells the querying role how to word the request.
WORD_OPERATORS: dict[str, WordOperator] = {
    "persona": persona,
    "style": style,
    "language": language,
    "indirect": indirect,
    "fuse": fuse,
    "distractor": distractor,
}

# All by name, in the order in which they are applied.
OPERATORS = (*TRACE_OPERATORS, *WORD_OPERATORS)


def drawn(settings: NoiseSettings, seed: int, turn: int) -> tuple[str, ...]:
    """The operators of a turn of the job with this ``seed``: each by its own share and its own generator, so that
    another share for one operator changes no other operator's turns."""
    shares = ((name, getattr(settings, name)) for name in OPERATORS)
    return tuple(name for name, share in shares if share and _rng(seed, turn, name, "share").random() < share)


def choosing(seed: int, turn: int, operator: str) -> random.Random:
    """The generator by which an operator chooses what it does in a turn."""
    return _rng(seed, turn, operator, "choice")


def _rng(seed: int, turn: int, operator: str, use: str) -> random.Random:
    return generator(seed, "noise", turn, operator, use)
