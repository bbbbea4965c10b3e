"""Gold calls are proved once their query is written: planted faults are told, each in a sentence."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tools.origin import ArgumentOrigin, Selector
from tools.proof import proven_gold
from tools.provenance import Told

QUERY = "Book the cheapest flight to Rome for 3 guests, with the note 'paid: BK-7'. Tell Ana."
FLIGHTS = {"flights": [{"no": "F1", "price": 90}, {"no": "F2", "price": 70}], "limit": 3}
TIED = {"flights": [{"no": "F1", "price": 70}, {"no": "F2", "price": 70}], "limit": 3}
CHEAPEST = Selector(kind="min", field="price")
MESSAGES = (
    {"role": "system", "content": "Help.\nAbout the user:\n- PIN: 4711"},
    {"role": "user", "content": "I stay at Hotel Luna."},
    {"role": "assistant", "content": "Fine."},
)


class Mention(NamedTuple):
    of: str
    span: str
    start: int


@pytest.fixture
def prove(make: Any) -> Any:
    """What is wrong with an argument ``x`` of a given origin, and its proven origin, after a look at the flights."""

    def run(
        value: Any, origin: Any, *, shown: Any = FLIGHTS, schema: Any = None, name: str = "x", mentions: Any = ()
    ) -> Any:
        earlier = make.step("e", "look", {"seat": "12A"})
        steps = [make.step("a", "look", shown), make.step("b", "go", arguments={name: value}, group=1)]
        steps[1] = steps[1].model_copy(update={"origins": {name: ArgumentOrigin.model_validate(origin)}})
        specs = {"look": make.spec("look"), "go": make.spec("go", {name: schema or {}})}
        proof = proven_gold(steps, Told(QUERY, MESSAGES, (earlier,)), mentions, specs)
        return proof.problems, proof.steps[1].origins[name]

    return run


def place(kind: str = "observation", path: str = "flights.*.no", selector: Any = CHEAPEST, source: str = "a") -> Any:
    return {"kind": kind, "source": source, "path": path, "selector": selector}


TEXT = {"type": "string"}
GOOD = [
    ("Rome", {"kind": "query"}, {}),
    (True, {"kind": "query"}, {"schema": {"type": "boolean"}}),
    ("F2", place(), {}),
    ("F2", place("state"), {}),
    ("12A", place("earlier_turn", "seat", None, "e"), {}),
    ("Hotel Luna", {"kind": "earlier_turn", "turn": 1}, {}),
    ("4711", {"kind": "profile"}, {}),
    (10, {"kind": "default"}, {"schema": {"default": 10}}),
    (
        210,
        {
            "kind": "derived",
            "expression": "a * b",
            "parts": [place(path="flights.*.price"), place(path="limit", selector=None)],
        },
        {},
    ),
    (["F2", "Rome"], {"kind": "composed", "parts": [place(), {"kind": "query", "span": [28, 32]}]}, {}),
    (
        "F2: Rome",
        {"kind": "composed", "template": "{0}: {1}", "parts": [place(), {"kind": "query", "span": [28, 32]}]},
        {},
    ),
    ("Ana, we fly F2.", {"kind": "free_text"}, {"name": "message", "schema": TEXT}),
]


@pytest.mark.parametrize(("value", "origin", "more"), GOOD)
def test_what_comes_from_where_its_origin_says_is_proved(prove: Any, value: Any, origin: Any, more: Any) -> None:
    assert prove(value, origin, **more)[0] == ()


@pytest.mark.parametrize(
    ("value", "origin", "more", "reason"),
    [
        ("Oslo", {"kind": "query"}, {}, "the query does not say 'Oslo'"),
        ("BK", {"kind": "query"}, {}, "the query does not say 'BK'"),
        ("F1", place(), {}, "there stands 'F2' and not 'F1'"),
        ("F2", place(), {"shown": TIED}, "2 entries with price = 70"),
        ("F2", place("state"), {"shown": TIED}, "2 entries with price = 70"),
        ("F2", place(selector=None), {}, "2 entries where one was expected"),
        ("F2", place(path="nowhere"), {}, "nowhere"),
        ("F2", place(source="z"), {}, "z is no call of an earlier message"),
        ("F2", place("state", source="b"), {}, "b is no call of an earlier message"),
        ("F2", place("earlier_turn"), {}, "a is no call of an earlier turn"),
        ("12A", place(path="seat", selector=None, source="e"), {}, "e is no call of an earlier message"),
        ("F2", {"kind": "observation"}, {}, "it names no call that shows it"),
        ("Rome", {"kind": "earlier_turn", "turn": 1}, {}, "turn 1 does not say 'Rome'"),
        ("Rome", {"kind": "earlier_turn", "turn": 7}, {}, "it names no call that shows it"),
        ("4712", {"kind": "profile"}, {}, "the system message does not say it"),
        (11, {"kind": "default"}, {"schema": {"default": 10}}, "its schema has no default 11"),
        (
            211,
            {"kind": "derived", "expression": "a * 3", "parts": [place(path="flights.*.price")]},
            {},
            "'a * 3' does not come to",
        ),
        (
            210,
            {"kind": "derived", "expression": "a *", "parts": [place(path="flights.*.price")]},
            {},
            "does not come to 210",
        ),
        (["F1", "F2"], {"kind": "composed", "parts": [place(), place()]}, {}, "there stands 'F2' and not 'F1'"),
        (["F2", "F2"], {"kind": "composed", "parts": [place()]}, {}, "it has 2 parts, and its origin 1"),
        ("F2", {"kind": "composed", "parts": [place()]}, {}, "it has 0 parts"),
        ("F1!", {"kind": "composed", "template": "{0}!", "parts": [place()]}, {}, "there stands 'F2' and not 'F1'"),
        ("F2?", {"kind": "composed", "template": "{0}!", "parts": [place()]}, {}, "is not made after '{0}!'"),
        ("so F2", {"kind": "composed", "template": "so {0}", "parts": [place()]}, {}, "has words of its own"),
        ("Ana, we fly F9.", {"kind": "free_text"}, {"name": "message", "schema": TEXT}, "it makes up 'F9'"),
        ("F9", {"kind": "free_text"}, {"schema": TEXT}, "no text in one's own words"),
        ("Rome", {"kind": "query", "source": "a"}, {}, "a query origin does not tell so much"),
        ("F2", place(selector={"kind": "min", "field": "price", "value": 3}), {}, "does not tell so much"),
    ],
)
def test_a_planted_fault_is_told(prove: Any, value: Any, origin: Any, more: Any, reason: str) -> None:
    (problem,) = prove(value, origin, **more)[0]
    assert problem.startswith(f"The {more.get('name', 'x')} of go is not proven: ")
    assert reason in problem


def test_the_words_of_the_mention_are_pointed_at_else_the_value_s_own(prove: Any) -> None:
    start = QUERY.index("to Rome")
    said = prove("Rome", {"kind": "query"}, mentions=[Mention("x", "to Rome", start)])[1]
    assert said.span == (start, start + 7)
    numbered = prove("Rome", {"kind": "query"}, mentions=[Mention("x_2", "to Rome", start)])[1]
    assert numbered.span == (start, start + 7)
    for other in (Mention("y", "to Rome", start), Mention("x", "Book", 0), Mention("x", "to Rome", -1)):
        own = prove("Rome", {"kind": "query"}, mentions=[other])[1]
        assert QUERY[slice(*own.span)] == "Rome"


def test_a_choice_points_at_the_words_that_mean_it(prove: Any) -> None:
    mention = [Mention("x", "cheapest", QUERY.index("cheapest"))]
    problems, origin = prove(True, {"kind": "query"}, schema={"type": "boolean"}, mentions=mention)
    assert (problems, QUERY[slice(*origin.span)]) == ((), "cheapest")


def test_a_span_that_cuts_a_word_is_none(prove: Any) -> None:
    (problem,) = prove(True, {"kind": "query"}, mentions=[Mention("x", "heap", QUERY.index("heap"))])[0]
    assert "its span is none of the query's words" in problem


def test_an_argument_without_an_origin_is_told_and_an_origin_without_an_argument(make: Any) -> None:
    said = ArgumentOrigin(kind="query")
    step = make.step("a", "go", arguments={"x": "Rome"}, origins={"y": said})
    assert proven_gold([step], Told("to Rome"), (), {}).problems == (
        "The x of go is not proven: it has no origin.",
        "The y of go has an origin, and the call does not give it.",
    )


def test_a_table_s_key_is_a_place(prove: Any) -> None:
    shown = {"files": {"may.txt": 3}}
    assert prove("may.txt", place(path="may.txt", selector=None), shown=shown)[0] == ()
    assert prove("may", place(path="may", selector=None), shown=shown)[0] != ()
