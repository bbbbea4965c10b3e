"""Whether the calls of a turn hang together."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tools.connected import connected, said_texts
from tools.graph import ApiGraph, Edge
from tools.origin import ArgumentOrigin

SAID = ArgumentOrigin(kind="query")


def read(source: str) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path="id")


def earlier(source: str) -> ArgumentOrigin:
    return ArgumentOrigin(kind="earlier_turn", source=source, path="id")


@pytest.fixture(scope="module")
def graph(make: Any) -> ApiGraph:
    specs = [make.spec(name) for name in ("find", "book", "note", "open", "close", "enter")]
    edges = [Edge(producer="open", consumer="enter"), Edge(producer="close", consumer="enter", kind="breaks")]
    return ApiGraph(specs, edges)


def said(make: Any, call_id: str, tool: str, **arguments: Any) -> Any:
    return make.step(call_id, tool, {}, arguments, dict.fromkeys(arguments, SAID))


def test_no_call_and_a_single_one_hang_together(make: Any, graph: ApiGraph) -> None:
    assert connected([], graph)
    assert connected([said(make, "a", "find", city="Rome")], graph)


def test_calls_about_different_things_do_not(make: Any, graph: ApiGraph) -> None:
    steps = [said(make, "a", "find", city="Rome"), said(make, "b", "note", text="Buy milk", amount=20, urgent=True)]
    assert not connected(steps, graph)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"city": "Rome"}, {"place": "rome "}),
        ({"name": "Ana"}, {"text": "Dinner with Ana at eight."}),
        ({"number": 4711}, {"order": 4711}),
        ({"names": ["Ana", "Bela"]}, {"name": "Bela"}),
    ],
)
def test_calls_about_the_same_thing_that_the_user_names_do(
    make: Any, graph: ApiGraph, left: dict[str, Any], right: dict[str, Any]
) -> None:
    steps = [said(make, "a", "find", **left), said(make, "b", "note", **right)]
    assert connected(steps, graph)
    assert connected(steps[::-1], graph)


@pytest.mark.parametrize("value", [True, 7, "NY", "", 2.5])
def test_what_names_nothing_joins_nothing(make: Any, graph: ApiGraph, value: Any) -> None:
    steps = [said(make, "a", "find", first=value), said(make, "b", "note", second=value)]
    assert said_texts(steps[0]) == ()
    assert not connected(steps, graph)


def test_a_name_within_another_word_is_not_the_same(make: Any, graph: ApiGraph) -> None:
    assert not connected([said(make, "a", "find", name="Ana"), said(make, "b", "note", text="Banana bread")], graph)


def test_a_value_that_was_looked_up_is_not_said(make: Any, graph: ApiGraph) -> None:
    looked_up = make.step("b", "note", {}, {"name": "Ana"}, {"name": earlier("e")})
    assert said_texts(looked_up) == ()
    assert not connected([said(make, "a", "find", name="Ana"), looked_up], graph)


def test_calls_that_use_each_other_or_one_source_do(make: Any, graph: ApiGraph) -> None:
    found = make.step("a", "find", {"id": "X"})
    booked = make.step("b", "book", {}, {"id": "X"}, {"id": read("a")})
    noted = make.step("c", "note", {}, {"id": "X"}, {"id": read("a")})
    assert connected([found, booked], graph)
    assert connected([booked, noted], graph)
    old = [
        make.step(name, tool, {}, {"id": "X"}, {"id": earlier("e")}) for name, tool in (("d", "book"), ("f", "note"))
    ]
    assert connected(old, graph)


@pytest.mark.parametrize("tool", ["open", "close"])
def test_a_state_that_a_later_call_needs_joins_them(make: Any, graph: ApiGraph, tool: str) -> None:
    steps = [make.step("a", tool), make.step("b", "enter")]
    assert connected(steps, graph)
    assert not connected(steps[::-1], graph)


def test_two_of_a_kind_are_compared(make: Any, graph: ApiGraph) -> None:
    assert connected([said(make, "a", "find", city="Rome"), said(make, "b", "find", city="Oslo")], graph)


def test_one_call_may_join_two_others_and_all_have_to_be_joined(make: Any, graph: ApiGraph) -> None:
    left, right = said(make, "a", "find", name="Ana"), said(make, "b", "note", name="Bela")
    both = said(make, "c", "book", text="Ana meets Bela")
    stranger = said(make, "d", "enter", name="Cleo")
    for order in permutations([left, right, both]):
        assert connected(order, graph)
        assert not connected([*order, stranger], graph)
