"""Relaxed plans over AND-OR prerequisites: what is still to be called before a target can be, if nothing were undone.

This is the heuristic of the FF planner: costs by the additive delete relaxation, the cheapest supporter for each
condition, and the plan as the *set* of tools that the supporters make up, so that what two conditions share counts
once. The costs come from Knuth's generalisation of Dijkstra's algorithm: each tool is settled once and each edge looked
at once, so that tens of thousands of tools take a fraction of a second.
"""

from __future__ import annotations

import heapq
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

# What a tool asks for before it can be called: the number of a state need, or the parameter that a value is for.
Condition = int | str
Produced = Mapping[str, Collection[str]]

# Additive costs can double with each layer of a graph; a sum beyond this would pass for "never".
_MOST = sys.float_info.max


@dataclass(frozen=True)
class Relaxation:
    """``cost``: calls until a tool has been called, in the order in which tools come within reach; tools out of reach
    are missing. ``supporter``: the cheapest tool that meets a condition of a tool."""

    cost: dict[str, float]
    supporter: dict[tuple[str, Condition], str]


class AndOrGraph:
    """For each tool its conditions, all of which must hold, each with the tools of which one is enough.

    Conditions on state always count, those on a parameter's value only for the parameters named as *produced*.
    """

    def __init__(self, conditions: Mapping[str, Mapping[Condition, tuple[str, ...]]]) -> None:
        self._conditions = conditions
        self._rank = {tool: rank for rank, tool in enumerate(conditions)}
        self._state = {tool: tuple(key for key in own if isinstance(key, int)) for tool, own in conditions.items()}
        self._supports: dict[str, list[tuple[str, Condition]]] = {tool: [] for tool in conditions}
        for tool, own in conditions.items():
            for key, alternatives in own.items():
                for producer in alternatives:
                    self._supports[producer].append((tool, key))

    def needs(self, tool: str, produced: Collection[str]) -> Iterator[tuple[Condition, tuple[str, ...]]]:
        """The conditions of ``tool`` that count, with their alternatives; none for a value that no tool gives."""
        own = self._conditions[tool]
        keys: list[Condition] = [*self._state[tool], *dict.fromkeys(produced)]
        for key in keys:
            yield key, own.get(key, ())

    def relax(self, called: Collection[str], produced: Produced, target: str | None = None) -> Relaxation:
        """Costs and supporters, given the tools of ``called``; with a ``target`` only until its conditions are met."""
        asked = {tool: frozenset(names) for tool, names in produced.items()}
        unmet = {tool: len(state) + len(asked.get(tool, ())) for tool, state in self._state.items()}
        total = dict.fromkeys(unmet, 1.0)
        result = Relaxation({}, {})
        within_reach = [(0.0, self._rank[tool], tool) for tool in called if tool in unmet]
        within_reach += [(1.0, self._rank[tool], tool) for tool, count in unmet.items() if not count]
        heapq.heapify(within_reach)
        while within_reach and (target is None or unmet[target]):
            cost, _, tool = heapq.heappop(within_reach)
            if tool in result.cost:
                continue
            result.cost[tool] = cost
            for consumer in self._support(tool, asked, result):
                unmet[consumer] -= 1
                total[consumer] = min(total[consumer] + cost, _MOST)
                if not unmet[consumer]:
                    heapq.heappush(within_reach, (total[consumer], self._rank[consumer], consumer))
        return result

    def _support(self, tool: str, asked: Mapping[str, frozenset[str]], result: Relaxation) -> Iterator[str]:
        """Note ``tool`` as the supporter of the conditions that it is the first to meet; whose they are, one by one."""
        for consumer, key in self._supports[tool]:
            counts = isinstance(key, int) or key in asked.get(consumer, ())
            if counts and (consumer, key) not in result.supporter:
                result.supporter[consumer, key] = tool
                yield consumer

    def plan(self, target: str, called: Collection[str], produced: Produced) -> tuple[str, ...] | None:
        """Calls that lead to ``target``, itself the last, each possible after those before it; None where none do."""
        at_hand = frozenset(called)
        relaxation = self.relax(at_hand, produced, target)
        if any((target, key) not in relaxation.supporter for key, _ in self.needs(target, produced.get(target, ()))):
            return None
        chosen, open_ends = {target}, [target]
        while open_ends:
            tool = open_ends.pop()
            for key, _ in self.needs(tool, produced.get(tool, ())):
                supporter = relaxation.supporter[tool, key]
                if supporter not in at_hand and supporter not in chosen:
                    chosen.add(supporter)
                    open_ends.append(supporter)
        before = [tool for tool in relaxation.cost if tool in chosen and tool != target]
        return self._without_spares((*before, target), at_hand, produced)

    def _without_spares(self, plan: tuple[str, ...], called: frozenset[str], produced: Produced) -> tuple[str, ...]:
        """The plan without calls for which another one of it stands in: two conditions may have chosen different tools
        where one tool meets both. Goes from the last call to the first, so that who needs a call is decided before."""
        position = {tool: number for number, tool in enumerate(plan)}
        relied_on: dict[str, list[set[str]]] = defaultdict(list)
        kept: list[str] = []
        for tool in reversed(plan):
            if kept and all(len(able) > 1 for able in relied_on[tool]):
                for able in relied_on[tool]:
                    able.discard(tool)
                continue
            kept.append(tool)
            for _, alternatives in self.needs(tool, produced.get(tool, ())):
                if called.isdisjoint(alternatives):
                    able = {item for item in alternatives if position.get(item, len(plan)) < position[tool]}
                    for item in able:
                        relied_on[item].append(able)
        return tuple(reversed(kept))
