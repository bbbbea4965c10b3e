"""The API graph: its needs and sources, legality by eq. (1), and what a sequence of calls leaves standing."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.graph import ApiGraph, Edge

quick = settings(max_examples=80, deadline=None)
NAMES = tuple("abcdef")
PARAMETERS = ("x", "y", "z")
TEXT = {"type": "string"}
names = st.sampled_from(NAMES)
state_edges = st.builds(
    Edge,
    producer=names,
    consumer=names,
    need=st.integers(0, 2),
    kind=st.sampled_from(["enables", "enables", "breaks"]),
)
value_edges = st.builds(
    Edge,
    producer=names,
    consumer=names,
    parameter=st.sampled_from(PARAMETERS),
    kind=st.sampled_from(["enables", "enables", "offers", "breaks"]),
    opaque=st.booleans(),
    score=st.floats(0, 1),
)
edge_lists = st.lists(state_edges | value_edges, max_size=16)
called_sets = st.frozensets(names, max_size=4)
produced_sets = st.frozensets(st.sampled_from(PARAMETERS))


@pytest.fixture(scope="session")
def specs(make: Any) -> list[Any]:
    """Tools with two parameters that a call must give and one that it may."""
    return [make.spec(name, dict.fromkeys(PARAMETERS, TEXT), required=["x", "y"]) for name in NAMES]


def supporters(edges: list[Edge], tool: str, condition: int | str) -> set[str]:
    """Who meets a condition of a tool: a state need by its number, or a parameter."""
    return {
        edge.producer
        for edge in edges
        if edge.consumer == tool
        and edge.kind != "breaks"
        and (
            edge.parameter == condition
            if isinstance(condition, str)
            else (edge.parameter, edge.need) == (None, condition)
        )
    }


def met(edges: list[Edge], tool: str, called: frozenset[str], produced: frozenset[str]) -> bool:
    """Eq. (1) word for word: each need of the tool, of state or of a produced value, is met by a called tool."""
    checked = [number for number in range(3) if supporters(edges, tool, number)]
    return all(supporters(edges, tool, condition) & called for condition in (*checked, *produced))


@given(edges=edge_lists, called=called_sets, produced=produced_sets)
@quick
def test_legality_is_equation_1(
    specs: list[Any], edges: list[Edge], called: frozenset[str], produced: frozenset[str]
) -> None:
    graph = ApiGraph(specs, edges)
    for name in NAMES:
        assert graph.legal(name, called, produced) == met(edges, name, called, produced)


@given(edges=edge_lists, called=called_sets)
@quick
def test_unless_told_otherwise_required_values_that_a_user_would_not_know_have_to_be_produced(
    specs: list[Any], edges: list[Edge], called: frozenset[str]
) -> None:
    graph = ApiGraph(specs, edges)
    for name in NAMES:
        enabled = {edge.parameter for edge in edges if edge.consumer == name and edge.kind == "enables"}
        needed = frozenset({"x", "y"} & enabled)
        assert set(graph.needed_values(name)) == needed
        assert graph.legal(name, called) == met(edges, name, called, needed)


@given(edges=edge_lists, calls=st.lists(names, max_size=8))
@quick
def test_a_call_holds_until_a_later_one_breaks_what_it_met(
    specs: list[Any], edges: list[Edge], calls: list[str]
) -> None:
    def undoes(breaker: str, tool: str) -> bool:
        broken = [edge for edge in edges if edge.kind == "breaks" and edge.producer == breaker]
        return any(tool in supporters(edges, edge.consumer, edge.parameter or edge.need) for edge in broken)

    reached = ApiGraph(specs, edges).reached(calls)
    for name in NAMES:
        later = calls[len(calls) - calls[::-1].index(name) :] if name in calls else []
        assert (name in reached) == (name in calls and not any(undoes(other, name) for other in later))


def test_what_was_broken_has_to_be_done_again(specs: list[Any]) -> None:
    edges = [
        Edge(producer="a", consumer="c", need=1),
        Edge(producer="b", consumer="c", parameter="x"),
        Edge(producer="d", consumer="c", need=1, kind="breaks"),
        Edge(producer="e", consumer="c", parameter="x", kind="breaks"),
    ]
    graph = ApiGraph(specs, edges)
    assert graph.legal("c", graph.reached("ab"))
    assert graph.reached("abd") == {"b", "d"}
    assert graph.reached("abe") == {"a", "e"}
    assert graph.legal("c", graph.reached("abda"))
    assert graph.relaxed_plan("c", graph.reached("abd")) == ("a", "c")
    assert graph.breakers("c") == ("d", "e")
    assert (graph.undoers("a"), graph.undoers("b"), graph.undoers("c")) == (("d",), ("e",), ())


def test_state_needs_and_values_make_up_the_prerequisites(specs: list[Any]) -> None:
    edges = [
        Edge(producer="b", consumer="d", need=2),
        Edge(producer="c", consumer="d", need=2),
        Edge(producer="c", consumer="d", need=2, evidence=("probed",)),
        Edge(producer="a", consumer="d", need=0),
        Edge(producer="e", consumer="d", parameter="x"),
        Edge(producer="f", consumer="d", parameter="z"),
    ]
    graph = ApiGraph(specs, edges)
    assert graph.state_needs("d") == (("a",), ("b", "c"))
    assert graph.prerequisites("d") == (("a",), ("b", "c"), ("e",))
    assert graph.prerequisites("d", ()) == graph.state_needs("d")
    assert graph.prerequisites("d", ["z", "y"]) == (("a",), ("b", "c"), ("f",), ())
    assert graph.state_needs("a") == ()


def test_sources_are_enabling_edges_first_and_then_the_best(specs: list[Any]) -> None:
    sources = [("b", 1.0, "offers"), ("c", 0.6, "enables"), ("d", 0.9, "enables"), ("e", 1.0, "breaks")]
    graph = ApiGraph(
        specs,
        [Edge(producer=name, consumer="a", parameter="x", score=score, kind=kind) for name, score, kind in sources],
    )
    assert [edge.producer for edge in graph.sources("a", "x")] == ["d", "c", "b"]
    assert [edge.producer for edge in graph.required_sources("a", "x")] == ["d", "c"]
    assert graph.sources("a", "y") == ()
    assert [graph.consumers(name) for name in "bde"] == [{"a"}, {"a"}, set()]


def test_what_is_only_offered_is_provided_but_not_needed(specs: list[Any]) -> None:
    edges = [
        Edge(producer="b", consumer="a", parameter="x", kind="offers"),
        Edge(producer="b", consumer="a", parameter="y", opaque=True),
    ]
    graph = ApiGraph(specs, edges)
    assert graph.provided("a") == ("x", "y")
    assert graph.needed_values("a") == ("y",)
    assert [graph.opaque("a", name) for name in PARAMETERS] == [False, True, False]


def test_edges_of_unknown_tools_are_left_out(specs: list[Any]) -> None:
    graph = ApiGraph(specs, [Edge(producer="z", consumer="a"), Edge(producer="a", consumer="b")])
    assert [(edge.producer, edge.consumer) for edge in graph.edges] == [("a", "b")]
    assert graph.legal("a", ())


def test_relations_are_the_edges_as_a_networkx_graph(specs: list[Any]) -> None:
    edges = [Edge(producer="a", consumer="b"), Edge(producer="a", consumer="b", parameter="x")]
    relations = ApiGraph(specs, edges).relations
    assert list(relations) == list(NAMES)
    assert [data["edge"] for _, _, data in relations.edges(data=True)] == edges
    assert nx.has_path(relations, "a", "b")


def test_a_declared_source_replaces_guessed_ones(make: Any) -> None:
    zips = make.spec("get_zip", {"city": TEXT}, make.result(zip_code=TEXT, area_code=TEXT))
    tickets = make.spec("tickets", {"zip_code": TEXT, "area_code": TEXT})
    declared = [
        Edge(producer="get_zip", consumer="tickets", path="area_code", parameter="zip_code"),
        Edge(producer="get_zip", consumer="tickets", parameter="area_code", kind="breaks"),
    ]
    graph = ApiGraph.from_specs([zips, tickets], declared)
    assert [(edge.path, edge.evidence) for edge in graph.sources("tickets", "zip_code")] == [
        ("area_code", ("declared",))
    ]
    assert [(edge.path, edge.evidence) for edge in graph.sources("tickets", "area_code")] == [
        ("area_code", ("schema",))
    ]


def test_a_guessed_source_is_needed_only_for_what_its_name_tells_to_be_made_by_a_system(make: Any) -> None:
    book = make.spec("book", {}, make.result(booking_id=TEXT, city_name=TEXT))
    show = make.spec("show", {"booking_id": TEXT, "city_name": TEXT})
    graph = ApiGraph.from_specs([book, show])
    assert graph.provided("show") == ("booking_id", "city_name")
    assert graph.needed_values("show") == ("booking_id",)
    assert graph.opaque("show", "booking_id")
    assert not graph.opaque("show", "city_name")
