"""The API relation graph G = (T, R, P): which tool provides what another one needs (FunReason-MT, phase I)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import networkx as nx

from tools.base import Record
from tools.fits import known_fits
from tools.spec import ToolSpec

Evidence = Literal["declared", "schema", "observed", "probed"]


EdgeKind = Literal["enables", "offers", "breaks"]


class Edge(Record):
    """What ``producer`` does for ``consumer``, or to it.

    ``enables`` with a ``parameter``: it gives a value (from ``path`` of its output) that has to come from a tool, since
    a user would not know it. ``enables`` without one: it establishes a state that the consumer checks; edges with the
    same ``need`` are alternatives, different needs must all hold. ``offers``: it gives a value that a user could say as
    well (a price, a name). ``breaks``: it undoes what the consumer needs.

    ``opaque`` marks a value that the system made and nobody could guess (an id, a token).
    """

    producer: str
    consumer: str
    path: str = ""
    parameter: str | None = None
    need: int = 0
    kind: EdgeKind = "enables"
    opaque: bool = False
    evidence: tuple[Evidence, ...] = ("declared",)
    score: float = 1.0


class ApiGraph:
    """An AND-OR graph of tools. Legality and distance are relative to which parameters are to be *produced* by a tool
    rather than given by the user; without any, and with one producer a need, they are the paper's plain AND graph."""

    def __init__(self, specs: Sequence[ToolSpec], edges: Iterable[Edge]) -> None:
        self.specs: dict[str, ToolSpec] = {spec.name: spec for spec in specs}
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        self._graph.add_nodes_from(self.specs)
        for edge in edges:
            if edge.producer in self.specs and edge.consumer in self.specs:
                self._graph.add_edge(edge.producer, edge.consumer, edge=edge)
        self._enabling: nx.DiGraph[str] = nx.DiGraph()
        self._enabling.add_nodes_from(self.specs)
        self._enabling.add_edges_from((edge.producer, edge.consumer) for edge in self.edges if edge.kind == "enables")

    @classmethod
    def from_specs(cls, specs: Sequence[ToolSpec], declared: Iterable[Edge] = ()) -> ApiGraph:
        """The graph of declared edges, and of schema fits for every parameter that has no declared source."""
        known = tuple(declared)
        taken = {(edge.consumer, edge.parameter) for edge in known if edge.parameter}
        fitted = (
            Edge(
                producer=fit.producer,
                consumer=fit.consumer,
                path=fit.path,
                parameter=fit.parameter,
                evidence=("schema",),
                score=fit.score,
            )
            for fit in known_fits(specs)
            if (fit.consumer, fit.parameter) not in taken
        )
        return cls(specs, (*known, *fitted))

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, in the order of their producers and consumers."""
        return tuple(data["edge"] for _, _, data in self._graph.edges(data=True))

    def sources(self, tool: str, parameter: str) -> tuple[Edge, ...]:
        """The edges that can give ``parameter`` of ``tool`` its value, best fit first."""
        incoming = (edge for edge in self._incoming(tool) if edge.parameter == parameter)
        return tuple(sorted(incoming, key=lambda edge: -edge.score))

    def provided(self, tool: str) -> tuple[str, ...]:
        """The required parameters that some tool can give a value."""
        return tuple(name for name in self.specs[tool].required if self.sources(tool, name))

    def state_needs(self, tool: str) -> tuple[tuple[str, ...], ...]:
        """The state that ``tool`` needs: all of the needs, each by one of its tools."""
        needs: dict[int, list[str]] = {}
        for edge in self._incoming(tool):
            if edge.parameter is None and edge.kind == "enables":
                needs.setdefault(edge.need, []).append(edge.producer)
        return tuple(tuple(alternatives) for _, alternatives in sorted(needs.items()))

    def prerequisites(self, tool: str, produced: Collection[str] = ()) -> tuple[tuple[str, ...], ...]:
        """``Prerequisite(T)`` as a conjunction of alternatives, with the parameters that a tool must produce."""
        values = (tuple(edge.producer for edge in self.sources(tool, name)) for name in produced)
        return (*self.state_needs(tool), *values)

    def legal(self, tool: str, called: Collection[str], produced: Collection[str] = ()) -> bool:
        """Eq. (1): every prerequisite of ``tool`` is met by a tool that was called."""
        return all(any(name in called for name in need) for need in self.prerequisites(tool, produced))

    def costs(self, called: Collection[str], produced: Mapping[str, Collection[str]]) -> dict[str, float]:
        """For each tool how many calls it takes until it has been called, by the additive delete relaxation.

        0 for a tool of ``called``, 1 for a legal tool, infinite where nothing leads to it.
        """
        cost = {name: 0.0 if name in called else math.inf for name in self.specs}
        needs = {name: self.prerequisites(name, produced.get(name, ())) for name in self.specs}
        changed = True
        while changed:
            changed = False
            for name, conjunction in needs.items():
                new = 1 + sum(min((cost[item] for item in need), default=math.inf) for need in conjunction)
                if new < cost[name]:
                    cost[name], changed = new, True
        return cost

    def distance(self, tool: str, target: str) -> float:
        """``dist(T_k, T_a)`` of eq. (2): enabling edges on the shortest path, infinite where there is none."""
        try:
            return float(nx.shortest_path_length(self._enabling, tool, target))
        except nx.NetworkXNoPath:
            return math.inf

    def _incoming(self, tool: str) -> Iterable[Edge]:
        return (data["edge"] for _, _, data in self._graph.in_edges(tool, data=True))
