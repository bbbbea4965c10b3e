"""What a turn's intent and its present goal ask of the arguments."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.constraints import constraints_of, varied_slots
from tools.base import canonical_json
from tools.call import Observation, ToolCall
from tools.graph import ApiGraph, Edge
from tools.intent import Goal, Intent, WantedEdge
from tools.origin import ArgumentOrigin, Selector
from tools.spec import ToolSpec
from tools.trace import Step

SAID = ArgumentOrigin(kind="query")


def spec(name: str, *parameters: str) -> ToolSpec:
    properties = {parameter: {"type": "string"} for parameter in parameters}
    return ToolSpec(
        name=name,
        description="Does something.",
        parameters={"type": "object", "properties": properties, "required": list(parameters)},
        returns={"type": "object", "properties": {}},
    )


@pytest.fixture(scope="module")
def graph() -> ApiGraph:
    specs = [
        spec("get_zip", "city"),
        spec("distance", "zip", "unit"),
        spec("list_stocks", "sector"),
        spec("quote", "access_token", "stock_id"),
        spec("clock"),
    ]
    edges = [
        Edge(producer="get_zip", consumer="distance", path="zip", parameter="zip"),
        Edge(producer="list_stocks", consumer="quote", path="stocks.*.id", parameter="stock_id", opaque=True),
    ]
    return ApiGraph(specs, edges)


def step(call_id: str, tool: str, arguments: dict[str, Any], **origins: ArgumentOrigin) -> Step:
    return Step(
        call=ToolCall(id=call_id, name=tool, arguments=arguments),
        observation=Observation(call_id=call_id, content={}),
        origins={name: origins.get(name, SAID) for name in arguments},
    )


def read(source: str, path: str, selector: Selector | None = None) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path=path, selector=selector)


@pytest.fixture
def chain() -> list[Step]:
    """A distance to a city, whose zip code was looked up."""
    return [
        step("a", "get_zip", {"city": "Rome"}),
        step("b", "distance", {"zip": "00100", "unit": "km"}, zip=read("a", "zip")),
    ]


def test_an_intent_speaks_of_the_parameters_of_its_target(graph: ApiGraph) -> None:
    edge = WantedEdge(producer="get_zip", path="zip", parameter="zip")
    intent = Intent(tool="distance", edge=edge, earlier=("unit",), fresh=True)
    found = constraints_of(intent, Goal(tool="distance"), [], graph)
    assert found.edges == {("distance", "zip"): edge}
    assert found.earlier == {("distance", "unit")}
    assert found.produced == {("distance", "zip"), ("distance", "unit")}
    assert found.fresh


def test_what_has_to_change_is_not_said_again(graph: ApiGraph) -> None:
    intent = Intent(tool="distance", said={"zip": "1", "unit": "km"}, other={"unit": "km"})
    found = constraints_of(intent, Goal(tool="distance"), [], graph)
    assert found.said == {("distance", "zip"): "1"}
    assert found.other == {("distance", "unit"): {canonical_json("km")}}


def test_a_state_edge_asks_nothing_of_arguments(graph: ApiGraph) -> None:
    found = constraints_of(Intent(tool="clock", edge=WantedEdge(producer="quote")), Goal(tool="clock"), [], graph)
    assert found.edges == {}
    assert found.produced == frozenset()


def test_a_use_takes_what_the_goal_before_it_returned(graph: ApiGraph, chain: list[Step]) -> None:
    goal = Goal(tool="distance", kind="use", since=1, parameter="zip", source="a")
    found = constraints_of(Intent(tool="get_zip"), goal, chain[:1], graph)
    assert found.sources == {("distance", "zip"): "a"}
    assert found.produced == {("distance", "zip")}


def test_a_second_instance_differs_in_what_it_is_about_and_in_nothing_else(graph: ApiGraph, chain: list[Step]) -> None:
    goal = Goal(tool="distance", kind="second", since=2)
    found = constraints_of(Intent(tool="distance"), goal, chain, graph)
    assert found.other == {
        ("distance", "zip"): {canonical_json("00100")},
        ("get_zip", "city"): {canonical_json("Rome")},
    }
    assert found.kept == {("distance", "unit"): "km"}


def test_what_the_second_one_has_done_already_does_not_count_as_the_first(graph: ApiGraph, chain: list[Step]) -> None:
    goal = Goal(tool="distance", kind="second", since=2)
    begun = [*chain, step("c", "get_zip", {"city": "Oslo"})]
    assert constraints_of(Intent(tool="distance"), goal, begun, graph) == constraints_of(
        Intent(tool="distance"), goal, chain, graph
    )


def test_a_chain_varies_where_it_was_looked_up_by_itself(graph: ApiGraph, chain: list[Step]) -> None:
    assert varied_slots(chain, graph) == {("distance", "zip"), ("get_zip", "city")}
    assert varied_slots(chain[:1], graph) == {("get_zip", "city")}


def test_an_entry_of_a_list_varies_within_the_list_and_no_session_varies(graph: ApiGraph) -> None:
    steps = [
        step("a", "list_stocks", {"sector": "Energy"}),
        step(
            "b",
            "quote",
            {"access_token": "T", "stock_id": "S1"},
            access_token=ArgumentOrigin(kind="earlier_turn", source="e", path="token"),
            stock_id=read("a", "stocks.*.id", Selector(kind="first")),
        ),
    ]
    assert varied_slots(steps, graph) == {("quote", "stock_id")}


def test_a_call_about_nothing_cannot_vary(graph: ApiGraph) -> None:
    assert varied_slots([step("a", "clock", {})], graph) == frozenset()
    taken = step("b", "distance", {"zip": "1"}, zip=ArgumentOrigin(kind="earlier_turn", source="e", path="zip"))
    assert varied_slots([taken], graph) == frozenset()
