"""How far off a tool is: additive costs, relaxed plans, and the distance of eq. (2)."""

from __future__ import annotations

import math
from itertools import chain, combinations, pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.graph import ApiGraph, Edge

quick = settings(max_examples=80, deadline=None)
NAMES = tuple("abcdefg")
TEXT = {"type": "string"}
Produced = dict[str, list[str]]
names = st.sampled_from(NAMES)
kinds = st.sampled_from(["enables", "enables", "enables", "offers", "breaks"])
conditions = st.tuples(names, st.sampled_from([0, 1, 2, "x", "y"]), st.lists(names, min_size=1, max_size=3), kinds)


def _edges(conditions: list[tuple[str, int | str, list[str], Any]]) -> list[Edge]:
    return [
        Edge(producer=producer, consumer=consumer, parameter=key, kind=kind)
        if isinstance(key, str)
        else Edge(producer=producer, consumer=consumer, need=key, kind="enables" if kind == "offers" else kind)
        for consumer, key, producers, kind in conditions
        for producer in producers
    ]


edge_lists = st.lists(conditions, max_size=12).map(_edges)
called_sets = st.frozensets(names, max_size=3)
produced_maps = st.dictionaries(names, st.sets(st.sampled_from(["x", "y"])).map(sorted), max_size=7)


@pytest.fixture(scope="session")
def specs(make: Any) -> list[Any]:
    return [make.spec(name, {"x": TEXT, "y": TEXT}) for name in NAMES]


def able(edges: list[Edge], tool: str, at_hand: frozenset[str], produced: Produced) -> bool:
    """Whether a tool can be called with what is at hand, straight from the list of edges."""
    helpful = [edge for edge in edges if edge.consumer == tool and edge.kind != "breaks"]
    state = {edge.need for edge in helpful if edge.parameter is None}
    got_state = {edge.need for edge in helpful if edge.parameter is None and edge.producer in at_hand}
    got_values = {edge.parameter for edge in helpful if edge.parameter and edge.producer in at_hand}
    return state == got_state and got_values.issuperset(produced.get(tool, ()))


def executable(edges: list[Edge], plan: tuple[str, ...], called: frozenset[str], produced: Produced) -> bool:
    return all(able(edges, tool, called | frozenset(plan[:number]), produced) for number, tool in enumerate(plan))


def closure(edges: list[Edge], within: frozenset[str], called: frozenset[str], produced: Produced) -> frozenset[str]:
    """All that can be called with tools of ``within`` alone."""
    reached = called
    for _ in NAMES:
        reached |= {name for name in within if able(edges, name, reached, produced)}
    return reached


def shortest(edges: list[Edge], target: str, called: frozenset[str], produced: Produced) -> float:
    """The fewest further tools that make the target legal, by trying all sets of them."""
    subsets = chain.from_iterable(combinations(NAMES, size) for size in range(len(NAMES) + 1))
    for subset in subsets:
        if able(edges, target, closure(edges, frozenset(subset), called, produced), produced):
            return len(set(subset) - called)
    return math.inf


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_distance_is_0_where_legal_and_finite_where_it_can_be_reached(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: Produced
) -> None:
    graph = ApiGraph(specs, edges)
    everything = closure(edges, frozenset(NAMES), called, produced)
    for name in NAMES:
        distance = graph.distance(name, called, produced)
        assert (distance == 0) == graph.legal(name, called, produced.get(name, ()))
        assert math.isfinite(distance) == able(edges, name, everything, produced)


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_a_relaxed_plan_can_be_called_in_its_order_and_none_of_it_left_out(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: Produced
) -> None:
    graph = ApiGraph(specs, edges)
    costs = graph.costs(called, produced)
    for name in NAMES:
        plan = graph.relaxed_plan(name, called, produced)
        if plan is None:
            continue
        assert plan[-1] == name
        assert len(set(plan)) == len(plan)
        assert called.isdisjoint(plan[:-1])
        assert executable(edges, plan, called, produced)
        for left_out in range(len(plan) - 1):
            rest = plan[:left_out] + plan[left_out + 1 :]
            assert not executable(edges, rest, called, produced)
        assert name in called or len(plan) <= costs[name]


