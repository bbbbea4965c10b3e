"""Gives a call its arguments, each with its origin: from an earlier output, or from what the user could say."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tools.base import Json, JsonObject, Record, canonical_json
from tools.graph import Edge
from tools.intent import Constraints
from tools.needs import Needs
from tools.origin import ArgumentOrigin
from tools.paths import json_type, resolve
from tools.reading import entry_at, plain_value, values_at
from tools.reference import belongs_to_session, said_names
from tools.seen import Seen
from tools.signing_in import signs_in
from tools.trace import Step
from tools.wording import words


# Last words of names that say nothing of what the thing is.
_EMPTY_WORDS = frozenset({"id", "name", "number", "code", "type", "label", "title", "text", "status"})


class Binding(Record):
    """Arguments for one call, and where each comes from."""

    arguments: JsonObject
    origins: dict[str, ArgumentOrigin]


@dataclass(frozen=True)
class Supply:
    """What arguments can be made from: the steps of this turn, those of earlier turns, and the user's values."""

    needs: Needs
    steps: Sequence[Step]
    earlier: Sequence[Step] = ()
    seen: Seen | None = None
    constraints: Constraints = field(default_factory=Constraints)

    def produced(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        """Values that outputs hold for a parameter: of this turn, unused and recent ones first, then of earlier turns.

        Of earlier turns only the latest fitting output counts, and only for what the user would not say by its value:
        "that booking" is natural, "that city" hides which.
        """
        slot = (tool, parameter)
        other = self.constraints.other.get(slot, frozenset()) | self._of_somebody_else(tool, parameter)
        if slot not in self.constraints.earlier:
            yield from (item for item in self._of_turn(tool, parameter) if canonical_json(item[0]) not in other)
        if self._from_earlier(tool, parameter):
            yield from (item for item in self._of_earlier(tool, parameter) if canonical_json(item[0]) not in other)

    def first_value(self, tool: str, parameter: str, taken: Collection[str] = ()) -> str | None:
        """The first value that some output holds for the parameter, none of ``taken``, all as canonical JSON."""
        values = (canonical_json(value) for value, _ in self.produced(tool, parameter))
        return next((value for value in values if value not in taken), None)

    def given(self, tool: str, parameter: str, rng: random.Random, chosen: JsonObject) -> list[Json]:
        """Values that the user could say, those to be used again first."""
        slot = (tool, parameter)
        if slot in self.constraints.said:
            return [self.constraints.said[slot]]
        schema = self.needs.graph.specs[tool].properties[parameter]
        found = self.needs.pools.candidates(tool, parameter, schema, rng, self.seen, chosen)
        other = self.constraints.other.get(slot, frozenset())
        found = [value for value in found if canonical_json(value) not in other]
        kept = self.constraints.kept.get(slot, self._said_before(tool, parameter))
        stale = self._topics if self.constraints.fresh else frozenset()
        return sorted(found, key=lambda value: (value != kept, canonical_json(value) in stale))

    def _said_before(self, tool: str, parameter: str) -> Json:
        """What the user has called this in an earlier call of the turn: it is still about the same one (rule 3). Who
        signs in is the same one in all turns."""
        signing = signs_in(self.needs.graph.specs[tool])
        for step in (*reversed(self.steps), *(reversed(self.earlier) if signing else ())):
            origin = step.origins.get(parameter)
            if origin is not None and origin.kind == "query" and (step.call.name == tool or not signing):
                return step.call.arguments[parameter]
        return None

    @cached_property
    def _topics(self) -> frozenset[str]:
        """What earlier turns were about, as far as their users said it (canonical JSON)."""
        specs = self.needs.graph.specs
        return frozenset(
            canonical_json(step.call.arguments[name]) for step in self.earlier for name in said_names(step, specs)
        )

    def _of_somebody_else(self, tool: str, parameter: str) -> frozenset[str]:
        """Looked-up values that are not for this parameter: the id that somebody signed in with is nobody whom he
        writes to, and the other way round."""
        if belongs_to_session(parameter):
            return frozenset()
        specs = self.needs.graph.specs
        signing = signs_in(specs[tool])
        return frozenset(
            canonical_json(step.call.arguments[name])
            for step in (*self.steps, *self.earlier)
            if signs_in(specs[step.call.name]) != signing
            for name, origin in step.origins.items()
            if origin.observed
        )

    def agrees(self, origin: ArgumentOrigin, beside: JsonObject) -> bool:
        """Whether the call and the entry that a value comes from are about the same as other arguments of the call that
        takes it: the price of one stock is no price for another, nor the date of a trip one to ask another city's
        weather for."""
        steps = {step.call.id: step for step in (*self.earlier, *self.steps)}
        for part in origin.observed:
            source = steps[str(part.source)]
            about = {**source.call.arguments, **entry_at(source.observation.content, part.path or "", part.selector)}
            for name, value in beside.items():
                same_kind = [text for key, text in about.items() if _same_kind(key, name)]
                if isinstance(value, str) and same_kind and value not in same_kind and not belongs_to_session(name):
                    return False
        return True

    def _of_turn(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        only = self.constraints.sources.get((tool, parameter))
        used = {source for step in self.steps for source in step.sources()}
        newest_first = [step for step in reversed(self.steps) if only in (None, step.call.id)]
        for step in sorted(newest_first, key=lambda step: step.call.id in used):
            for edge in self._edges(step, tool, parameter):
                yield from values_at(step, edge.path, "observation", wanted, opaque=edge.opaque)

    def _from_earlier(self, tool: str, parameter: str) -> bool:
        slot = (tool, parameter)
        if slot in self.constraints.earlier or belongs_to_session(parameter):
            return True
        opaque = self.needs.graph.opaque(tool, parameter)
        return opaque and not self.constraints.fresh and slot not in self.constraints.sources

    def _of_earlier(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        asked = (tool, parameter) in self.constraints.earlier
        for step in reversed(self.earlier):
            if asked:
                found = [
                    item
                    for edge in self._edges(step, tool, parameter)
                    for item in values_at(step, edge.path, "earlier_turn", wanted, opaque=edge.opaque)
                ]
            else:
                edges = self._edges(step, tool, parameter)
                found = [item for edge in edges for item in plain_value(step, edge.path, wanted)][:1]
            if found:
                yield from found
                return

    def _edges(self, step: Step, tool: str, parameter: str) -> Iterator[Edge]:
        return (edge for edge in self.needs.edges(tool, parameter) if edge.producer == step.call.name)


def _same_kind(one: str, other: str) -> bool:
    """Whether two names name the same kind of thing: ``arrival_city`` and ``city`` do, two ids only where they are of
    the same thing."""
    left, right = words(one), words(other)
    return left == right or (left[-1:] == right[-1:] and not _EMPTY_WORDS.intersection(left[-1:]))


def bind(supply: Supply, tool: str, rng: random.Random) -> Binding | None:
    """Arguments for a call of ``tool``, from outputs and from the user as the needs say.

    Two parameters never get the same looked-up value. None where a parameter has no value.
    """
    spec, needs = supply.needs.graph.specs[tool], supply.needs.of(tool)
    arguments: JsonObject = {}
    origins: dict[str, ArgumentOrigin] = {}
    taken: set[str] = set()
    for name in spec.properties:
        if name in needs.produced:
            options = [item for item in supply.produced(tool, name) if canonical_json(item[0]) not in taken]
            options = [item for item in options if supply.agrees(item[1], arguments)]
            if not options:
                return None
            arguments[name], origins[name] = _one_of_best(options, rng)
            taken.add(canonical_json(arguments[name]))
        elif name in needs.given:
            candidates = supply.given(tool, name, rng, arguments)
            fresh = [item for item in candidates if canonical_json(item) not in taken] or candidates
            if not fresh:
                return None
            arguments[name], origins[name] = fresh[0], ArgumentOrigin(kind="query")
            if isinstance(fresh[0], str):
                taken.add(canonical_json(fresh[0]))
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
