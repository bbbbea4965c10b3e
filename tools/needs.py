"""Which parameters of a turn's tools are looked up, and which the user says (METHOD.md, rule 1: the logical jump)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from tools.base import generator
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints
from tools.paths import json_type
from tools.pools import Pools
from tools.reference import belongs_to_session
from tools.relation import takes_back
from tools.signing_in import signs_in


class ToolNeeds(NamedTuple):
    """For one tool the parameters that an output must give, those that the user gives, and which of the former the user
    could give as well if no output has them."""

    produced: frozenset[str]
    given: frozenset[str]
    sayable: frozenset[str]


@dataclass
class Needs:
    """Draws for each tool that a turn comes to, and only for those, what is looked up.

    Looked up is what nobody could guess, what the user cannot say, and the share ``implicit`` of what a user could know
    and a tool can tell. What the system message tells is known already, and gives no optional argument: nobody asks for
    one. ``keys`` seed the draws, each of which depends on nothing but its tool and what the user could say. A parameter
    that turns out to be out of reach is left to the user by ``relent``; ``first`` holds what was drawn before that, and
    may be shared by needs that are alike. Without ``purposeful`` every edge of the graph may give a value, also where
    nobody would get it that way.
    """

    graph: ApiGraph
    pools: Pools
    keys: tuple[str | int, ...]
    implicit: float
    optional: float
    constraints: Constraints = field(default_factory=Constraints)
    purposeful: bool = True
    first: dict[str, ToolNeeds] = field(default_factory=dict)
    _drawn: dict[str, ToolNeeds] = field(default_factory=dict)

    def of(self, tool: str) -> ToolNeeds:
        """What a call of ``tool`` takes from where."""
        if tool not in self._drawn:
            if tool not in self.first:
                self.first[tool] = self._draw(tool)
            self._drawn[tool] = self.first[tool]
        return self._drawn[tool]

    def relent(self, tool: str, parameter: str) -> bool:
        """Let the user say what no tool gives. False where the user cannot."""
        needs = self.of(tool)
        if parameter not in needs.sayable or (tool, parameter) in self.constraints.produced:
            return False
        self._drawn[tool] = ToolNeeds(needs.produced - {parameter}, needs.given | {parameter}, needs.sayable)
        return True

    def edges(self, tool: str, parameter: str) -> tuple[Edge, ...]:
        """The edges that may give a value: those of the graph within the constraints. What a user could say as well is
        read, never brought about: nobody posts something to learn a name. Nor does anybody make a thing to read it
        back, to take it back, or to sign in as it."""
        found = self.graph.sources(tool, parameter)
        wanted = self.constraints.edges.get((tool, parameter))
        if wanted is not None:
            return tuple(edge for edge in found if wanted.gives(edge))
        if (tool, parameter) in self.constraints.sources or (tool, parameter) in self.constraints.earlier:
            return found
        if not self.purposeful:
            return found
        spec = self.graph.specs[tool]
        makes = spec.effect == "write" and not takes_back(spec) and not signs_in(spec)
        opens = belongs_to_session(parameter)
        return tuple(
            edge
            for edge in found
            if self.graph.specs[edge.producer].effect == "read" or opens or (edge.opaque and makes)
        )

    def _draw(self, tool: str) -> ToolNeeds:
        spec = self.graph.specs[tool]
        rng = generator(*self.keys, tool)
        produced, given, sayable = set(), set(), set()
        for name, schema in spec.properties.items():
            slot, chance = (tool, name), rng.random()
            must = slot in self.constraints.produced
            unsaid = self.pools.unsaid(tool, name)
            said = not unsaid and (slot in self.constraints.said or slot in self.constraints.suggested)
            told = unsaid and bool(self.pools.candidates(tool, name, schema, rng))
            if name not in spec.required and (told or chance >= self.optional) and not must and not said:
                continue
            can_say = said or bool(self.pools.candidates(tool, name, schema, rng))
            if can_say:
                sayable.add(name)
            hidden = not can_say or (not unsaid and (self.graph.opaque(tool, name) or self._jumps(tool, name)))
            only_tools = not can_say and bool(self.edges(tool, name))
            if must or only_tools or (hidden and not said and self._reachable(tool, name)):
                produced.add(name)
            elif can_say or name in spec.required:
                given.add(name)
        return ToolNeeds(frozenset(produced), frozenset(given), frozenset(sayable))

    def _jumps(self, tool: str, parameter: str) -> bool:
        """Whether the user lets a value be looked up; the same for texts of one call that come from the same tools, so
        that nobody says one zip code and has the other one looked up."""
        producers = sorted({edge.producer for edge in self.edges(tool, parameter)})
        alone = json_type(self.graph.specs[tool].properties[parameter]) != "string"
        key = [parameter] if alone else producers
        return bool(producers) and generator(*self.keys, "jump", tool, *key).random() < self.implicit

    def _reachable(self, tool: str, parameter: str) -> bool:
        costs = self.graph.costs_from_scratch
        return any(costs[edge.producer] < math.inf for edge in self.edges(tool, parameter))
