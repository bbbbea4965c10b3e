"""What the reasoner looks up by edges that were found by trying: in lists of names, and in tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fr_agents.roles.offline import OfflineReasoning
from graphs.messages import assistant_message, tool_message, user_message
from graphs.roles import ReasoningView
from tools.base import Json, JsonObject
from tools.call import Observation, ToolCall
from tools.graph import Edge
from tools.spec import ToolSpec

TEXT: JsonObject = {"type": "string"}
SYMBOL: JsonObject = {"type": "string", "description": "Symbol of the stock."}
ROOM: JsonObject = {"type": "string", "description": "Room of the guest."}
STAY: JsonObject = {"type": "object", "properties": {"nights": {"type": "integer"}, "guest": TEXT}}


def spec(name: str, description: str, parameters: JsonObject, returns: JsonObject) -> ToolSpec:
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    return ToolSpec(name=name, description=description, parameters=schema, returns=returns)


def table(entry: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {"stays": {"type": "object", "additionalProperties": entry}}}


TOOLS = (
    spec("watched", "Get the watch list.", {}, {"type": "array", "items": TEXT}),
    spec("stock", "Show a stock.", {"symbol": SYMBOL}, {"type": "object"}),
    spec("stays", "Get the stays in the hotel.", {}, table(STAY)),
    spec("guests", "Get all that is known of guests.", {}, table({"type": "object"})),
    spec("clean", "Clean a room.", {"room_key": ROOM}, {"type": "object"}),
)
WATCHED = Edge(producer="watched", path="*", consumer="stock", parameter="symbol")
STAYS = Edge(producer="stays", path="stays.@key", consumer="clean", parameter="room_key", kind="offers")
GUESTS = STAYS.model_copy(update={"producer": "guests"})
TWO_STAYS = {"stays": {"A1": {"nights": 2, "guest": "Ann"}, "B2": {"nights": 5, "guest": "Bo"}}}


def asked(request: str, edges: Sequence[Edge], *before: tuple[str, Json]) -> list[tuple[str, JsonObject]]:
    """The next calls for a request, after calls without arguments that returned something."""
    messages = [user_message(request)]
    for number, (tool, content) in enumerate(before):
        call = ToolCall(id=f"c{number}", name=tool, arguments={})
        messages += [assistant_message("", "", [call]), tool_message(Observation(call_id=call.id, content=content))]
    view = ReasoningView(tools=TOOLS, messages=tuple(messages), hints=())
    move = OfflineReasoning(mistakes=0.0, edges=edges).answer(view)
    return [(wanted.name, wanted.arguments) for wanted in move.calls]


def test_the_first_of_a_list_of_names_is_looked_up_by_an_edge() -> None:
    request = "Please show a stock, using the symbol of the stock that comes first."
    assert asked(request, ()) == []
    assert asked(request, (WATCHED,)) == [("watched", {})]
    assert asked(request, (WATCHED,), ("watched", ["NV", "XT"])) == [("stock", {"symbol": "NV"})]


def test_the_only_one_of_a_list_needs_no_words() -> None:
    assert asked("Please show a stock.", (WATCHED,), ("watched", ["NV"])) == [("stock", {"symbol": "NV"})]
    assert asked("Please show a stock.", (WATCHED,), ("watched", ["NV", "XT"])) == []


@pytest.mark.parametrize(("edge", "tool"), [(STAYS, "stays"), (GUESTS, "guests")], ids=["declared", "undeclared"])
@pytest.mark.parametrize(
    ("words", "room"),
    [("with the highest nights", "B2"), ('whose guest is "Ann"', "A1"), ("that comes first", "A1")],
)
def test_the_key_of_a_table_is_picked_by_what_its_entry_holds(edge: Edge, tool: str, words: str, room: str) -> None:
    """Also where the schema does not tell what fields an entry has."""
    request = f"Please clean a room, using the room of the guest {words}."
    assert asked(request, (edge,)) == [(tool, {})]
    assert asked(request, (edge,), (tool, TWO_STAYS)) == [("clean", {"room_key": room})]


def test_a_field_that_no_entry_has_picks_nothing() -> None:
    request = "Please clean a room, using the room of the guest with the highest rent."
    assert asked(request, (STAYS,)) == []
    assert asked(request, (GUESTS,), ("guests", TWO_STAYS)) == []


def test_edges_that_give_no_value_or_come_from_tools_not_shown_are_no_help() -> None:
    request = "Please show a stock, using the symbol of the stock that comes first."
    broken = WATCHED.model_copy(update={"kind": "breaks"})
    state = WATCHED.model_copy(update={"parameter": None, "path": ""})
    elsewhere = WATCHED.model_copy(update={"producer": "bought"})
    assert asked(request, (broken, state, elsewhere)) == []


def test_what_was_tried_goes_before_what_only_looks_alike() -> None:
    alike = spec("quoted", "Get a quote.", {}, {"type": "object", "properties": {"symbol": TEXT}})
    view = ReasoningView(tools=(alike, *TOOLS), messages=(user_message("Please show a stock."),), hints=())

    def looked_up(edges: Sequence[Edge]) -> list[str]:
        return [call.name for call in OfflineReasoning(mistakes=0.0, edges=edges).answer(view).calls]

    assert looked_up(()) == ["quoted"]
    assert looked_up((WATCHED,)) == ["watched"]


def test_a_plain_value_goes_before_an_entry_that_nobody_picked() -> None:
    symbol: JsonObject = {"type": "object", "properties": {"favourite": TEXT}}
    plain = spec("profile", "Show the profile.", {}, symbol)
    view = ReasoningView(tools=(*TOOLS, plain), messages=(user_message("Please show a stock."),), hints=())
    edges = (WATCHED, Edge(producer="profile", path="favourite", consumer="stock", parameter="symbol"))
    assert [call.name for call in OfflineReasoning(mistakes=0.0, edges=edges).answer(view).calls] == ["profile"]


def test_of_two_ways_the_one_goes_first_that_uses_what_is_looked_up_anyway() -> None:
    """The price of the stock that is ordered, and not that of the last order."""
    price: JsonObject = {"type": "object", "properties": {"price": {"type": "number"}}}
    order = {"symbol": SYMBOL, "price": {"type": "number", "description": "Price to pay."}}
    tools = (
        *TOOLS[:1],
        spec("orders", "Get the orders.", {}, {"type": "array", "items": TEXT}),
        spec("past_order", "Show an order.", {"number": TEXT}, price),
        spec("quote", "Show a price.", {"symbol": SYMBOL}, price),
        spec("buy", "Buy a stock.", order, {"type": "object"}),
    )
    edges = (
        Edge(producer="orders", path="*", consumer="past_order", parameter="number"),
        Edge(producer="past_order", path="price", consumer="buy", parameter="price"),
        Edge(producer="watched", path="*", consumer="quote", parameter="symbol"),
        Edge(producer="watched", path="*", consumer="buy", parameter="symbol"),
        Edge(producer="quote", path="price", consumer="buy", parameter="price"),
    )
    view = ReasoningView(tools=tools, messages=(user_message("Please buy a stock."),), hints=())
    assert [call.name for call in OfflineReasoning(mistakes=0.0, edges=edges).answer(view).calls] == ["watched"]


def test_a_list_that_is_looked_up_anyway_does_not_tell_which_entry_is_meant() -> None:
    profile = spec("profile", "Show the profile.", {}, {"type": "object", "properties": {"favourite": TEXT}})
    swap = {"given": {"type": "string", "description": "Stock to give."}, "taken": {**TEXT, "description": "New one."}}
    tools = (TOOLS[0], profile, spec("swap", "Swap two stocks.", swap, {"type": "object"}))
    edges = tuple(WATCHED.model_copy(update={"consumer": "swap", "parameter": name}) for name in swap)
    edges += (Edge(producer="profile", path="favourite", consumer="swap", parameter="taken"),)
    request = "Please swap two stocks, using the stock that comes first."
    view = ReasoningView(tools=tools, messages=(user_message(request),), hints=())
    calls = OfflineReasoning(mistakes=0.0, edges=edges).answer(view).calls
    assert [call.name for call in calls] == ["watched", "profile"]
