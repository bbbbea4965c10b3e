"""Shortest plans, found by execution: what "within one call of the shortest plan" is measured against.

Breadth first over real calls of the target's ancestors in the API graph. Situations count as one where the world and
what has been seen are the same, so that the order of independent calls does not multiply them. Of each tool a bounded
number of argument combinations is tried in each; so a plan that is found is real, and that there is no shorter one is
proved for these arguments. Where the bound on calls cuts the search off, the depth that was searched to its end tells
what is proved still: no plan has fewer calls than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.sampling_calls import Situation, legal_arguments
from tools.base import canonical_json, digest, generator
from tools.graph import ApiGraph

_TRIED, _KEPT = 12, 4


@dataclass(frozen=True)
class Shortest:
    """What the search came to.

    Attributes:
        length: Calls of the shortest plan, the target's included; none where no plan was found.
        at_least: Fewer calls than this lead nowhere, as far as was searched to the end.
        executed: Calls that the search made.
    """

    length: int | None
    at_least: int
    executed: int


class _Cut(Exception):  # noqa: N818 - an end of the search, no error
    """The bound on calls is reached."""


class ShortestPlan:
    """The search for one target, by calls of its ancestors, or of the tools ``among``. ``most_calls`` bounds the calls
    that it makes, ``deepest`` the length of the plans."""

    def __init__(
        self, graph: ApiGraph, target: str, *, most_calls: int, deepest: int, among: Sequence[str] | None = None
    ) -> None:
        self._graph = graph
        self._target = target
        self._most_calls = most_calls
        self._deepest = deepest
        self._among = ancestors(graph, target) if among is None else tuple(among)
        self._told = {edge.producer for edge in graph.edges if edge.consumer in {target, *self._among}}
        self._executed = 0

    def search(self, start: Situation) -> Shortest:
        """The shortest plan from a situation."""
        layer, reached = [start], {self._key(start)}
        depth = 1
        try:
            while layer and depth <= self._deepest:
                if any(True for situation in layer for _ in self._calls(situation, self._target)):
                    return Shortest(depth, depth, self._executed)
                depth += 1
                layer = list(self._next(layer, reached)) if depth <= self._deepest else layer
        except _Cut:
            return Shortest(None, depth, self._executed)
        return Shortest(None, depth, self._executed)

    def _next(self, layer: list[Situation], reached: set[str]) -> Iterator[Situation]:
        for situation in layer:
            for tool in self._among:
                for after in self._calls(situation, tool):
                    key = self._key(after)
                    if key not in reached:
                        reached.add(key)
                        yield after

    def _calls(self, situation: Situation, tool: str) -> Iterator[Situation]:
        """The situations after calls of a tool that succeed."""
        rng = generator("shortest", self._target, tool)
        found = 0
        for number, arguments in enumerate(legal_arguments(self._graph, situation, tool, rng)):
            if number == _TRIED or found == _KEPT:
                return
            if self._executed == self._most_calls:
                raise _Cut
            self._executed += 1
            after = situation.after(tool, arguments)
            if after is not None:
                found += 1
                yield after

    def _key(self, situation: Situation) -> str:
        """Equal for situations in which the same can be done."""
        told = sorted({canonical_json(item) for item in situation.seen if item[0] in self._told})
        return digest([situation.world.replay_hash(), told])


def ancestors(graph: ApiGraph, target: str) -> tuple[str, ...]:
    """The tools that could be of use for a target, by enabling edges, in the graph's order; itself only where it helps
    itself."""
    found: set[str] = set()
    open_ends = [target]
    while open_ends:
        needs = graph.prerequisites(open_ends.pop())
        further = {tool for need in needs for tool in need} - found
        found |= further
        open_ends += sorted(further)
    return tuple(tool for tool in graph.specs if tool in found)
