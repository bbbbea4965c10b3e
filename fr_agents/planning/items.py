"""What can be asked of a turn: a target, and an edge of the API graph into it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from typing import NamedTuple

from tools.graph import ApiGraph, Edge
from tools.intent import WantedEdge
from tools.reference import belongs_to_session
from tools.signing_in import signs_in


class Item(NamedTuple):
    """A target with the edge that its turn is to use; without a ``producer`` the bare target. Light, since a large
    catalogue has hundreds of thousands."""

    tool: str
    producer: str = ""
    path: str = ""
    parameter: str | None = None

    @property
    def edge(self) -> WantedEdge | None:
        """The edge as a job holds it."""
        if not self.producer:
            return None
        return WantedEdge(producer=self.producer, path=self.path, parameter=self.parameter)

    def told(self) -> str:
        """The item for a person: ``list_cards → pay (card_id)``."""
        if not self.producer:
            return self.tool
        return f"{self.producer} → {self.tool}" + (f" ({self.parameter})" if self.parameter else "")


def item_of(edge: Edge) -> Item:
    """What asks for an edge. Two edges of the same value count as one, and so do those of two states."""
    if edge.parameter is None:
        return Item(edge.consumer, edge.producer)
    return Item(edge.consumer, edge.producer, edge.path, edge.parameter)


def is_guess(edge: Edge) -> bool:
    """Whether nothing but the schemas speaks for a value that a user could say as well: no call has shown that it is of
    use, so nobody asks for it, though a walk may come across it."""
    return edge.kind == "offers" and edge.evidence == ("schema",)


class GraphItems:
    """The items of an API graph, apart from what may not be called at all (``unusable``).

    Attributes:
        graph: The graph.
        usable: Its tools without the unusable ones, in its order.
    """

    def __init__(self, graph: ApiGraph, unusable: Collection[str] = ()) -> None:
        self.graph = graph
        self.usable = tuple(name for name in graph.specs if name not in frozenset(unusable))
        self._edges: dict[str, dict[Item, None]] = defaultdict(dict)
        for edge in graph.edges:
            if edge.kind != "breaks" and not is_guess(edge) and not self._signs_in_as_made(edge):
                self._edges[edge.consumer][item_of(edge)] = None

    def _signs_in_as_made(self, edge: Edge) -> bool:
        """Whether somebody would sign in as what a call has just made, which nobody does."""
        specs = self.graph.specs
        signing = edge.parameter is not None and not belongs_to_session(edge.parameter)
        return signing and signs_in(specs[edge.consumer]) and specs[edge.producer].effect == "write"

    def of(self, tool: str) -> tuple[Item, ...]:
        """The item of each edge into ``tool``, also from producers out of reach; without edges, the bare tool."""
        return tuple(self._edges.get(tool, ())) or (Item(tool),)

    def reachable_of(self, tool: str, reachable: Collection[str], *, edges: bool) -> tuple[Item, ...]:
        """The items of ``tool`` where only ``reachable`` tools can be called, without ``edges`` only the bare one."""
        if tool not in reachable:
            return ()
        found = [item for item in self._edges.get(tool, ()) if item.producer in reachable] if edges else []
        return tuple(found) or (Item(tool),)

    def reachable(self, names: Collection[str]) -> frozenset[str]:
        """Of the tools ``names``, those that can be called where there are no others: each of its needs is met by a
        tool that can be called itself.

        A graph of ``names`` alone would not tell: it takes a value whose sources are all missing for one that the user
        says.
        """
        waiting = {name: [0] * len(self.graph.prerequisites(name)) for name in names}
        meets = self._meets(waiting)
        found = {name for name, needs in waiting.items() if not needs}
        fresh = deque(found)
        while fresh:
            for consumer, need in meets.get(fresh.popleft(), ()):
                waiting[consumer][need] = 1
                if consumer not in found and all(waiting[consumer]):
                    found.add(consumer)
                    fresh.append(consumer)
        return frozenset(found)

    def _meets(self, names: Collection[str]) -> Mapping[str, list[tuple[str, int]]]:
        """For each tool the needs that it meets: whose they are, and their position there."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for name in names:
            for position, alternatives in enumerate(self.graph.prerequisites(name)):
                for producer in alternatives:
                    found[producer].append((name, position))
        return found
