"""The operator ``refer_back``: what an earlier turn showed is referred to, and not said again."""

from __future__ import annotations

import random
from collections.abc import Iterator

from graphs.noise.proving import proved
from graphs.noise.sampled import SaidName, SampledTurn, gives_away
from graphs.records.query import Noise
from graphs.taking import taking
from tools.base import Json, canonical_json
from tools.origin import ArgumentOrigin, Selector
from tools.paths import json_type
from tools.reading import values_at
from tools.trace import Step, Trace
from tools.wording import labels


def refer_back(turn: SampledTurn, rng: random.Random) -> tuple[Trace, Noise] | None:
    """The turn in which one value is meant from an earlier turn whose result showed it, unique there. None where
    nothing can be referred to, or where the turn would go on with earlier ones in another way than it is meant to."""
    if turn.has_failures:
        return None
    names = list(turn.said_names())
    rng.shuffle(names)
    for name in names:
        for origin in _shown_before(turn, name):
            steps = tuple(taking(step, name.value, origin) for step in turn.trace.steps)
            trace = proved(turn, steps, name.value)
            if trace is not None:
                return trace, Noise(operator="refer_back", detail=labels(turn.graph.specs[name.tool])[name.parameter])
    return None


def _shown_before(turn: SampledTurn, name: SaidName) -> Iterator[ArgumentOrigin]:
    """The ways to mean the value as what the latest fitting call of earlier turns has shown; a thing without a
    description only where no other earlier call has shown another one of its kind."""
    offers = [list(_offered(turn, name, step)) for step in reversed(turn.history)]
    fitting = [found for found in offers if found]
    plain = {canonical_json(value) for found in fitting for value, origin in found if _plain(origin)}
    for value, origin in fitting[0] if fitting else ():
        unique = len(plain) == 1 if _plain(origin) else _picked(origin.selector, value)
        if unique and canonical_json(value) == canonical_json(name.value):
            yield origin


def _offered(turn: SampledTurn, name: SaidName, step: Step) -> Iterator[tuple[Json, ArgumentOrigin]]:
    """What an earlier call has shown for the parameter, by the edges of the graph."""
    wanted = json_type(turn.graph.specs[name.tool].properties[name.parameter])
    for edge in turn.graph.sources(name.tool, name.parameter):
        if edge.producer == step.call.name:
            yield from values_at(step, edge.path, "earlier_turn", wanted, opaque=edge.opaque)


def _picked(selector: Selector | None, value: Json) -> bool:
    """Whether a person could pick the entry without saying the value, whatever the order of the list is."""
    if selector is None or selector.kind == "first":
        return False
    return selector.kind != "equals" or not gives_away(selector, value)


def _plain(origin: ArgumentOrigin) -> bool:
    return origin.selector is None or origin.selector.kind == "only"
