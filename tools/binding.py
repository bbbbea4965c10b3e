"""Gives a call its arguments, each with its origin: from an earlier output, or from what the user could say."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from tools.base import Json, JsonObject, Record, canonical_json
from tools.graph import Edge
from tools.intent import Constraints, Slot
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
_EMPTY_WORDS = frozenset(
    {"id", "name", "number", "code", "type", "label", "title", "text", "status", "mode", "unit"}
    | {
        "date",
        "time",
        "day",
        "year",
        "amount",
        "content",
        "message",
        "comment",
        "description",
        "subject",
        "note",
        "body",
        "tag",
        "keyword",
    }
)
# The origins of what the user tells, in the request or by the system message.
_TOLD = ("query", "profile")


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
    _found: dict[Slot, list[tuple[Json, ArgumentOrigin]]] = field(default_factory=dict)

    def produced(self, tool: str, parameter: str) -> Sequence[tuple[Json, ArgumentOrigin]]:
        """Values that outputs hold for a parameter: of this turn, unused and recent ones first, then of earlier turns.

        Of earlier turns only the latest fitting output counts, and only for what the user would not say by its value:
        "that booking" is natural, "that city" hides which.
        """
        slot = (tool, parameter)
        if slot not in self._found:
            other = self.constraints.other.get(slot, frozenset()) | self._of_somebody_else(tool, parameter)
            found = [] if slot in self.constraints.earlier else list(self._of_turn(tool, parameter))
            if self._from_earlier(tool, parameter):
                found += self._of_earlier(tool, parameter)
            self._found[slot] = [item for item in found if canonical_json(item[0]) not in other]
        return self._found[slot]

    def first_value(self, tool: str, parameter: str, taken: Collection[str] = ()) -> str | None:
        """The first value that some output holds for the parameter, none of ``taken``, all as canonical JSON."""
        values = (canonical_json(value) for value, _ in self.produced(tool, parameter))
        return next((value for value in values if value not in taken), None)

    def given(
        self, tool: str, parameter: str, rng: random.Random, chosen: JsonObject, tried: Collection[str] = ()
    ) -> list[Json]:
        """Values that the user could say; what was said in a like call comes first, what was ``tried`` in vain last."""
        slot = (tool, parameter)
        unsaid = self.needs.pools.unsaid(tool, parameter)
        if slot in self.constraints.said and not unsaid:
            return [self.constraints.said[slot]]
        schema = self.needs.graph.specs[tool].properties[parameter]
        found = self.needs.pools.candidates(tool, parameter, schema, rng, self.seen, chosen)
        other = self.constraints.other.get(slot, frozenset())
        found = [value for value in found if canonical_json(value) not in other]
        kept = self.constraints.kept.get(slot, self._said_before(tool, parameter))
        stale = self._topics if self.constraints.fresh else frozenset()
        if slot in self.constraints.suggested and not unsaid:
            found = [self.constraints.suggested[slot], *found]

        def late(value: Json) -> tuple[bool, bool, bool]:
            key = canonical_json(value)
            return key in tried, value != kept, key in stale

        return sorted(found, key=late)

    def _said_before(self, tool: str, parameter: str) -> Json:
        """What the user has called this in an earlier call of the turn: it is still about the same one (rule 3). Who
        signs in is the same one in all turns."""
        signing = signs_in(self.needs.graph.specs[tool])
        for step in (*reversed(self.steps), *(reversed(self.earlier) if signing else ())):
            origin = step.origins.get(parameter)
            if origin is not None and origin.kind in _TOLD and (step.call.name == tool or not signing):
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

    def said(self, tool: str) -> JsonObject:
        """What the user says for a call of ``tool`` whatever else is chosen."""
        return {name: value for (owner, name), value in self.constraints.said.items() if owner == tool}

    def agrees(self, parameter: str, origin: ArgumentOrigin, beside: JsonObject) -> bool:
        """Whether the call and the entry that the value of ``parameter`` comes from are about the same as other
        arguments of the call that takes it: the price of one stock is no price for another, nor the date of a trip one
        to ask another city's weather for. Two of a kind in one call (from, to) are two on purpose."""
        steps = {step.call.id: step for step in (*self.earlier, *self.steps)}
        for part in origin.observed:
            source = steps[str(part.source)]
            about = {**source.call.arguments, **entry_at(source.observation.content, part.path or "", part.selector)}
            for name, value in beside.items():
                if _same_kind(name, parameter):
                    continue
                same_kind = [text for key, text in about.items() if _same_kind(key, name)]
                if isinstance(value, str) and same_kind and value not in same_kind:
                    return False
        return True

    def _of_turn(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        """Of outputs that show the same value, the first one gave it: the later ones told nothing new."""
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        only = self.constraints.sources.get((tool, parameter))
        used = {source for step in self.steps for source in step.sources()}
        shown: dict[str, str] = {}
        found: list[tuple[bool, int, Json, ArgumentOrigin]] = []
        for position, step in enumerate(self.steps):
            for edge in self._edges(step, self.needs.edges(tool, parameter)):
                for value, origin in values_at(step, edge.path, "observation", wanted, opaque=edge.opaque):
                    first = shown.setdefault(canonical_json(value), step.call.id)
                    if step.call.id == (only or first):
                        found.append((step.call.id in used, -position, value, origin))
        yield from ((value, origin) for _, _, value, origin in sorted(found, key=lambda item: item[:2]))

    def _from_earlier(self, tool: str, parameter: str) -> bool:
        slot = (tool, parameter)
        if slot in self.constraints.earlier or belongs_to_session(parameter):
            return True
        opaque = self.needs.graph.opaque(tool, parameter)
        return opaque and not self.constraints.fresh and slot not in self.constraints.sources

    def _of_earlier(self, tool: str, parameter: str) -> Iterator[tuple[Json, ArgumentOrigin]]:
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        asked = (tool, parameter) in self.constraints.earlier
        edges = self.needs.edges(tool, parameter) if asked else self.needs.graph.sources(tool, parameter)
        for step in reversed(self.earlier):
            if asked:
                found = [
                    item
                    for edge in self._edges(step, edges)
                    for item in values_at(step, edge.path, "earlier_turn", wanted, opaque=edge.opaque)
                ]
            else:
                plain = (plain_value(step, edge.path, wanted) for edge in self._edges(step, edges))
                found = list(chain.from_iterable(plain))[:1]
            if found:
                yield from found
                return

    @staticmethod
    def _edges(step: Step, edges: Sequence[Edge]) -> Iterator[Edge]:
        return (edge for edge in edges if edge.producer == step.call.name)


def _same_kind(one: str, other: str) -> bool:
    """Whether two names name the same kind of thing: ``arrival_city`` and ``city`` do, two ids only where they are of
    the same thing, and two mere names never."""
    left, right = words(one), words(other)
    if belongs_to_session(other) or left[-1:] != right[-1:]:
        return False
    return (left == right and len(left) > 1) or not _EMPTY_WORDS.intersection(left[-1:])


def bind(
    supply: Supply, tool: str, rng: random.Random, tried: Mapping[str, Collection[str]] | None = None
) -> Binding | None:
    """Arguments for a call of ``tool``: from outputs as the needs say, then from the user what goes with them;
    ``tried`` are the values (canonical JSON) of each parameter that were tried in vain.

    Two parameters never get the same looked-up value. None where a parameter has no value.
    """
    needs = supply.needs.of(tool)
    names = list(supply.needs.graph.specs[tool].properties)
    arguments: JsonObject = {}
    origins: dict[str, ArgumentOrigin] = {}
    taken: set[str] = set()
    for name in (name for name in names if name in needs.produced):
        options = [item for item in supply.produced(tool, name) if canonical_json(item[0]) not in taken]
        options = [item for item in options if supply.agrees(name, item[1], {**supply.said(tool), **arguments})]
        if not options:
            return None
        fresh = [item for item in options if canonical_json(item[0]) not in (tried or {}).get(name, ())]
        arguments[name], origins[name] = _one_of_best(fresh or options, rng)
        taken.add(canonical_json(arguments[name]))
    for name in (name for name in names if name in needs.given):
        candidates = supply.given(tool, name, rng, arguments, (tried or {}).get(name, ()))
        candidates = [item for item in candidates if canonical_json(item) not in taken] or candidates
        fitting = (
            item
            for item in candidates
            if all(supply.agrees(other, origin, {name: item}) for other, origin in origins.items())
        )
        value = next(fitting, None)
        if value is None:
            return None
        unsaid = supply.needs.pools.unsaid(tool, name)
        arguments[name], origins[name] = value, ArgumentOrigin(kind="profile" if unsaid else "query")
        if isinstance(value, str):
            taken.add(canonical_json(value))
    given = [name for name in names if name in arguments]
    return Binding(arguments={name: arguments[name] for name in given}, origins={name: origins[name] for name in given})


def rebind(step: Step, contents: dict[str, Json]) -> JsonObject:
    """The step's arguments once more, with what calls of the turn showed (``observation``, ``state``) read anew from
    ``contents`` (by call id). What earlier turns showed stays as it is.

    Raises:
        LookupError: a source is gone, or holds nothing there any more.
    """
    given = step.call.arguments
    found = {name: _rebound(given[name], origin, contents) for name, origin in step.origins.items() if name in given}
    return {**given, **found}


def _rebound(value: Json, origin: ArgumentOrigin, contents: dict[str, Json]) -> Json:
    if origin.kind in ("observation", "state"):
        return _read(origin, contents)
    if origin.kind == "composed" and isinstance(value, list) and len(value) == len(origin.parts):
        return [_rebound(item, part, contents) for item, part in zip(value, origin.parts, strict=True)]
    return value


def _read(origin: ArgumentOrigin, contents: dict[str, Json]) -> Json:
    if origin.source not in contents:
        raise LookupError(f"call {origin.source} is gone")
    return resolve(contents[origin.source], origin.path or "", origin.selector)


def _one_of_best(options: list[tuple[Json, ArgumentOrigin]], rng: random.Random) -> tuple[Json, ArgumentOrigin]:
    """One of the choices that the best source offers."""
    best = options[0][1].observed[0].source
    return rng.choice([item for item in options if item[1].observed[0].source == best])
