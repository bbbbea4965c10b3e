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
from tools.graph import ApiGraph, Edge
from tools.pools import KnownValue
from tools.spec import ToolSpec

_SMALLEST, _LARGEST = 8, 40
# How often a tool only reads, checks a state, has a second id, loses its state to another tool; and how often a value
# comes from another service as well, or from a later tool.
_READS, _STATE_NEED, _SECOND_ID, _BREAKS, _ELSEWHERE, _BACKWARDS = 0.6, 0.6, 0.6, 0.5, 0.1, 0.05
_PRODUCERS = (1, 4)
_IDS, _SUBJECT, _TOPIC = ("item_id", "part_id"), "subject", "topic"
_THINGS = {"item_id": "item-1", "part_id": "part-1", _SUBJECT: "subject 1"}
_TOPICS = tuple(f"topic {number}" for number in range(5))
_TEXT = {"type": "string"}


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
        _add_service(catalogue, _Service.drawn(f"service_{service}", size, rng), rng)
        service += 1
    return catalogue


def result() -> JsonObject:
    """What any of the tools returns: all of them are about the same few things."""
    return dict(_THINGS)


@dataclass(frozen=True)
class _Service:
    """Tools by their names, the later ones standing on the earlier ones, and which of them only read."""

    names: tuple[str, ...]
    reads: frozenset[str]

    @classmethod
    def drawn(cls, name: str, size: int, rng: random.Random) -> _Service:
        names = tuple(f"{name}_tool_{number}" for number in range(size))
        return cls(names, frozenset(tool for tool in names if tool == names[0] or rng.random() < _READS))

    def some(self, before: int, rng: random.Random) -> list[str]:
        """A few tools before a position, at least one of which only reads: what is asked for can be looked up."""
        earlier = self.names[:before]
        chosen = rng.sample(earlier, min(before, rng.randint(*_PRODUCERS)))
        return list(dict.fromkeys([rng.choice([tool for tool in earlier if tool in self.reads]), *chosen]))


def _add_service(catalogue: Catalogue, service: _Service, rng: random.Random) -> None:
    for position, name in enumerate(service.names):
        edges = list(_incoming(catalogue, service, position, rng)) if position else []
        parameters = dict.fromkeys(edge.parameter for edge in edges if edge.parameter is not None)
        catalogue.edges += edges
        catalogue.specs.append(_spec(name, [*parameters, _TOPIC], write=name not in service.reads))
        sayable = [parameter for parameter in (*parameters, _TOPIC) if parameter not in _IDS]
        catalogue.known += [
            KnownValue(parameter=f"{name}.{parameter}", value=value)
            for parameter in sayable
            for value in ([_THINGS[parameter]] if parameter in _THINGS else _TOPICS)
        ]


def _incoming(catalogue: Catalogue, service: _Service, position: int, rng: random.Random) -> Iterator[Edge]:
    """The edges into the tool at a position of its service."""
    tool = service.names[position]
    if rng.random() < _STATE_NEED:
        for producer in rng.sample(service.names[:position], min(position, rng.randint(1, 2))):
            yield Edge(producer=producer, consumer=tool, need=1, evidence=("probed",))
        if rng.random() < _BREAKS:
            yield Edge(producer=rng.choice(service.names), consumer=tool, need=1, kind="breaks", evidence=("probed",))
    for parameter in (*_IDS[: 1 + (rng.random() < _SECOND_ID)], _SUBJECT):
        producers = service.some(position, rng)
        if rng.random() < _BACKWARDS:
            producers.append(rng.choice(service.names[position:]))
        if catalogue.specs and rng.random() < _ELSEWHERE:
            producers.append(rng.choice(catalogue.specs).name)
        yield from (_value(producer, tool, parameter, rng) for producer in dict.fromkeys(producers))


def _value(producer: str, consumer: str, parameter: str, rng: random.Random) -> Edge:
    """An edge for a value: an id has to come from a tool, a subject could be said as well."""
    opaque = parameter in _IDS
    return Edge(
        producer=producer,
        consumer=consumer,
        path=parameter,
        parameter=parameter,
        kind="enables" if opaque else "offers",
        opaque=opaque,
        evidence=("observed",),
        score=round(rng.uniform(0.6, 1), 2),
    )


def _spec(name: str, parameters: Sequence[str], *, write: bool) -> ToolSpec:
    return ToolSpec(
        name=name,
        description=f"Does what {name.replace('_', ' ')} does.",
        parameters={"type": "object", "properties": dict.fromkeys(parameters, _TEXT), "required": list(parameters)},
        returns={"type": "object", "properties": dict.fromkeys(_THINGS, _TEXT)},
        effect="write" if write else "read",
    )
