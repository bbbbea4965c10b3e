"""How an origin is told to a person."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.origins import Sources, describe_origin
from tools.origin import ArgumentOrigin

SOURCES = Sources({"a": (1, "find_seat"), "b": (2, "list_flights")})
CHEAPEST = {"kind": "min", "field": "price"}


def place(kind: str = "observation", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "source": "b", "path": "flights.*.no", "selector": CHEAPEST, **more}


PRICE = place(path="flights.*.price")
SEAT = place("earlier_turn", source="a", path="seat", selector=None)


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        ({"kind": "query", "span": (0, 4)}, ""),
        ({"kind": "profile"}, "the system message"),
        ({"kind": "default"}, "its default"),
        (place(), "list_flights.flights[lowest price].no"),
        (place("state"), "described in the request, list_flights.flights[lowest price].no"),
        (SEAT, "turn 1, find_seat.seat"),
        ({"kind": "earlier_turn", "turn": 1}, "turn 1"),
        (
            {"kind": "derived", "expression": "round(a * b, 2)", "parts": [PRICE, {"kind": "query", "span": (0, 1)}]},
            "round(list_flights.flights[lowest price].price * the request, 2)",
        ),
        ({"kind": "derived"}, "what was shown"),
        (
            {"kind": "composed", "parts": [place(), {"kind": "query"}]},
            "list_flights.flights[lowest price].no + the request",
        ),
        (
            {"kind": "composed", "template": "{{#{0}}}: {1}", "parts": [SEAT, {"kind": "query"}]},
            "“{#<turn 1, find_seat.seat>}: <the request>”",
        ),
        ({"kind": "free_text"}, "own words"),
        (
            {
                "kind": "free_text",
                "facts": ("F1", "Ana", "F9"),
                "parts": [SEAT, {"kind": "query"}, {"kind": "free_text"}],
            },
            "own words, with F1 (turn 1, find_seat.seat), Ana (the request), F9 (made up)",
        ),
    ],
)
def test_each_kind_is_told(origin: dict[str, Any], text: str) -> None:
    assert describe_origin(ArgumentOrigin.model_validate(origin), 2, SOURCES) == text


def test_a_template_that_names_too_much_is_told_too() -> None:
    origin = ArgumentOrigin(kind="composed", template="{0}{1}", parts=(ArgumentOrigin(kind="query"),))
    assert describe_origin(origin, 2, SOURCES) == "“<the request><?>”"
