"""What could be called in a world next, as the baselines and the search for shortest plans see it.

It is kept apart from the sampler's own walk on purpose: what measures the walk must not share its mistakes.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from envs.world import World
from tools.base import Json, JsonObject, canonical_json
from tools.call import Observation, ToolCall
from tools.graph import ApiGraph
from tools.paths import KEY, entries_of, json_type, leaf_values
from tools.plausible import plausible_values
from tools.pools import Pools

_MOST_VALUES = 6
_OPTIONAL = 0.3
_MADE_UP = ("1", "abc", "main")


@dataclass(frozen=True)
class Situation:
    """A world, and what its user has seen of it so far: tools with what they returned."""

    world: World
    seen: tuple[tuple[str, Json], ...] = ()

    @cached_property
    def pools(self) -> Pools:
        """What its user could say."""
        return Pools(self.world.known_values())

    def after(self, tool: str, arguments: JsonObject) -> Situation | None:
        """The situation after a call; none where it fails."""
        world, observation = called(self.world, tool, arguments)
        return None if observation.failed else Situation(world, (*self.seen, (tool, observation.content)))


def called(world: World, tool: str, arguments: JsonObject) -> tuple[World, Observation]:
    """The world after a call, made in a fork, and what the call returned."""
    fork = world.fork()
    return fork, fork.execute(ToolCall(id="call", name=tool, arguments=arguments))


def legal_arguments(graph: ApiGraph, situation: Situation, tool: str, rng: random.Random) -> Iterator[JsonObject]:
    """Arguments for a tool in random order: what a system made as it was seen, the rest as the user knows it or as it
    was seen. None where a required value is neither."""
    spec = graph.specs[tool]
    options: dict[str, list[Json]] = {}
    for name, schema in spec.properties.items():
        values = _shown(graph, situation, tool, name, json_type(schema))
        if not graph.opaque(tool, name):
            values += situation.pools.candidates(tool, name, schema, rng)
        unique = list({canonical_json(value): value for value in values}.values())
        rng.shuffle(unique)
        if unique and (name in spec.required or rng.random() < _OPTIONAL):
            options[name] = unique[:_MOST_VALUES]
    if options.keys() >= set(spec.required):
        yield from _products(options, rng)


def any_arguments(graph: ApiGraph, situation: Situation, tool: str, rng: random.Random) -> JsonObject:
    """Arguments as somebody makes them up who heeds nothing but the types: anything that the user knows, that was seen
    under any name, or that is plausible."""
    arguments: JsonObject = {}
    spec = graph.specs[tool]
    for name, schema in spec.properties.items():
        if name not in spec.required and rng.random() >= _OPTIONAL:
            continue
        values = situation.pools.candidates(tool, name, schema, rng) or list(plausible_values(name, schema, rng))
        seen = [leaf for _, content in situation.seen for _, leaf in leaf_values(content)]
        seen = [value for value in seen if _is_of_type(value, json_type(schema))]
        choices = [part for part in (values, seen) if part] or [list(_MADE_UP)]
        arguments[name] = rng.choice(rng.choice(choices))
    return arguments


def values_at(content: Json, path: str) -> Iterator[Json]:
    """Every value that stands at a path, whichever entry of a list or table it is in."""
    key, _, rest = path.partition(".")
    if not path:
        yield content
    elif key == KEY:
        yield from content if isinstance(content, dict) else ()
    elif key == "*":
        for entry in entries_of(content):
            yield from values_at(entry, rest)
    elif isinstance(content, dict) and key in content:
        yield from values_at(content[key], rest)
    elif isinstance(content, list) and key.isdecimal() and int(key) < len(content):
        yield from values_at(content[int(key)], rest)


def _shown(graph: ApiGraph, situation: Situation, tool: str, parameter: str, wanted: str | None) -> list[Json]:
    """The values for a parameter that outputs hold, by the edges of the graph."""
    paths = [(edge.producer, edge.path) for edge in graph.sources(tool, parameter)]
    found = [
        value
        for name, path in paths
        for producer, content in situation.seen
        if producer == name
        for value in values_at(content, path)
    ]
    if wanted == "array":
        found = [value if isinstance(value, list) else [value] for value in found]
    return [value for value in found if value is not None and value not in ("", [], {})]


def _products(options: dict[str, list[Json]], rng: random.Random) -> Iterator[JsonObject]:
    products = [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]
    rng.shuffle(products)
    yield from products


def _is_of_type(value: Json, wanted: str | None) -> bool:
    if isinstance(value, bool) or value is None:
        return wanted == "boolean" and value is not None
    if isinstance(value, int | float):
        return wanted in ("integer", "number") and (wanted == "number" or isinstance(value, int))
    return wanted == "string" and isinstance(value, str)
