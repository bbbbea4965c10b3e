"""Gives a call its arguments, each with its origin: from an earlier output, or from what the user could say."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tools.base import Json, JsonObject, Record, canonical_json
from tools.graph import ApiGraph, Edge
from tools.origin import ArgumentOrigin, Selector
from tools.paths import json_type, resolve
from tools.pools import OPAQUE_WORDS, Pools
from tools.trace import Step
from tools.wording import words

_LONGEST_SAYABLE = 60


class Binding(Record):
    """Arguments for one call, and where each comes from."""

    arguments: JsonObject
    origins: dict[str, ArgumentOrigin]


@dataclass(frozen=True)
class Supply:
    """What arguments can be made from: the steps of this turn, those of earlier turns, and the user's values."""

    graph: ApiGraph
    pools: Pools
    steps: Sequence[Step]
    earlier: Sequence[Step] = ()

    def produced(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        """Values that outputs hold for a parameter: of this turn, unused and recent ones first, then of earlier turns.

        Of earlier turns only the latest fitting output counts, and only for what the user would not say by its value:
        "that booking" is natural, "that city" hides which.
        """
        wanted = json_type(self.graph.specs[tool].properties[parameter])
        used = {source for step in self.steps for source in step.sources()}
        newest_first = self.steps[::-1]
        unused = [step for step in newest_first if step.call.id not in used]
        for step in (*unused, *(step for step in newest_first if step.call.id in used)):
            for edge in self._edges(step, tool, parameter):
                yield from _values(step, edge, "observation", wanted)
        if not self.pools.opaque(tool, parameter):
            return
        for step in reversed(self.earlier):
            values = [item for edge in self._edges(step, tool, parameter) for item in _plain_value(step, edge, wanted)]
            if values:
                yield values[0]
                return

    def first_value(self, tool: str, parameter: str, taken: Collection[str] = ()) -> str | None:
        """The first value that some output holds for the parameter, none of ``taken``, all as canonical JSON."""
        values = (canonical_json(value) for value, _ in self.produced(tool, parameter))
        return next((value for value in values if value not in taken), None)

    def _edges(self, step: Step, tool: str, parameter: str) -> Iterator[Edge]:
        return (edge for edge in self.graph.sources(tool, parameter) if edge.producer == step.call.name)


def bind(
    supply: Supply, tool: str, produced: Collection[str], given: Collection[str], rng: random.Random
) -> Binding | None:
    """Arguments for a call of ``tool``: ``produced`` parameters from outputs, ``given`` ones from the user.

    Two parameters never get the same looked-up value. None where a parameter has no value.
    """
    spec = supply.graph.specs[tool]
    arguments: JsonObject = {}
    origins: dict[str, ArgumentOrigin] = {}
    taken: set[str] = set()
    for name, schema in spec.properties.items():
        if name in produced:
            options = [item for item in supply.produced(tool, name) if canonical_json(item[0]) not in taken]
            if not options:
                return None
            value, origins[name] = _one_of_best(options, rng)
            taken.add(canonical_json(value))
        elif name in given:
            candidates = supply.pools.candidates(tool, name, schema, rng)
            fresh = [item for item in candidates if canonical_json(item) not in taken] or candidates
            if not fresh:
                return None
            value, origins[name] = fresh[0], ArgumentOrigin(kind="query")
            if isinstance(value, str):
                taken.add(canonical_json(value))
        else:
            continue
        arguments[name] = value
    return Binding(arguments=arguments, origins=origins)


def rebind(step: Step, contents: dict[str, Json]) -> JsonObject:
    """The step's arguments once more, with observed ones read anew from ``contents`` (by call id).

    Raises:
        LookupError: a source is gone, or holds nothing there any more.
    """
    arguments = dict(step.call.arguments)
    for name, origin in step.origins.items():
        if origin.kind == "observation":
            arguments[name] = _read(origin, contents)
        elif origin.kind == "composed" and origin.observed:
            arguments[name] = [_read(part, contents) for part in origin.parts]
    return arguments


def _read(origin: ArgumentOrigin, contents: dict[str, Json]) -> Json:
    if origin.source not in contents:
        raise LookupError(f"call {origin.source} is gone")
    return resolve(contents[origin.source], origin.path or "", origin.selector)


def _one_of_best(options: list[tuple[Json, ArgumentOrigin]], rng: random.Random) -> tuple[Json, ArgumentOrigin]:
    """One of the choices that the best source offers."""
    best = options[0][1].observed[0].source
    return rng.choice([item for item in options if item[1].observed[0].source == best])


def _values(step: Step, edge: Edge, kind: str, wanted: str | None) -> Iterator[tuple[Json, ArgumentOrigin]]:
    """Every value that the edge's path can take from a step, with the selector that a user could say for it."""
    keys = edge.path.split(".") if edge.path else []
    if keys.count("*") > 1:
        return
    selectors: list[Selector | None] = [None]
    if "*" in keys:
        position = keys.index("*")
        try:
            entries = resolve(step.observation.content, ".".join(keys[:position]))
        except LookupError:
            return
        selectors = list(_selectors(entries, keys[-1]))
    for selector in selectors:
        try:
            value = resolve(step.observation.content, edge.path, selector)
        except LookupError:
            continue
        if value is None or value in ("", [], {}):
            continue
        origin = ArgumentOrigin.model_validate(
            {"kind": kind, "source": step.call.id, "path": edge.path, "selector": selector}
        )
        if wanted == "array" and not isinstance(value, list):
            yield [value], ArgumentOrigin(kind="composed", parts=(origin,))
        elif wanted == "array" or not isinstance(value, list | dict):
            yield value, origin


def _plain_value(step: Step, edge: Edge, wanted: str | None) -> Iterator[tuple[Json, ArgumentOrigin]]:
    """A value of an earlier turn that needs no selector to be meant."""
    for value, origin in _values(step, edge, "earlier_turn", wanted):
        if all(part.selector is None or part.selector.kind == "only" for part in origin.observed):
            yield value, origin


def _selectors(entries: Json, leaf: str) -> Iterator[Selector]:
    """The ways to name one entry of a list: by an extreme number, or by a field that tells it from the others."""
    if not isinstance(entries, list) or not entries:
        return
    if len(entries) == 1:
        yield Selector(kind="only")
        return
    rows = [entry for entry in entries if isinstance(entry, dict)]
    if len(rows) != len(entries):
        yield Selector(kind="first")
        return
    for field in rows[0]:
        if field == leaf or OPAQUE_WORDS.intersection(words(field)[-1:]) or not all(field in row for row in rows):
            continue
        yield from _field_selectors(field, [row[field] for row in rows])


def _field_selectors(field: str, values: list[Json]) -> Iterator[Selector]:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        if values.count(min(values)) == 1:
            yield Selector(kind="min", field=field)
        if values.count(max(values)) == 1:
            yield Selector(kind="max", field=field)
        return
    for value in values:
        if isinstance(value, str) and values.count(value) == 1 and _sayable(value):
            yield Selector(kind="equals", field=field, value=value)


def _sayable(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_SAYABLE and '"' not in value and "\n" not in value
