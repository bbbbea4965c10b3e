"""Which tools a job's model is shown: those that its turns need, and distractors."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property, lru_cache
from math import log, sqrt

from fr_agents.planning.items import Item
from fr_agents.planning.offers import Offer
from tools.base import generator
from tools.graph import ApiGraph
from tools.spec import ToolSpec
from tools.wording import words

_LIKE_KEPT = 64
_TOOLS_KEPT = 4096
# A word that many tools have says little of any, and to look through all of them for each tool would take long.
_MOST_TOOLS_OF_A_WORD = 500


class ShownTools:
    """Chooses the tools of a job: what its turns need, and ``distractors`` more, half of them (rounded up) the nearest
    neighbours of the needed ones, the rest drawn."""

    def __init__(self, graph: ApiGraph, distractors: int, seed: int) -> None:
        self._graph = graph
        self._distractors = distractors
        self._seed = seed
        self._likeness = Likeness(tuple(graph.specs.values()))

    def of(self, offer: Offer, items: Sequence[Item], number: int) -> tuple[str, ...]:
        """The names for job ``number``, whose turns ask for ``items``, in the order of its world. Nothing, which stands
        for all of them, where no more are left than are to be shown, or where nothing is asked for."""
        needed = {name for item in items for name in needed_tools(offer.graph, item)}
        if not needed or len(needed) + self._distractors >= len(offer.names):
            return ()
        near = self._nearest(offer, needed, (self._distractors + 1) // 2)
        chosen = needed.union(near)
        wanted = len(needed) + self._distractors
        drawn = generator(self._seed, "shown", number).sample(range(len(offer.names)), wanted)
        for place in drawn:
            if len(chosen) == wanted:
                break
            chosen.add(offer.names[place])
        return tuple(name for name in offer.names if name in chosen)

    def _nearest(self, offer: Offer, needed: set[str], count: int) -> list[str]:
        """The tools that share the most edges with the needed ones, then those that are most like one of them."""
        known = frozenset(offer.names)
        edges = Counter(other for tool in needed for other in self._neighbours.get(tool, ()))
        like: dict[str, float] = defaultdict(float)
        for tool in needed:
            for other, likeness in self._likeness.of(tool):
                like[other] = max(like[other], likeness)
        possible = sorted((edges.keys() | like.keys()) & known - needed)
        return sorted(possible, key=lambda name: (-edges[name], -like.get(name, 0.0), name))[:count]

    @cached_property
    def _neighbours(self) -> dict[str, list[str]]:
        """For each tool the other end of each of its edges."""
        found: dict[str, list[str]] = defaultdict(list)
        for edge in self._graph.edges:
            found[edge.producer].append(edge.consumer)
            found[edge.consumer].append(edge.producer)
        return found


def needed_tools(graph: ApiGraph, item: Item) -> frozenset[str]:
    """The tools that a turn may need for an item: those of a plan to its target and to the producer of its edge, and
    for each parameter of theirs that can be looked up a plan to its best source."""
    found = {*_plan(graph, item.tool), *(_plan(graph, item.producer) if item.producer else ())}
    for tool in sorted(found):
        for parameter in graph.specs[tool].properties:
            best = graph.sources(tool, parameter)[:1]
            found.update(name for edge in best for name in _plan(graph, edge.producer))
    return frozenset(found)


def _plan(graph: ApiGraph, tool: str) -> tuple[str, ...]:
    return graph.relaxed_plan(tool) or (tool,)


class Likeness:
    """How alike tools are by the words of their names and descriptions; rare words count for more."""

    def __init__(self, specs: Sequence[ToolSpec]) -> None:
        self._words = {spec.name: frozenset(words(f"{spec.name} {spec.description}")) for spec in specs}
        self._having: dict[str, list[str]] = defaultdict(list)
        for name, own in self._words.items():
            for word in sorted(own):
                self._having[word].append(name)
        self._weight = {word: log((1 + len(specs)) / len(names)) for word, names in self._having.items()}
        self._size = {name: sqrt(sum(self._weight[word] ** 2 for word in own)) for name, own in self._words.items()}
        self.of = lru_cache(_TOOLS_KEPT)(self._of)

    def _of(self, tool: str) -> tuple[tuple[str, float], ...]:
        """The tools most like ``tool``, with their likeness from 0 to 1 (the cosine of weighted words)."""
        shared: dict[str, float] = defaultdict(float)
        for word in sorted(self._words[tool]):
            if len(self._having[word]) <= _MOST_TOOLS_OF_A_WORD:
                for other in self._having[word]:
                    shared[other] += self._weight[word] ** 2
        found = [
            (other, value / (self._size[tool] * self._size[other])) for other, value in shared.items() if other != tool
        ]
        return tuple(sorted(found, key=lambda item: (-item[1], item[0]))[:_LIKE_KEPT])
