"""The sampler's walk over the API graph toward a target (FunReason-MT, eq. (1) and (2)).

Where the paper asks whether a tool is legal, this asks for a *call*: its arguments bound to values, accepted by a trial
in a fork of the world. So a tool that needs two different zip codes is legal once two were looked up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from tools.base import JsonObject, canonical_json, generator
from tools.binding import Binding, bind
from tools.call import signature
from tools.intent import Slot
from tools.reference import belongs_to_session
from tools.supply import Supply

_TRIES = 8
_TRIES_TO_BE_OF_USE = 40
# So many draws in a row with nothing new, and there is nothing new.
_MISSES = 6
_HALF = 0.5
# What a call is for that gives no value.
_STATE = ""
_DEEPEST = 12

Trial = Callable[[str, JsonObject], bool]
Foresight = Callable[[str, Binding], "Walk"]
Keys = tuple[str | int, ...]


@dataclass
class Walk:
    """One step of a walk: which call comes next. ``trial`` tells whether a call would succeed now; ``banned`` are
    signatures of calls that led nowhere, ``avoided`` tools that are not to be called at all. ``keys`` seed the draws:
    the preference among equal ways is the same at each step of a walk, so that it never changes its mind.

    ``foresee`` gives the walk as it would be after a call, by which a look-up is chosen that is of use to the call that
    it is for: a stock that can be sold, a booking that is not paid yet."""

    supply: Supply
    trial: Trial
    keys: Keys
    banned: Collection[str] = ()
    avoided: Collection[str] = ()
    foresee: Foresight | None = None
    _failed: set[str] = field(default_factory=set)

    @property
    def called(self) -> frozenset[str]:
        """The tools that were called, and whose effect was not undone since."""
        return self.supply.needs.graph.reached(step.call.name for step in (*self.supply.earlier, *self.supply.steps))

    def toward(self, target: str) -> tuple[str, Binding] | None:
        """The legal call with the least distance to ``target``; the target itself once it is legal. None at a dead
        end, and for a target that nothing leads to."""
        return self._toward(target, (target,), None) if self._within_reach(target) else None

    def _within_reach(self, target: str) -> bool:
        """Whether each need of the target is met already, or by a tool that something leads to, or by the user."""
        graph, needs = self.supply.needs.graph, self.supply.needs.of(target)
        if graph.costs_from_scratch[target] < math.inf:
            return True
        called = self.called
        states = all(called.intersection(need) or self._leads_on(need) for need in graph.state_needs(target))
        return states and all(
            parameter in needs.sayable or self._leads_on(sources) for parameter, sources in self._missing(target)
        )

    def _leads_on(self, tools: Collection[str]) -> bool:
        costs = self.supply.needs.graph.costs_from_scratch
        return any(costs[tool] < math.inf for tool in tools)

    def anywhere(self, rank: Sequence[str]) -> tuple[str, Binding] | None:
        """The first legal call in the order of ``rank``."""
        for tool in rank:
            if tool not in self.avoided and not self._missing(tool):
                binding = self._legal_call(tool)
                if binding is not None:
                    return tool, binding
        return None

    def _toward(self, tool: str, path: tuple[str, ...], use: Slot | None) -> tuple[str, Binding] | None:
        """The next call on the way to a call of ``tool``, which is to give the value of ``use``."""
        if len(path) > _DEEPEST or tool in self.avoided or tool in self._failed:
            return None
        missing = self._missing(tool)
        wanted = [*(sources for _, sources in missing), *self.supply.needs.graph.state_needs(tool)]
        for parameter, sources in missing:
            found = self._through(sources, path, wanted, (tool, parameter))
            if found is not None:
                return found
            if not self.supply.needs.relent(tool, parameter):
                self._failed.add(tool)
                return None
        binding = self._legal_call(tool) if use is None else self._useful_call(tool, use)
        if binding is not None:
            return tool, binding
        return self._changing_something(tool, path)

    def _changing_something(self, tool: str, path: tuple[str, ...]) -> tuple[str, Binding] | None:
        """A way to make a call legal that is refused as things are: a state that it needs and that does not hold, or
        another value than those at hand."""
        graph = self.supply.needs.graph
        called = self.called
        own = {step.call.name for step in self.supply.steps}
        unmet = [need for need in graph.state_needs(tool) if not called.intersection(need)]
        undone = [need for need in graph.state_needs(tool) if called.intersection(need) and not own.intersection(need)]
        others = [
            (self._new_sources(tool, name, own), (tool, name))
            for name in sorted(self.supply.needs.of(tool).produced)
            if not belongs_to_session(name)
        ]
        again = [self._with_arguments(need) for need in graph.state_needs(tool) if own.intersection(need)]
        states = [(need, (tool, _STATE)) for need in (*unmet, *undone, *again)]
        wanted: list[tuple[tuple[str, ...], Slot]] = [*states, *others]
        for need, use in wanted:
            found = self._through(need, path, [tools for tools, _ in wanted], use)
            if found is not None:
                return found
        self._failed.add(tool)
        return None

    def _new_sources(self, tool: str, parameter: str, own: Collection[str]) -> tuple[str, ...]:
        """Tools that may give another value than those at hand: not called yet, or with other arguments."""
        specs = self.supply.needs.graph.specs
        return tuple(name for name in self._sources(tool, parameter) if name not in own or specs[name].properties)

    def _with_arguments(self, tools: Collection[str]) -> tuple[str, ...]:
        """Those that may do something else when they are called again: lock the other doors, too."""
        specs = self.supply.needs.graph.specs
        return tuple(tool for tool in tools if specs[tool].properties)

    def _through(
        self,
        sources: Collection[str],
        path: tuple[str, ...],
        wanted: Sequence[Collection[str]],
        use: Slot,
    ) -> tuple[str, Binding] | None:
        """The next call on the cheapest way that goes through one of these tools. ``wanted`` are all needs of the tool
        that it is for: one that meets several of them is worth more."""
        for source in self._by_cost(sources, wanted):
            found = None if source in path else self._toward(source, (*path, source), use)
            if found is not None:
                return found
        return None

    def _missing(self, tool: str) -> list[tuple[str, tuple[str, ...]]]:
        """The parameters whose values nothing at hand gives, each with the tools that could give it."""
        found = []
        taken: list[str] = []
        produced = self.supply.needs.of(tool).produced
        for parameter in self.supply.needs.graph.specs[tool].properties:
            if parameter in produced:
                value = self.supply.first_value(tool, parameter, taken)
                if value is None:
                    found.append((parameter, self._sources(tool, parameter)))
                else:
                    taken.append(value)
        return found

    def _sources(self, tool: str, parameter: str) -> tuple[str, ...]:
        """The tools whose outputs may give a value; none for what a call that was made already has to give."""
        constraints = self.supply.constraints
        if (tool, parameter) in constraints.earlier or (tool, parameter) in constraints.sources:
            return ()
        return tuple(dict.fromkeys(edge.producer for edge in self.supply.needs.edges(tool, parameter)))

    def _by_cost(self, tools: Collection[str], wanted: Sequence[Collection[str]]) -> list[str]:
        needs = self.supply.needs
        costs = needs.graph.costs_from_scratch if needs.implicit >= _HALF else needs.graph.costs_when_told
        called = self.called
        reachable = [tool for tool in tools if costs[tool] < math.inf]
        if len(reachable) < 2:
            return reachable
        preference = {tool: generator(*self.keys, "preference", tool).random() for tool in reachable}
        meets = {tool: max(1, sum(tool in need for need in wanted)) for tool in reachable}
        return sorted(
            reachable, key=lambda tool: ((1.0 if tool in called else costs[tool]) / meets[tool], preference[tool])
        )

    def _legal_call(self, tool: str) -> Binding | None:
        """Arguments with which a call of ``tool`` succeeds now, or none after some tries."""
        return next(self._legal_calls(tool), None)

    def _useful_call(self, tool: str, use: Slot) -> Binding | None:
        """A legal call after which the parameter that it is for has a value, or the state that it is for holds; where
        nothing else is lacking, one with which the tool that takes it can be called."""
        if self.foresee is None:
            return self._legal_call(tool)
        consumer, parameter = use
        lacking = len(self._missing(consumer))
        known = self._values(use)
        hopeful = None
        for binding in self._legal_calls(tool, _TRIES_TO_BE_OF_USE):
            ahead = self.foresee(tool, binding)
            if parameter != _STATE and ahead._values(use) <= known:
                continue
            if ahead.allows(consumer, lacking):
                return binding
            if hopeful is None and (use[1] == _STATE or ahead.may_allow(consumer)):
                hopeful = binding
        return hopeful

    def _values(self, slot: Slot) -> frozenset[str]:
        """What outputs hold for a parameter (canonical JSON)."""
        return frozenset() if slot[1] == _STATE else frozenset(offer.key for offer in self.supply.offers(*slot))

    def allows(self, tool: str, lacking: int) -> bool:
        """Whether a tool lacks fewer values than the number that it was ``lacking`` before, and, if it lacks none, can
        be called."""
        missing = len(self._missing(tool))
        return missing < lacking if missing else self._legal_call(tool) is not None

    def may_allow(self, tool: str) -> bool:
        """Whether a tool lacks no value, and may be refused for a state that nobody has established yet."""
        called = self.called
        unmet = any(not called.intersection(need) for need in self.supply.needs.graph.state_needs(tool))
        return unmet and not self._missing(tool)

    def _legal_calls(self, tool: str, tries: int = _TRIES) -> Iterator[Binding]:
        """Different arguments with which a call of ``tool`` succeeds now. Each draw takes values that no draw before it
        had, as far as there are any."""
        room = self.supply.room(tool)
        if not room:
            return
        rng = generator(*self.keys, "arguments", tool, len(self.supply.steps), len(self.banned))
        signatures: set[str] = set()
        values: dict[str, set[str]] = {}
        misses = 0
        for _ in range(tries):
            binding = bind(self.supply, tool, rng, values)
            key = "" if binding is None else signature(tool, binding.arguments)
            misses = misses + 1 if binding is None or key in signatures else 0
            if misses == _MISSES:
                return
            if binding is None:
                continue
            for name, value in binding.arguments.items():
                values.setdefault(name, set()).add(canonical_json(value))
            if key not in signatures and key not in self.banned and self.trial(tool, binding.arguments):
                yield binding
            signatures.add(key)
            if len(signatures) >= room:
                return
