"""The sampler's walk over the API graph toward a target (FunReason-MT, eq. (1) and (2)).

Where the paper asks whether a tool is legal, this asks for a *call*: its arguments bound to values, accepted by a trial
in a fork of the world. So a tool that needs two different zip codes is legal once two were looked up.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tools.base import JsonObject, Record
from tools.binding import Binding, Supply, bind
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.pools import Pools

_TRIES = 6
_DEEPEST = 12

Trial = Callable[[str, JsonObject], bool]


class Needs(Record):
    """For each tool of a turn, the parameters that an output must give and those that the user gives."""

    produced: dict[str, tuple[str, ...]]
    given: dict[str, tuple[str, ...]]


def draw_needs(graph: ApiGraph, pools: Pools, rng: random.Random, *, implicit: float, optional: float) -> Needs:
    """Decide for a turn which parameters are looked up: opaque ones, ones that the user cannot say, and the share
    ``implicit`` of the rest. A tool that would be out of reach that way gets what the user can say from the user."""
    produced: dict[str, set[str]] = {}
    given: dict[str, set[str]] = {}
    sayable: dict[str, set[str]] = {}
    for name, spec in graph.specs.items():
        produced[name], given[name], sayable[name] = set(), set(), set()
        for parameter, schema in spec.properties.items():
            can_say = bool(pools.candidates(name, parameter, schema, rng))
            if parameter not in spec.required and rng.random() >= optional:
                continue
            if can_say:
                sayable[name].add(parameter)
            hidden = not can_say or pools.opaque(name, parameter) or rng.random() < implicit
            chosen = produced if graph.sources(name, parameter) and hidden else given
            if chosen is produced or can_say or parameter in spec.required:
                chosen[name].add(parameter)
    costs = graph.costs((), produced)
    for name in graph.specs:
        if math.isinf(costs[name]):
            given[name] |= produced[name] & sayable[name]
            produced[name] -= sayable[name]
    return Needs(
        produced={name: tuple(sorted(names)) for name, names in produced.items()},
        given={name: tuple(sorted(names)) for name, names in given.items()},
    )


@dataclass
class Walk:
    """One step of a walk: which call comes next. ``trial`` tells whether a call would succeed now; ``banned`` are
    signatures of calls that led nowhere."""

    supply: Supply
    needs: Needs
    trial: Trial
    rng: random.Random
    banned: Collection[str] = ()
    _failed: set[str] = field(default_factory=set)

    @property
    def called(self) -> frozenset[str]:
        """The tools that were called, and whose effect was not undone since."""
        return self.supply.graph.reached(step.call.name for step in (*self.supply.earlier, *self.supply.steps))

    def toward(self, target: str) -> tuple[str, Binding] | None:
        """The legal call with the least distance to ``target``; the target itself once it is legal. None at a dead
        end."""
        costs = self.supply.graph.costs(self.called, self.needs.produced)
        return self._toward(target, costs, (target,))

    def anywhere(self, rank: Sequence[str]) -> tuple[str, Binding] | None:
        """The first legal call in the order of ``rank``."""
        for tool in rank:
            if not self._missing(tool):
                binding = self._legal_call(tool)
                if binding is not None:
                    return tool, binding
        return None

    def _toward(self, tool: str, costs: Mapping[str, float], path: tuple[str, ...]) -> tuple[str, Binding] | None:
        missing = self._missing(tool)
        if not missing:
            binding = self._legal_call(tool)
            if binding is not None:
                return tool, binding
            missing = [need for need in self.supply.graph.state_needs(tool) if not self.called.intersection(need)]
        if math.isinf(costs[tool]) or len(path) > _DEEPEST:
            return None
        for need in missing:
            for source in self._by_cost(need, costs):
                found = None if source in path else self._toward(source, costs, (*path, source))
                if found is not None:
                    return found
        return None

    def _missing(self, tool: str) -> list[tuple[str, ...]]:
        """The needs for values that nothing at hand meets, each as the tools that could meet it."""
        found = []
        taken: list[str] = []
        for parameter in self.supply.graph.specs[tool].properties:
            if parameter not in self.needs.produced.get(tool, ()):
                continue
            sources = tuple(dict.fromkeys(edge.producer for edge in self.supply.graph.sources(tool, parameter)))
            value = self.supply.first_value(tool, parameter, taken)
            if value is None:
                found.append(sources)
            else:
                taken.append(value)
        return found

    def _by_cost(self, need: Sequence[str], costs: Mapping[str, float]) -> list[str]:
        reachable = [tool for tool in need if costs[tool] < math.inf and tool not in self._failed]
        self.rng.shuffle(reachable)
        return sorted(reachable, key=lambda tool: max(costs[tool], 1.0))

    def _legal_call(self, tool: str) -> Binding | None:
        """Arguments with which a call of ``tool`` succeeds now, or none after some tries."""
        tried = set()
        for _ in range(_TRIES):
            binding = bind(
                self.supply, tool, self.needs.produced.get(tool, ()), self.needs.given.get(tool, ()), self.rng
            )
            if binding is None:
                continue
            key = ToolCall(id="", name=tool, arguments=binding.arguments).signature
            if key not in tried and key not in self.banned and self.trial(tool, binding.arguments):
                return binding
            tried.add(key)
        self._failed.add(tool)
        return None
