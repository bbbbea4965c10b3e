"""What a final answer says of lists must be so."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.validation.retelling import retold_wrongly
from tools.call import Observation, ToolCall
from tools.trace import Step


def listed(name: str, rows: list[dict[str, Any]], tool: str = "list_things", **arguments: Any) -> Step:
    call = ToolCall(id=f"call_{len(rows)}", name=tool, arguments=arguments)
    return Step(call=call, observation=Observation(call_id=call.id, content={name: rows}), origins={})


FLIGHTS = listed(
    "flights",
    [
        {"airline": "Skylark", "seats": "first", "price": 1},
        {"airline": "Aurora Air", "seats": "economy", "price": 2},
        {"airline": "Blue Heron", "seats": "economy", "price": 3},
    ],
    city="Oslo",
)
CARDS = listed("cards", [{"label": "business card"}, {"label": "family card"}, {"label": "travel card"}], "list_cards")
BOOKINGS = listed("bookings", [{"status": status} for status in ("paid", "paid", "unpaid")])


def told(reply: str, *steps: Step, specs: Any = None) -> str:
    return retold_wrongly(reply, steps, steps, specs or {})


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("The airlines are Skylark, Aurora Air, and Skylark.", "lists Skylark 2 times"),
        ("There are 3 flights: *Aurora Air*; Skylark; Aurora Air.", "lists Aurora Air 2 times"),
        ("There are 3 flights: Skylark, Aurora Air, and Blue Heron.", ""),
        ("Their seats are: first, economy, economy and economy.", "lists economy 3 times"),
        ("The flights are Skylark (first), Aurora Air (economy) and Blue Heron (economy).", ""),
        ("Skylark, Aurora Air and Blue Heron. In economy there are Aurora Air and Blue Heron.", ""),
        ("To Oslo: Skylark flies to Oslo, Aurora Air flies to Oslo.", ""),
    ],
)
def test_each_thing_is_listed_as_often_as_there_is_one(reply: str, wrong: str) -> None:
    assert told(reply, FLIGHTS).startswith(wrong) if wrong else told(reply, FLIGHTS) == ""


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("You have two bookings: BK-1 and BK-2.", True),
        ("You have three bookings: BK-1, BK-2 and BK-3.", False),
        ("You have 3 bookings.", False),
        ("You have 3 unpaid bookings: BK-1, BK-2 and BK-3.", True),
        ("There are two paid bookings, and one that is not.", False),
        ("There are no bookings.", True),
        ("You have two bookings that cost less than $100.", False),
        ("You have two upcoming bookings: BK-1, BK-2.", False),
        ("You have two messages.", False),
        ("You have twelve bookings.", True),
        ("You have one booking: BK-1.", True),
        ("You have several bookings: BK-1, BK-2 and BK-3.", False),
        ("I found a total of 2 bookings in total.", True),
    ],
)
def test_things_are_as_many_as_there_are(reply: str, wrong: bool) -> None:
    assert told(reply, BOOKINGS).startswith("miscounts") is wrong


def test_things_are_called_as_their_tool_calls_them(tickets: Any) -> None:
    specs = {tool.name: tool for tool in tickets.tools}
    assert "payment cards" in specs["list_cards"].description
    assert told("You have two payment cards: business card, family card.", CARDS) == ""
    claim = "You have two payment cards: business card, family card."
    assert told(claim, CARDS, specs=specs) == "miscounts: 'You have two payment cards:', where there are 3"


def test_of_two_lists_one_may_be_counted_or_both() -> None:
    more = listed("bookings", [{"status": "paid"}], when="later")
    right = [count for count in range(1, 6) if told(f"You have {count} bookings.", BOOKINGS, more) == ""]
    assert right == [1, 3, 4]


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("They are all paid.", True),
        ("All of them are paid.", True),
        ("BK-1, BK-2 and BK-3, all paid.", True),
        ("All bookings are paid.", True),
        ("All the bookings are unpaid.", True),
        ("They are all paid except BK-3.", False),
        ("Here are all paid bookings: BK-1 and BK-2.", False),
        ("They are paid.", False),
        ("All bookings are listed above.", False),
        ("All done.", False),
    ],
)
def test_what_holds_for_some_is_not_said_of_all(reply: str, wrong: bool) -> None:
    assert told(reply, BOOKINGS).startswith("says of all") is wrong
    assert told(reply, listed("bookings", [{"status": "paid"}, {"status": "paid"}])) == ""


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("You have BK-1, BK-2 and BK-3. They are paid and booked on different dates.", True),
        ("You have BK-1 and BK-2. They are paid. BK-3 is not.", False),
        ("You have BK-1, BK-2 and BK-3. They are paid except the last one.", False),
        ("You have BK-1, BK-2 and BK-3. They are dear.", False),
    ],
)
def test_they_are_all_of_them_once_all_were_named(reply: str, wrong: bool) -> None:
    rows = [{"booking_id": f"BK-{n}", "status": status} for n, status in enumerate(("paid", "paid", "unpaid"), 1)]
    assert told(reply, listed("bookings", rows)).startswith("says of all") is wrong


@pytest.mark.parametrize(
    ("reply", "wrong"),
    [
        ("BK-1 goes from Oslo to Rome.", ""),
        ("BK-1 (Rome to Oslo)", "tells a way the wrong way round: 'Rome to Oslo'"),
        ("BK-2 goes from Bonn to Oslo, and back from Oslo to Bonn.", ""),
        ("From Rome, to Oslo", ""),
    ],
)
def test_a_way_is_told_as_it_goes(reply: str, wrong: str) -> None:
    ways = [("Oslo", "Rome"), ("Bonn", "Oslo"), ("Oslo", "Bonn")]
    rows = [{"departure_city": begins, "arrival_city": ends} for begins, ends in ways]
    assert told(reply, listed("bookings", rows)) == wrong


def test_what_has_no_list_says_nothing_wrong() -> None:
    step = Step(
        call=ToolCall(id="a", name="look", arguments={}), observation=Observation(call_id="a", content=None), origins={}
    )
    assert told("You have two bookings: they are all paid.", step) == ""