@given(edges=edge_lists, called=called_sets, produced=produced_maps, target=names)
@settings(max_examples=40, deadline=None)
def test_the_distance_is_never_below_the_fewest_calls_and_equal_without_alternatives(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: Produced, target: str
) -> None:
    best = shortest(edges, target, called, produced)
    distance = ApiGraph(specs, edges).distance(target, called, produced)
    assert distance >= best
    helpful = [edge for edge in edges if edge.kind != "breaks"]
    conditions = {(edge.consumer, edge.parameter, edge.need if edge.parameter is None else 0) for edge in helpful}
    if len({(edge.producer, edge.consumer, edge.parameter, edge.need) for edge in helpful}) == len(conditions):
        assert distance == best


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_costs_are_0_for_called_1_for_legal_and_finite_for_what_can_be_reached(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: Produced
) -> None:
    costs = ApiGraph(specs, edges).costs(called, produced)
    everything = closure(edges, frozenset(NAMES), called, produced)
    for name in NAMES:
        assert (costs[name] == 0) == (name in called)
        assert (costs[name] == 1) == (able(edges, name, called, produced) and name not in called)
        assert math.isfinite(costs[name]) == (name in everything)


@given(edges=edge_lists, called=called_sets, produced=produced_maps)
@quick
def test_costs_are_the_fixed_point_of_the_additive_relaxation(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: Produced
) -> None:
    graph = ApiGraph(specs, edges)
    costs = graph.costs(called, produced)
    for name in set(NAMES) - called:
        needs = graph.prerequisites(name, produced.get(name, ()))
        assert costs[name] == 1 + sum(min((costs[item] for item in need), default=math.inf) for need in needs)


