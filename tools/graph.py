"""The API relation graph G = (T, R, P): which tool provides what another one needs (FunReason-MT, phase I)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Literal

import networkx as nx

from tools.base import Record
from tools.fits import Fit, find_fits
from tools.pools import is_opaque
from tools.relaxed_plan import AndOrGraph, Condition, Produced
from tools.spec import ToolSpec

Evidence = Literal["declared", "schema", "observed", "probed"]
EdgeKind = Literal["enables", "offers", "breaks"]


class Edge(Record):
    """What ``producer`` does for ``consumer``, or to it.

    ``enables`` with a ``parameter``: it gives a value (from ``path`` of its output) that has to come from a tool, since
    a user would not know it. ``enables`` without one: it establishes a state that the consumer checks; edges with the
    same ``need`` are alternatives, different needs must all hold. ``offers``: it gives a value that a user could say as
    well (a price, a name). ``breaks``: it undoes what the consumer needs: the value of the ``parameter``, or without
    one the state ``need``.

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
    """An AND-OR graph of tools. What is legal, and how far off the rest is, is relative to the tools ``called``, and to
    which parameters are to be *produced* by a tool rather than given by the user: unless told otherwise, each tool's
    ``needed_values``. With one producer a need, it is the paper's plain AND graph.

    ``called`` is a set: what a sequence of calls leaves of it is told by ``reached``.

    Attributes:
        specs: the tools by name, in the order given.
        edges: in the order given, without those of tools that are not among the specs.
    """

    def __init__(self, specs: Sequence[ToolSpec], edges: Iterable[Edge]) -> None:
        self.specs: dict[str, ToolSpec] = {spec.name: spec for spec in specs}
        self.edges = tuple(edge for edge in edges if edge.producer in self.specs and edge.consumer in self.specs)
        self._incoming = _by_consumer(self.edges)
        self._sources = {tool: _by_parameter(incoming) for tool, incoming in self._incoming.items()}
        self._conditions = {
            tool: _conditions(self._incoming[tool], self._sources[tool]) if tool in self._incoming else {}
            for tool in self.specs
        }
        self._and_or = AndOrGraph(self._conditions)

    @cached_property
    def relations(self) -> nx.MultiDiGraph[str]:
        """The edges as a networkx graph of tools, each with its ``edge``, for whoever analyses it. Built when it is
        first asked for: it takes several times the memory of all the rest."""
        found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        found.add_nodes_from(self.specs)
        found.add_edges_from((edge.producer, edge.consumer, {"edge": edge}) for edge in self.edges)
        return found

    @classmethod
    def from_specs(cls, specs: Sequence[ToolSpec], declared: Iterable[Edge] = ()) -> ApiGraph:
        """The graph of declared edges, and of schema fits for every parameter that has no declared source."""
        known = tuple(_opaque_by_name(edge) for edge in declared)
        taken = {(edge.consumer, edge.parameter) for edge in known if edge.kind != "breaks"}
        fitted = (
            edge_of_fit(fit, opaque=is_opaque(fit.parameter))
            for fit in find_fits(specs)
            if (fit.consumer, fit.parameter) not in taken
        )
        return cls(specs, (*known, *fitted))

    def sources(self, tool: str, parameter: str) -> tuple[Edge, ...]:
        """The edges that can give ``parameter`` of ``tool`` its value: enabling ones first, then by best fit."""
        return self._sources.get(tool, {}).get(parameter, ())

    def required_sources(self, tool: str, parameter: str) -> tuple[Edge, ...]:
        """The edges that give ``parameter`` of ``tool`` a value that a user would not know."""
        return tuple(edge for edge in self.sources(tool, parameter) if edge.kind == "enables")

    def opaque(self, tool: str, parameter: str) -> bool:
        """Whether the value of ``parameter`` is made by the system, so that nobody could guess it."""
        return any(edge.opaque for edge in self.sources(tool, parameter))

    def provided(self, tool: str) -> tuple[str, ...]:
        """The required parameters that some tool can give a value."""
        return tuple(name for name in self.specs[tool].required if self.sources(tool, name))

    def needed_values(self, tool: str) -> tuple[str, ...]:
        """The required parameters whose value has to come from a tool."""
        return tuple(name for name in self.specs[tool].required if self.required_sources(tool, name))

    def consumers(self, tool: str) -> frozenset[str]:
        """The tools that can take a value from ``tool``."""
        return frozenset(edge.consumer for edge in self.outgoing(tool))

    def outgoing(self, tool: str) -> tuple[Edge, ...]:
        """The edges by which ``tool`` gives others values."""
        return self._outgoing.get(tool, ())

    def state_needs(self, tool: str) -> tuple[tuple[str, ...], ...]:
        """The state that ``tool`` needs: all of the needs, each by one of its tools."""
        return tuple(alternatives for _, alternatives in self._and_or.needs(tool, ()))

    def breakers(self, tool: str) -> tuple[str, ...]:
        """The tools that undo something that ``tool`` needs."""
        return tuple(dict.fromkeys(edge.producer for edge in self._incoming.get(tool, ()) if edge.kind == "breaks"))

    def undoers(self, tool: str) -> tuple[str, ...]:
        """The tools that undo what ``tool`` does for others."""
        return tuple(name for name, undone in self._undone.items() if tool in undone and name != tool)

    def prerequisites(self, tool: str, produced: Collection[str] | None = None) -> tuple[tuple[str, ...], ...]:
        """``Prerequisite(T)`` as a conjunction of alternatives: state needs, then values that a tool must produce."""
        values = self.needed_values(tool) if produced is None else produced
        return tuple(alternatives for _, alternatives in self._and_or.needs(tool, values))

    def reached(self, calls: Iterable[str]) -> frozenset[str]:
        """Of the tools called in this order, those whose effect still holds: no later call undid it.

        A tool that undoes what it also brings about (with other arguments) is taken to have brought it about.
        """
        holds: set[str] = set()
        for tool in calls:
            holds -= self._undone.get(tool, frozenset())
            holds.add(tool)
        return frozenset(holds)

    def legal(self, tool: str, called: Collection[str], produced: Collection[str] | None = None) -> bool:
        """Eq. (1): every prerequisite of ``tool`` is met by a tool that was called."""
        return all(any(name in called for name in need) for need in self.prerequisites(tool, produced))

    def costs(self, called: Collection[str], produced: Produced | None = None) -> dict[str, float]:
        """For each tool how many calls it takes until it has been called, by the additive delete relaxation.

        0 for a tool of ``called``, 1 for a legal tool, infinite where nothing leads to it. What several needs share is
        counted for each: ``relaxed_plan`` counts it once, for one target.
        """
        reached = self._and_or.relax(called, self._needed if produced is None else produced).cost
        return {name: reached.get(name, math.inf) for name in self.specs}

    @cached_property
    def costs_from_scratch(self) -> dict[str, float]:
        """``costs`` from nothing called, for the values that have to come from a tool: a ranking of all tools for where
        it would take too long to look at the whole graph for each call. Worked out when it is first asked for."""
        return self.costs(())

    @cached_property
    def costs_when_told(self) -> dict[str, float]:
        """The same for a user who tells all that anybody could know: only opaque values have to come from a tool."""
        return self.costs(
            (), {tool: tuple(n for n in self.needed_values(tool) if self.opaque(tool, n)) for tool in self.specs}
        )

    def relaxed_plan(
        self, target: str, called: Collection[str] = (), produced: Produced | None = None
    ) -> tuple[str, ...] | None:
        """Calls that lead to ``target``, itself the last, in an order in which each is legal after those before it, as
        far as none undoes what another one needs. None where nothing leads there."""
        return self._and_or.plan(target, called, self._needed if produced is None else produced)

    def distance(self, target: str, called: Collection[str] = (), produced: Produced | None = None) -> float:
        """``dist`` of eq. (2), as the calls that are still needed before ``target`` is legal: 0 where it is, infinite
        where it cannot become so. From nothing called, it is the number of edges on the path to ``target`` where every
        edge is a plain AND in a chain or tree; where such paths meet again, shared tools count once."""
        plan = self.relaxed_plan(target, called, produced)
        return math.inf if plan is None else float(len(plan) - 1)

    @cached_property
    def _needed(self) -> dict[str, tuple[str, ...]]:
        return {tool: self.needed_values(tool) for tool in self.specs}

    @cached_property
    def _undone(self) -> dict[str, frozenset[str]]:
        """For each tool that breaks something, the tools that had established it."""
        found: dict[str, frozenset[str]] = {}
        for edge in self.edges:
            if edge.kind == "breaks":
                condition: Condition = edge.need if edge.parameter is None else edge.parameter
                lost = self._conditions[edge.consumer].get(condition, ())
                found[edge.producer] = found.get(edge.producer, frozenset()).union(lost)
        return found

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Edge, ...]]:
        """For each tool the edges by which it gives others values."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            if edge.parameter is not None and edge.kind != "breaks":
                found.setdefault(edge.producer, []).append(edge)
        return {producer: tuple(edges) for producer, edges in found.items()}


def _by_consumer(edges: Iterable[Edge]) -> dict[str, tuple[Edge, ...]]:
    """The edges into each tool, those from one producer side by side."""
    found: dict[str, dict[str, list[Edge]]] = {}
    for edge in edges:
        found.setdefault(edge.consumer, {}).setdefault(edge.producer, []).append(edge)
    return {tool: tuple(chain.from_iterable(incoming.values())) for tool, incoming in found.items()}


def _by_parameter(incoming: Iterable[Edge]) -> dict[str, tuple[Edge, ...]]:
    found: dict[str, list[Edge]] = {}
    for edge in incoming:
        if edge.parameter is not None and edge.kind != "breaks":
            found.setdefault(edge.parameter, []).append(edge)
    return {
        parameter: tuple(sorted(edges, key=lambda edge: (edge.kind != "enables", -edge.score)))
        for parameter, edges in found.items()
    }


def _conditions(incoming: Iterable[Edge], sources: dict[str, tuple[Edge, ...]]) -> dict[Condition, tuple[str, ...]]:
    """State needs by their numbers in ascending order, then parameters, each with its tools."""
    state: dict[int, list[str]] = {}
    for edge in incoming:
        if edge.parameter is None and edge.kind == "enables":
            state.setdefault(edge.need, []).append(edge.producer)
    found: dict[Condition, tuple[str, ...]] = {need: tuple(dict.fromkeys(state[need])) for need in sorted(state)}
    for parameter, edges in sources.items():
        found[parameter] = tuple(dict.fromkeys(edge.producer for edge in edges))
    return found


def _opaque_by_name(edge: Edge) -> Edge:
    """A declared edge says nothing of whether its value could be guessed: the parameter's name does."""
    opaque = edge.kind == "enables" and edge.parameter is not None and is_opaque(edge.parameter)
    return edge.model_copy(update={"opaque": True}) if opaque else edge


def edge_of_fit(fit: Fit, *, opaque: bool) -> Edge:
    """A fit of schemas as an edge: only a value that a system makes has to come from a tool."""
    return Edge(
        producer=fit.producer,
        consumer=fit.consumer,
        path=fit.path,
        parameter=fit.parameter,
        kind="enables" if opaque else "offers",
        opaque=opaque,
        evidence=("schema",),
        score=fit.score,
    )
