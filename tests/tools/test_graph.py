"""The API graph: legality by eq. (1), costs, and the distance of eq. (2)."""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.graph import ApiGraph, Edge

quick = settings(max_examples=80, deadline=None)
NAMES = tuple("abcdef")
TEXT = {"type": "string"}
state_edges = st.builds(
    Edge,
    producer=st.sampled_from(NAMES),
    consumer=st.sampled_from(NAMES),
    need=st.integers(0, 2),
    kind=st.sampled_from(["enables", "enables", "breaks"]),
)
value_edges = st.builds(
    Edge,
    producer=st.sampled_from(NAMES),
    consumer=st.sampled_from(NAMES),
    parameter=st.sampled_from(["x", "y"]),
    score=st.floats(0, 1),
)
edge_lists = st.lists(state_edges | value_edges, max_size=14)
called_sets = st.frozensets(st.sampled_from(NAMES), max_size=4)
produced_maps = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(["x", "y"])).map(sorted), max_size=6)


@pytest.fixture(scope="session")
def specs(make: Any) -> list[Any]:
    return [make.spec(name, {"x": TEXT, "y": TEXT}) for name in NAMES]


def met(edges: list[Edge], tool: str, called: frozenset[str], produced: list[str]) -> bool:
    """Eq. (1) word for word: each need of the tool, of state or of a produced value, is met by a called tool."""
    needs = {edge.need for edge in edges if edge.consumer == tool and not edge.parameter and edge.kind == "enables"}
    by_state = all(
        any(
            edge.producer in called
            for edge in edges
            if edge.consumer == tool and not edge.parameter and edge.kind == "enables" and edge.need == need
        )
        for need in needs
    )
    by_value = all(
        any(edge.producer in called for edge in edges if edge.consumer == tool and edge.parameter == name)
        for name in produced
    )
    return by_state and by_value


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_legality_is_equation_1(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: dict[str, list[str]]
) -> None:
    graph = ApiGraph(specs, edges)
    for name in NAMES:
        assert graph.legal(name, called, produced.get(name, ())) == met(edges, name, called, produced.get(name, []))


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_costs_are_0_for_called_1_for_legal_and_finite_for_what_can_be_reached(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: dict[str, list[str]]
) -> None:
    costs = ApiGraph(specs, edges).costs(called, produced)
    reached = called
    while True:
        more = {name for name in NAMES if met(edges, name, reached, produced.get(name, []))} | reached
        if more == reached:
            break
        reached = frozenset(more)
    for name in NAMES:
        assert (costs[name] == 0) == (name in called)
        legal = met(edges, name, called, produced.get(name, []))
        assert (costs[name] == 1) == (legal and name not in called)
        assert math.isfinite(costs[name]) == (name in reached)


@given(length=st.integers(1, 6), order=st.permutations(NAMES), called=st.integers(0, 5))
@quick
def test_on_a_chain_the_cost_is_the_number_of_calls_to_go(
    specs: list[Any], length: int, order: list[str], called: int
) -> None:
    chain = order[:length]
    edges = [Edge(producer=left, consumer=right) for left, right in pairwise(chain)]
    graph = ApiGraph(specs, edges)
    done = chain[:called]
    assert graph.costs(done, {})[chain[-1]] == max(length - called, 0)
    assert graph.distance(chain[0], chain[-1]) == length - 1


@given(edges=edge_lists)
@quick
def test_distance_is_the_shortest_path_over_enabling_edges(specs: list[Any], edges: list[Edge]) -> None:
    graph = ApiGraph(specs, edges)
    best = {(left, right): 0.0 if left == right else math.inf for left in NAMES for right in NAMES}
    for edge in edges:
        if edge.kind == "enables" and edge.producer != edge.consumer:
            best[edge.producer, edge.consumer] = 1
    for middle in NAMES:
        for left, right in product(NAMES, NAMES):
            best[left, right] = min(best[left, right], best[left, middle] + best[middle, right])
    assert {pair: graph.distance(*pair) for pair in best} == best


def test_two_needs_cost_both_and_alternatives_the_cheaper(specs: list[Any]) -> None:
    edges = [
        Edge(producer="a", consumer="d", need=0),
        Edge(producer="b", consumer="d", need=1),
        Edge(producer="c", consumer="d", need=1),
        Edge(producer="e", consumer="b"),
    ]
    graph = ApiGraph(specs, edges)
    assert graph.prerequisites("d") == (("a",), ("b", "c"))
    assert graph.costs((), {})["d"] == 3
    assert graph.costs(("a", "c"), {})["d"] == 1


def test_edges_of_unknown_tools_are_left_out(specs: list[Any]) -> None:
    graph = ApiGraph(specs, [Edge(producer="z", consumer="a"), Edge(producer="a", consumer="b")])
    assert [(edge.producer, edge.consumer) for edge in graph.edges] == [("a", "b")]
    assert graph.legal("a", ())


def test_a_produced_parameter_that_nothing_produces_is_never_legal(specs: list[Any]) -> None:
    graph = ApiGraph(specs, [])
    assert graph.legal("a", NAMES)
    assert not graph.legal("a", NAMES, ["x"])
    assert math.isinf(graph.costs((), {"a": ["x"]})["a"])


def test_sources_come_best_first(specs: list[Any]) -> None:
    edges = [Edge(producer=name, consumer="a", parameter="x", score=score) for name, score in (("b", 0.6), ("c", 1.0))]
    graph = ApiGraph(specs, edges)
    assert [edge.producer for edge in graph.sources("a", "x")] == ["c", "b"]
    assert graph.provided("a") == ("x",)


def test_a_declared_source_replaces_guessed_ones(make: Any) -> None:
    zips = make.spec("get_zip", {"city": TEXT}, make.result(zip_code=TEXT, area_code=TEXT))
    tickets = make.spec("tickets", {"zip_code": TEXT, "area_code": TEXT})
    declared = Edge(producer="get_zip", consumer="tickets", path="area_code", parameter="zip_code")
    graph = ApiGraph.from_specs([zips, tickets], [declared])
    assert [(edge.path, edge.evidence) for edge in graph.sources("tickets", "zip_code")] == [
        ("area_code", ("declared",))
    ]
    assert [(edge.path, edge.evidence) for edge in graph.sources("tickets", "area_code")] == [
        ("area_code", ("schema",))
    ]