@given(parents=st.lists(st.integers(0, 5), min_size=6, max_size=6), order=st.permutations(NAMES))
@quick
def test_in_a_tree_the_distance_is_that_of_the_graph(specs: list[Any], parents: list[int], order: list[str]) -> None:
    edges = [Edge(producer=order[min(parent, n)], consumer=order[n + 1]) for n, parent in enumerate(parents)]
    tree: nx.DiGraph[str] = nx.DiGraph((edge.producer, edge.consumer) for edge in edges)
    graph = ApiGraph(specs, edges)
    for target, length in nx.single_source_shortest_path_length(tree, order[0]).items():
        assert graph.distance(target) == length
        path = nx.shortest_path(tree, order[0], target)
        assert graph.relaxed_plan(target) == tuple(path)
        assert graph.distance(target, path[: length // 2]) == length - length // 2


@given(pairs=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12), called=called_sets)
@quick
def test_where_all_needs_are_joint_the_distance_counts_the_ancestors_not_called_yet(
    specs: list[Any], pairs: set[tuple[int, int]], called: frozenset[str]
) -> None:
    edges = [
        Edge(producer=NAMES[left], consumer=NAMES[right], need=left) for left, right in sorted(pairs) if left < right
    ]
    relations = ApiGraph(specs, edges).relations
    done = called.union(*(nx.ancestors(relations, name) for name in called))
    for name in NAMES:
        assert ApiGraph(specs, edges).distance(name, done) == len(nx.ancestors(relations, name) - done)


def test_two_needs_cost_both_and_alternatives_the_cheaper(specs: list[Any]) -> None:
    edges = [
        Edge(producer="a", consumer="d", need=0),
        Edge(producer="b", consumer="d", need=1),
        Edge(producer="c", consumer="d", need=1),
        Edge(producer="e", consumer="b"),
    ]
    graph = ApiGraph(specs, edges)
    assert graph.costs((), {})["d"] == 3
    assert graph.costs(("a", "c"), {})["d"] == 1
    assert graph.relaxed_plan("d") == ("a", "c", "d")
    assert graph.relaxed_plan("d", ["b"]) == ("a", "d")


def test_alternatives_of_one_need_do_not_stand_in_for_another(specs: list[Any]) -> None:
    edges = [Edge(producer=producer, consumer="e", need=need) for producer, need in (("a", 0), ("b", 0), ("d", 1))]
    assert math.isinf(ApiGraph(specs, [*edges, Edge(producer="d", consumer="d")]).distance("e"))
    graph = ApiGraph(specs, [*edges, Edge(producer="c", consumer="d")])
    assert graph.relaxed_plan("e") == ("a", "c", "d", "e")
    assert graph.costs(())["e"] == 4


def test_what_two_needs_share_is_called_once(specs: list[Any]) -> None:
    edges = [Edge(producer=left, consumer=right, need=n) for n, (left, right) in enumerate(["ab", "ac", "bd", "cd"])]
    graph = ApiGraph(specs, edges)
    assert graph.costs(())["d"] == 5
    assert graph.relaxed_plan("d") == ("a", "b", "c", "d")


def test_one_tool_that_meets_two_needs_is_preferred_to_two(specs: list[Any]) -> None:
    edges = [
        Edge(producer="a", consumer="d", need=0),
        Edge(producer="c", consumer="d", need=0),
        Edge(producer="c", consumer="d", need=1),
    ]
    assert ApiGraph(specs, edges).relaxed_plan("d") == ("c", "d")


def test_what_is_at_hand_keeps_no_call_in_the_plan(specs: list[Any]) -> None:
    """Without "f" at hand "a" would be needed for the third need; "c" does for the other two."""
    edges = [
        Edge(producer=producer, consumer="d", need=need)
        for producer, need in (("a", 0), ("c", 0), ("c", 1), ("a", 2), ("f", 2))
    ]
    assert ApiGraph(specs, edges).relaxed_plan("d", ["f"]) == ("c", "d")
    assert ApiGraph(specs, edges).relaxed_plan("d") == ("a", "c", "d")


def test_a_value_has_to_come_from_a_tool_only_where_it_is_produced(specs: list[Any]) -> None:
    graph = ApiGraph(specs, [Edge(producer="b", consumer="a", parameter="x", kind="offers")])
    assert graph.distance("a") == 0
    assert graph.distance("a", (), {"a": ["x"]}) == 1
    assert graph.distance("a", ("b",), {"a": ["x"]}) == 0
    assert math.isinf(graph.distance("a", NAMES, {"a": ["y"]}))
    assert graph.relaxed_plan("a", (), {"a": ["y"]}) is None


def test_tools_that_only_enable_each_other_are_out_of_reach(specs: list[Any]) -> None:
    edges = [Edge(producer=left, consumer=right) for left, right in ("ab", "ba", "bc", "dd")]
    graph = ApiGraph(specs, edges)
    assert [graph.distance(name) for name in "abcd"] == [math.inf] * 4
    assert [graph.distance(name, "a") for name in "abc"] == [1, 0, 1]


def test_calls_of_tools_that_the_graph_does_not_know_help_nobody(specs: list[Any]) -> None:
    graph = ApiGraph(specs, [Edge(producer="a", consumer="b")])
    assert graph.relaxed_plan("b", ["unknown"]) == ("a", "b")
    assert "unknown" not in graph.costs(["unknown"])


def test_a_target_in_reach_is_never_infinitely_far_however_much_its_needs_share(make: Any) -> None:
    """Each layer needs both tools of the one before it, which doubles the additive cost: beyond what floats hold."""
    layers = 1100
    tools = [f"{side}{n}" for n in range(layers) for side in "lr"]
    edges = [
        Edge(producer=f"{left}{n}", consumer=f"{right}{m}", need=need)
        for n, m in pairwise(range(layers))
        for need, left in enumerate("lr")
        for right in "lr"
    ]
    graph = ApiGraph([make.spec(name) for name in tools], edges)
    assert graph.distance(tools[-1]) == 2 * (layers - 1)
    assert math.isfinite(graph.costs(())[tools[-1]])
