"""Made-up tool catalogues of any size, shaped like collections of real ones: many small services whose tools depend on
one another, mostly in one direction, and now and then on another service's.

A service begins with a tool that needs nothing (it signs in, or lists things). A later tool may check a state that one
of a few earlier ones establishes, needs values that only earlier ones give, from any of several, and takes others that
a user could say as well.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tools.base import JsonObject, generator
from tools.graph import ApiGraph, Edge, EdgeKind
from tools.pools import KnownValue
from tools.spec import ToolSpec

_SMALLEST, _LARGEST = 8, 40
_STATE_NEED, _SECOND_VALUE, _BREAKS, _ELSEWHERE, _BACKWARDS = 0.6, 0.6, 0.3, 0.1, 0.05
_PRODUCERS = (2, 5)
_OFFERS = (2, 4)
_TEXT = {"type": "string"}
_VALUES = 5


@dataclass
class Catalogue:
    """A made-up set of tools, the ``edges`` between them, and what a user of them could say (``known``)."""

    specs: list[ToolSpec] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    known: list[KnownValue] = field(default_factory=list)

    def graph(self) -> ApiGraph:
        """The API graph of the whole catalogue."""
        return ApiGraph(self.specs, self.edges)


def made_up(count: int, seed: int = 0) -> Catalogue:
    """A catalogue of ``count`` tools, about ten edges each. The same for the same arguments."""
    rng = generator("catalogue", count, seed)
    catalogue = Catalogue()
    service = 0
    while len(catalogue.specs) < count:
        size = min(rng.randint(_SMALLEST, _LARGEST), count - len(catalogue.specs))
        _add_service(catalogue, [f"service_{service}_tool_{number}" for number in range(size)], rng)
        service += 1
    return catalogue


def result_of(tool: str, number: int) -> JsonObject:
    """What the made-up tool returns when it is called as the ``number``-th call."""
    return {"value": f"{tool}-{number}"}


def _add_service(catalogue: Catalogue, names: Sequence[str], rng: random.Random) -> None:
    for position, name in enumerate(names):
        edges = list(_incoming(catalogue, names, position, rng)) if position else []
        parameters = dict.fromkeys(edge.parameter for edge in edges if edge.parameter is not None)
        catalogue.edges += edges
        catalogue.specs.append(_spec(name, [*parameters, "text"], write=rng.random() < 1 / 2))
        offered = {edge.parameter for edge in edges if edge.kind == "offers"}
        catalogue.known += [
            KnownValue(parameter=f"{name}.{parameter}", value=f"{parameter} {number}")
            for parameter in ("text", *sorted(filter(None, offered)))
            for number in range(_VALUES)
        ]


def _incoming(catalogue: Catalogue, names: Sequence[str], position: int, rng: random.Random) -> Iterator[Edge]:
    """The edges into the tool at a position of its service."""
    tool = names[position]
    if rng.random() < _STATE_NEED:
        for producer in rng.sample(names[:position], min(position, rng.randint(1, 2))):
            yield Edge(producer=producer, consumer=tool, need=1)
    yield from _values(catalogue, names, position, "item_id", "enables", rng)
    if rng.random() < _SECOND_VALUE:
        yield from _values(catalogue, names, position, "part_id", "enables", rng)
    yield from _values(catalogue, names, position, "subject", "offers", rng)
    if rng.random() < _BREAKS:
        yield Edge(producer=rng.choice(names), consumer=tool, need=1, kind="breaks")


def _values(
    catalogue: Catalogue, names: Sequence[str], position: int, parameter: str, kind: EdgeKind, rng: random.Random
) -> Iterator[Edge]:
    """Several tools that give a parameter its value: earlier ones, few later ones, few of other services."""
    wanted = rng.randint(*(_PRODUCERS if kind == "enables" else _OFFERS))
    producers = rng.sample(names[:position], min(position, wanted))
    if rng.random() < _BACKWARDS:
        producers.append(rng.choice(names[position:]))
    if catalogue.specs and rng.random() < _ELSEWHERE:
        producers.append(rng.choice(catalogue.specs).name)
    for producer in dict.fromkeys(producers):
        yield Edge(
            producer=producer, consumer=names[position], path="value", parameter=parameter, kind=kind,
            opaque=kind == "enables", evidence=("observed",), score=round(rng.uniform(0.6, 1), 2),
        )  # fmt: skip


def _spec(name: str, parameters: Sequence[str], *, write: bool) -> ToolSpec:
    return ToolSpec(
        name=name,
        description=f"Does what {name.replace('_', ' ')} does.",
        parameters={"type": "object", "properties": dict.fromkeys(parameters, _TEXT), "required": list(parameters)},
        returns={"type": "object", "properties": {"value": _TEXT}},
        effect="write" if write else "read",
    )
