"""What an author declared is joined with what was found, and neither spoils the other."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from envs.discovery.declaring import with_declared
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

NAMES = ("a", "b", "c", "d")
SPECS = [
    ToolSpec(name=name, description=".", parameters={"type": "object", "properties": {"x": {}}}, returns={})
    for name in NAMES
]


def state(producer: str, need: int = 0, evidence: str = "probed") -> Edge:
    return Edge(producer=producer, consumer="d", need=need, evidence=(evidence,))


def test_an_edge_that_was_found_and_declared_stands_once_for_each_place_with_both_as_evidence() -> None:
    found = [
        Edge(producer="a", consumer="d", path=path, parameter="x", evidence=("probed",)) for path in ("one", "two")
    ]
    declared = Edge(producer="a", consumer="d", path="one", parameter="x")
    joined = with_declared(found, [declared, declared])
    assert [(edge.path, edge.evidence) for edge in joined] == [
        ("one", ("declared", "probed")),
        ("two", ("declared", "probed")),
    ]


def test_a_declared_alternative_belongs_to_the_need_that_was_found() -> None:
    joined = with_declared([state("b", 0), state("a", 3)], [state("a", 0, "declared"), state("c", 0, "declared")])
    assert ApiGraph(SPECS, joined).state_needs("d") == (("b",), ("a", "c"))


def test_a_need_that_is_only_declared_is_one_of_its_own() -> None:
    joined = with_declared([state("a")], [state("b", 0, "declared"), state("c", 1, "declared")])
    assert ApiGraph(SPECS, joined).state_needs("d") == (("a",), ("b",), ("c",))


edges = st.builds(state, st.sampled_from(NAMES[:3]), st.integers(min_value=0, max_value=2))


def by_number(given_edges: Iterable[Edge]) -> dict[int, set[str]]:
    needs: dict[int, set[str]] = {}
    for edge in given_edges:
        needs.setdefault(edge.need, set()).add(edge.producer)
    return needs


@given(found=st.lists(edges, max_size=4), declared=st.lists(edges, max_size=4))
def test_no_tool_is_lost_and_a_need_gets_alternatives_that_are_declared_with_its_own_alone(
    found: list[Edge], declared: list[Edge]
) -> None:
    joined = with_declared(found, declared)
    assert {edge.producer for edge in joined} == {edge.producer for edge in (*found, *declared)}
    after, together = by_number(joined), by_number(declared)
    for number, tools in by_number(found).items():
        assert tools <= after[number]
        for added in after[number] - tools:
            assert any(added in group and group & tools for group in together.values())
