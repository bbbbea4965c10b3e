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

    def needs(self, tool: str, produced: Collection[str]) -> Iterator[tuple[Condition, tuple[str, ...]]]:
        """The conditions of ``tool`` that count, with their alternatives; none for a value that no tool gives."""
        own = self._conditions[tool]
        for key, alternatives in own.items():
            if isinstance(key, int):
                yield key, alternatives
        for parameter in dict.fromkeys(produced):
            yield parameter, own.get(parameter, ())

    def relax(self, called: Collection[str], produced: Produced) -> Relaxation:
        """Costs and supporters, given the tools of ``called``."""
        return self._relax(self._conditions, called, produced)

    def plan(self, target: str, called: Collection[str], produced: Produced) -> tuple[str, ...] | None:
        """Calls that lead to ``target``, itself the last, each possible after those before it; None where none do."""
        at_hand = frozenset(called)
        relaxation = self._relax(self._leading_to(target, at_hand, produced), at_hand, produced, target)
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

    def _leading_to(self, target: str, called: frozenset[str], produced: Produced) -> Collection[str]:
        """The target and what could be the cheapest way to it: of a large graph a small part. Where a condition is met,
        or a tool that meets it can be called now, nothing dearer is looked at."""
        found, open_ends = {target}, [target]
        while open_ends:
            tool = open_ends.pop()
            for _, alternatives in self.needs(tool, produced.get(tool, ())):
                if at_hand := called.intersection(alternatives):
                    found |= at_hand
                    continue
                possible = [item for item in alternatives if self._possible(item, called, produced)]
                further = [item for item in possible or alternatives if item not in found]
                found.update(further)
                open_ends += further
        return found

    def _possible(self, tool: str, called: frozenset[str], produced: Produced) -> bool:
        """Whether a tool can be called now."""
        return all(not called.isdisjoint(able) for _, able in self.needs(tool, produced.get(tool, ())))

    def _relax(
        self, tools: Collection[str], called: Collection[str], produced: Produced, target: str | None = None
    ) -> Relaxation:
        """Costs and supporters among ``tools``; with a ``target`` only until its conditions are met."""
        unmet, supports = self._unmet(tools, produced)
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
            for consumer, key in supports.get(tool, ()):
                if (consumer, key) in result.supporter:
                    continue
                result.supporter[consumer, key] = tool
                unmet[consumer] -= 1
                total[consumer] = min(total[consumer] + cost, _MOST)
                if not unmet[consumer]:
                    heapq.heappush(within_reach, (total[consumer], self._rank[consumer], consumer))
        return result

    def _unmet(
        self, tools: Collection[str], produced: Produced
    ) -> tuple[dict[str, int], dict[str, list[tuple[str, Condition]]]]:
        """How many conditions each of ``tools`` has, and for each tool that could meet some, whose they are."""
        unmet: dict[str, int] = {}
        supports: dict[str, list[tuple[str, Condition]]] = {}
        for tool in tools:
            unmet[tool] = 0
            for key, alternatives in self.needs(tool, produced.get(tool, ())):
                unmet[tool] += 1
                for producer in alternatives:
                    supports.setdefault(producer, []).append((tool, key))
        return unmet, supports

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
