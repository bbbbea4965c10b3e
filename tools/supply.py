"""What the arguments of a walk's calls can be made from."""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from tools.base import Json, JsonObject, canonical_json
from tools.graph import Edge
from tools.intent import Constraints, Slot
from tools.needs import Needs
from tools.offers import Offer, Readings
from tools.paths import json_type
from tools.reference import belongs_to_session, said_names
from tools.seen import Seen
from tools.signing_in import signs_in
from tools.trace import Step

# The origins of what the user tells, in the request or by the system message.
_TOLD = ("query", "profile")


@dataclass(frozen=True)
class Supply:
    """The steps of this turn, those of earlier turns, and the user's values.

    ``readings`` may be shared by supplies of the same steps, and of more of them.
    """

    needs: Needs
    steps: Sequence[Step]
    earlier: Sequence[Step] = ()
    seen: Seen | None = None
    constraints: Constraints = field(default_factory=Constraints)
    readings: Readings = field(default_factory=Readings)
    _found: dict[Slot, list[Offer]] = field(default_factory=dict)

    def offers(self, tool: str, parameter: str) -> Sequence[Offer]:
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
            self._found[slot] = [offer for offer in found if offer.key not in other] if other else found
        return self._found[slot]

    def first_value(self, tool: str, parameter: str, taken: Collection[str] = ()) -> str | None:
        """The first value that some output holds for the parameter, none of ``taken``, all as canonical JSON."""
        return next((offer.key for offer in self.offers(tool, parameter) if offer.key not in taken), None)

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
        if other := self.constraints.other.get(slot):
            found = [value for value in found if canonical_json(value) not in other]
        kept = self.constraints.kept.get(slot, self._said_before(tool, parameter))
        stale = self._topics if self.constraints.fresh else frozenset()
        if slot in self.constraints.suggested and not unsaid:
            found = [self.constraints.suggested[slot], *found]
        if not (tried or stale):
            return sorted(found, key=lambda value: bool(value != kept))

        def late(value: Json) -> tuple[bool, bool, bool]:
            key = canonical_json(value)
            return key in tried, value != kept, key in stale

        return sorted(found, key=late)

    def room(self, tool: str) -> float:
        """How many different calls of a tool there can be at most; infinite where some of its values are made up."""
        needs = self.needs.of(tool)
        shown = [len({offer.key for offer in self.offers(tool, name)}) for name in needs.produced]
        sayable = [self._sayable(tool, name) for name in needs.given]
        return 0 if 0 in shown or 0 in sayable else math.prod((*shown, *sayable))

    def _sayable(self, tool: str, parameter: str) -> float:
        """How many different values the user could say at most."""
        slot = (tool, parameter)
        unsaid = self.needs.pools.unsaid(tool, parameter)
        if slot in self.constraints.said and not unsaid:
            return 1
        listed = self.needs.pools.listed(tool, parameter, self.needs.graph.specs[tool].properties[parameter])
        return math.inf if listed is None else len(listed) + (slot in self.constraints.suggested)

    def said(self, tool: str) -> JsonObject:
        """What the user says for a call of ``tool`` whatever else is chosen."""
        return {name: value for (owner, name), value in self.constraints.said.items() if owner == tool}

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
        return self._looked_up[not signs_in(self.needs.graph.specs[tool])]

    @cached_property
    def _looked_up(self) -> dict[bool, frozenset[str]]:
        """The looked-up values (canonical JSON) of calls that sign in, under True, and of all others."""
        found: dict[bool, set[str]] = {True: set(), False: set()}
        for step in (*self.steps, *self.earlier):
            names = [name for name, origin in step.origins.items() if origin.observed]
            values = {canonical_json(step.call.arguments[name]) for name in names}
            if values:
                found[signs_in(self.needs.graph.specs[step.call.name])] |= values
        return {signing: frozenset(values) for signing, values in found.items()}

    def _of_turn(self, tool: str, parameter: str) -> Iterator[Offer]:
        """Of outputs that show the same value, the first one gave it: the later ones told nothing new."""
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        only = self.constraints.sources.get((tool, parameter))
        edges = self.needs.edges(tool, parameter)
        shown: dict[str, str] = {}
        found: list[tuple[bool, int, Offer]] = []
        for position, step in enumerate(self.steps):
            for edge in self._edges(step, edges):
                for offer in self.readings.offers(step, edge.path, "observation", wanted, opaque=edge.opaque):
                    first = shown.setdefault(offer.key, step.call.id)
                    if step.call.id == (only or first):
                        found.append((step.call.id in self._used, -position, offer))
        yield from (offer for _, _, offer in sorted(found, key=lambda item: item[:2]))

    @cached_property
    def _used(self) -> frozenset[str]:
        """The ids of calls whose observations later calls of the turn use."""
        return frozenset(source for step in self.steps for source in step.sources())

    def _from_earlier(self, tool: str, parameter: str) -> bool:
        slot = (tool, parameter)
        if slot in self.constraints.earlier or belongs_to_session(parameter):
            return True
        opaque = self.needs.graph.opaque(tool, parameter)
        return opaque and not self.constraints.fresh and slot not in self.constraints.sources

    def _of_earlier(self, tool: str, parameter: str) -> Iterator[Offer]:
        wanted = json_type(self.needs.graph.specs[tool].properties[parameter])
        asked = (tool, parameter) in self.constraints.earlier
        edges = self.needs.edges(tool, parameter) if asked else self.needs.graph.sources(tool, parameter)
        for step in reversed(self.earlier):
            ways = self._edges(step, edges)
            if asked:
                every = (
                    self.readings.offers(step, way.path, "earlier_turn", wanted, opaque=way.opaque) for way in ways
                )
                found = list(chain.from_iterable(every))
            else:
                plain = (self.readings.plain(step, way.path, wanted) for way in ways)
                found = list(chain.from_iterable(plain))[:1]
            if found:
                yield from found
                return

    @staticmethod
    def _edges(step: Step, edges: Sequence[Edge]) -> Iterator[Edge]:
        return (edge for edge in edges if edge.producer == step.call.name)
