"""How an edge can be walked: in one turn, or by a later turn that goes on with the one before."""

from __future__ import annotations

import pytest

from fr_agents.planning import Item
from fr_agents.planning.ways import Ways
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec
from tools.trace import Relation

READS = ("find_order", "list_orders", "show_help")
WRITES = ("log_in", "log_out", "place_order", "cancel_order", "pay_order", "open_shop", "close_shop")


def value(producer: str, consumer: str, parameter: str) -> Edge:
    return Edge(producer=producer, consumer=consumer, parameter=parameter, path=parameter)


EDGES = [
    value("log_in", "place_order", "token"),
    value("list_orders", "find_order", "order_id"),
    value("list_orders", "pay_order", "order_id"),
    value("list_orders", "cancel_order", "order_id"),
    value("place_order", "find_order", "order_id"),
    value("place_order", "pay_order", "order_id"),
    value("place_order", "cancel_order", "order_id"),
    Edge(producer="log_in", consumer="list_orders"),
    Edge(producer="open_shop", consumer="place_order"),
    Edge(producer="open_shop", consumer="close_shop"),
    Edge(producer="log_in", consumer="log_out"),
]


@pytest.fixture(scope="module")
def ways() -> Ways:
    specs = []
    for name in (*READS, *WRITES):
        taken = {edge.parameter: {"type": "string"} for edge in EDGES if edge.consumer == name and edge.parameter}
        schema = {"type": "object", "properties": taken, "required": list(taken)}
        effect = "read" if name in READS else "write"
        specs.append(ToolSpec(name=name, description=f"The tool {name}.", parameters=schema, returns={}, effect=effect))
    return Ways(ApiGraph(specs, EDGES))


def edge(producer: str, tool: str, parameter: str | None = "order_id") -> Item:
    return Item(tool, producer, parameter or "", parameter)


@pytest.mark.parametrize(
    ("item", "relation"),
    [
        (Item("place_order"), None),
        (edge("log_in", "place_order", "token"), None),
        (edge("log_in", "list_orders", None), None),
        (edge("list_orders", "find_order"), "drill_down"),
        (edge("place_order", "find_order"), "drill_down"),
        (edge("list_orders", "pay_order"), "follow_up"),
        (edge("place_order", "pay_order"), "follow_up"),
        (edge("place_order", "cancel_order"), "correction"),
        (edge("list_orders", "cancel_order"), "follow_up"),
        (edge("open_shop", "place_order", None), "same_entity"),
        (edge("open_shop", "close_shop", None), "correction"),
    ],
)
def test_a_later_turn_walks_an_edge_by_what_its_tool_does(ways: Ways, item: Item, relation: Relation | None) -> None:
    assert ways.relation(item) == relation


@pytest.mark.parametrize(
    ("item", "two"),
    [
        (Item("place_order"), False),
        (edge("list_orders", "find_order"), False),
        (edge("list_orders", "cancel_order"), False),
        (edge("place_order", "pay_order"), False),
        (edge("place_order", "find_order"), True),
        (edge("place_order", "cancel_order"), True),
        (edge("log_in", "place_order", "token"), False),
        (edge("log_in", "list_orders", None), False),
        (edge("open_shop", "place_order", None), False),
        (edge("open_shop", "close_shop", None), True),
    ],
)
def test_nobody_makes_a_thing_to_take_it_back_or_to_have_it_read_back(ways: Ways, item: Item, two: bool) -> None:
    assert ways.takes_two_turns(item) == two


@pytest.mark.parametrize(
    ("tool", "worth"), [("place_order", True), ("find_order", True), ("list_orders", True), ("show_help", False)]
)
def test_a_turn_begins_with_what_changes_something_or_takes_more_than_one_call(
    ways: Ways, tool: str, worth: bool
) -> None:
    assert ways.worth_a_turn(tool) == worth
