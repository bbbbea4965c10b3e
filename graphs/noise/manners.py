"""The operators that only change how a request is worded. What they are told is data of ``graphs.noise.words``."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from graphs.noise.words import DISTRACTORS, PERSONAS, STYLES
from graphs.records.query import Noise
from graphs.settings import NoiseSettings
from tools.base import Json
from tools.paths import leaf_values
from tools.provenance import said_in
from tools.trace import Trace


def persona(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """Somebody in particular speaks."""
    return _one_of("persona", PERSONAS, trace, rng)


def style(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """The request is terse, chatty, formal, ..."""
    return _one_of("style", STYLES, trace, rng)


def language(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """The request is in another language."""
    return _one_of("language", settings.languages, trace, rng)


def indirect(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """The request tells what is needed, or why, rather than what to do."""
    return Noise(operator="indirect")


def fuse(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """Several things are asked for in one sentence; nothing for a turn that asks for one."""
    return Noise(operator="fuse") if len(trace.sinks()) > 1 else None


def distractor(trace: Trace, settings: NoiseSettings, rng: random.Random) -> Noise | None:
    """A sentence stands in the request that asks for nothing and tells nothing that matters."""
    return _one_of("distractor", DISTRACTORS, trace, rng)


def _one_of(operator: str, details: Iterable[str], trace: Trace, rng: random.Random) -> Noise | None:
    """A detail that says no value of the turn: neither one that has to be looked up, nor another one by chance."""
    values = list(_values(trace))
    fitting = [detail for detail in details if not any(said_in(value, detail) for value in values)]
    return Noise(operator=operator, detail=rng.choice(fitting)) if fitting else None


def _values(trace: Trace) -> Iterator[Json]:
    """The values of the turn that a text could say."""
    for step in trace.steps:
        for _, value in leaf_values(step.call.arguments):
            if value not in (None, "") and not isinstance(value, bool):
                yield value
