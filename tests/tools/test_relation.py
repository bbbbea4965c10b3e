"""How turns go on with each other, and what they look up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.call import Observation, ToolError
from tools.origin import ArgumentOrigin, Selector
from tools.reference import belongs_to_session, made_ids, names_in
from tools.relation import possible_relations, related_calls
from tools.spec import ToolSpec
from tools.trace import Step

TEXT = {"type": "string"}
SAID = ArgumentOrigin(kind="query")


def earlier(source: str, path: str = "id") -> ArgumentOrigin:
    return ArgumentOrigin(kind="earlier_turn", source=source, path=path)


def seen(source: str, selector: Selector | None = None) -> ArgumentOrigin:
    return ArgumentOrigin(kind="observation", source=source, path="id", selector=selector)


@pytest.fixture(scope="module")
def specs(make: Any) -> dict[str, ToolSpec]:
    listed = [
        make.spec("log_in", {"user": TEXT, "password": TEXT}),
        make.spec("find_city", {"city": TEXT}),
        make.spec("show_booking", {"booking_id": TEXT}),
        make.spec("book", {"city": TEXT, "class": {"type": "string", "enum": ["basic", "flex"]}, "note": TEXT}),
        make.spec("set_seats", {"token": TEXT, "booking_id": TEXT, "seats": {"type": "integer"}}),
        make.spec("cancel_booking", {"booking_id": TEXT}),
        make.spec("drop", {"booking_id": TEXT}, description="Removes a booking."),
        make.spec("give", {"booking_id": TEXT}, description="Returns the new owner of a booking."),
        make.spec("follow", {"user_to_follow": TEXT}),
        make.spec("unfollow", {"user_to_unfollow": TEXT}),
        make.spec("pay", {"order_number": {"type": "integer"}, "amount": {"type": "number"}, "due_date": TEXT}),
        make.spec("count", {"number": {"type": "integer"}}),
    ]
    return {spec.name: spec for spec in listed}


@pytest.fixture(scope="module")
def booked(make: Any) -> Step:
    """A booking of an earlier turn."""
    arguments = {"city": "Rivermist", "class": "flex", "note": "A window seat would be nice to have"}
    return make.step("b", "book", {"booking_id": "BK-1"}, arguments, dict.fromkeys(arguments, SAID), changed_state=True)


def says(make: Any, tool: str, call_id: str = "n", **arguments: Any) -> Step:
    return make.step(call_id, tool, {}, arguments, dict.fromkeys(arguments, SAID))


def changing(step: Step) -> Step:
    return step.model_copy(update={"changed_state": True})


def failed(step: Step) -> Step:
    error = ToolError(kind="failed", message="No.")
    return step.model_copy(update={"observation": Observation(call_id=step.call.id, error=error)})


def test_the_first_turn_is_a_new_topic(make: Any, specs: dict[str, ToolSpec]) -> None:
    assert possible_relations([says(make, "find_city", city="Rivermist")], [], specs) == ("new_topic",)


def test_a_value_of_an_earlier_turn_makes_a_follow_up(make: Any, specs: dict[str, ToolSpec], booked: Step) -> None:
    origins = {"booking_id": earlier("b", "booking_id")}
    read = make.step("n", "show_booking", {}, {"booking_id": "BK-1"}, origins)
    assert possible_relations([read], [booked], specs) == ("drill_down", "follow_up")
    paid = changing(says(make, "pay", "p", amount=3))
    assert possible_relations([read, paid], [booked], specs) == ("follow_up",)


def test_a_tool_that_could_change_something_drills_nowhere(make: Any, specs: dict[str, ToolSpec], booked: Step) -> None:
    writing = {**specs, "show_booking": specs["show_booking"].model_copy(update={"effect": "write"})}
    step = make.step("n", "show_booking", {}, {"booking_id": "BK-1"}, {"booking_id": earlier("b", "booking_id")})
    assert possible_relations([step], [booked], writing) == ("follow_up",)


@pytest.mark.parametrize("parameter", ["token", "access_token", "apiKey", "session", "clientSecret", "password"])
def test_a_session_is_no_topic(make: Any, specs: dict[str, ToolSpec], parameter: str) -> None:
    login = make.step("l", "log_in", {"token": "T-1"}, {"user": "ana", "password": "x1"}, changed_state=True)
    step = make.step("n", "act", {}, {parameter: "T-1"}, {parameter: earlier("l", "token")})
    assert belongs_to_session(parameter)
    assert possible_relations([step], [login], specs) == ("new_topic",)


def test_a_token_under_another_name_is_no_topic_either(make: Any, specs: dict[str, ToolSpec]) -> None:
    login = make.step("l", "log_in", {"token": "T-1"}, {}, changed_state=True)
    step = make.step("n", "act", {}, {"pass": "T-1"}, {"pass": earlier("l", "token")})
    assert possible_relations([step], [login], specs) == ("new_topic",)
    assert not belongs_to_session("keyword")


def test_who_signs_in_again_is_about_nothing(make: Any, specs: dict[str, ToolSpec]) -> None:
    once, again = (says(make, "log_in", call_id, user="ana", password="x1") for call_id in "ab")
    assert possible_relations([again], [once], specs) == ("new_topic",)


@pytest.mark.parametrize(
    ("tool", "arguments", "relation"),
    [
        ("find_city", {"city": "rivermist"}, "same_entity"),
        ("find_city", {"city": "Oakdale"}, "new_topic"),
        ("book", {"class": "flex"}, "new_topic"),
        ("book", {"note": "A window seat would be nice to have"}, "new_topic"),
        ("pay", {"due_date": "2026-11-05"}, "new_topic"),
        ("pay", {"order_number": 7}, "same_entity"),
        ("pay", {"amount": 20.0}, "new_topic"),
        ("count", {"number": 7}, "new_topic"),
        ("count", {"number": True}, "new_topic"),
    ],
)
def test_the_same_name_said_again_makes_the_same_entity(
    make: Any, specs: dict[str, ToolSpec], booked: Step, tool: str, arguments: dict[str, Any], relation: str
) -> None:
    paid = says(make, "pay", "p", order_number=7, amount=20.0, due_date="2026-11-05")
    counted = says(make, "count", "c", number=7)
    assert possible_relations([says(make, tool, **arguments)], [booked, paid, counted], specs) == (relation,)


def test_a_name_that_was_looked_up_before_is_the_same_entity_too(make: Any, specs: dict[str, ToolSpec]) -> None:
    found = make.step("f", "find_city", {}, {"city": "Rivermist"}, {"city": seen("z")})
    assert possible_relations([says(make, "find_city", city="Rivermist")], [found], specs) == ("same_entity",)


@pytest.mark.parametrize(
    ("kind", "relation"), [("equals", "same_entity"), ("nearest", "same_entity"), ("only", "new_topic")]
)
def test_words_that_pick_an_entry_say_it(make: Any, specs: dict[str, ToolSpec], kind: str, relation: str) -> None:
    shown = says(make, "show_booking", "s", booking_id="BK-1")
    selector = Selector.model_validate({"kind": kind, "field": "label", "value": "summer"})
    step = make.step("n", "show_booking", {}, {"booking_id": "BK-1"}, {"booking_id": seen("m", selector)})
    assert possible_relations([step], [shown], specs) == (relation,)


def test_where_a_value_is_taken_over_nothing_else_is_the_same_entity(
    make: Any, specs: dict[str, ToolSpec], booked: Step
) -> None:
    origins = {"booking_id": earlier("b", "booking_id")}
    both = [says(make, "find_city", city="Rivermist"), make.step("m", "give", {}, {"booking_id": "BK-1"}, origins)]
    assert "same_entity" not in possible_relations(both, [booked], specs)


@pytest.mark.parametrize(
    ("tool", "corrects"), [("cancel_booking", True), ("drop", True), ("give", False), ("show_booking", False)]
)
@pytest.mark.parametrize("origin", [earlier("b", "booking_id"), earlier("r", "booking_id"), SAID])
def test_a_tool_that_takes_back_corrects_what_was_made(
    make: Any, specs: dict[str, ToolSpec], booked: Step, tool: str, corrects: bool, origin: ArgumentOrigin
) -> None:
    read = make.step("r", "show_booking", {"booking_id": "BK-1"})
    step = make.step("n", tool, {}, {"booking_id": "BK-1"}, {"booking_id": origin}, changed_state=True)
    assert (possible_relations([step], [booked, read], specs)[0] == "correction") == corrects
    assert "correction" not in possible_relations([step.model_copy(update={"changed_state": False})], [booked], specs)
    assert "correction" not in possible_relations([step], [booked.model_copy(update={"changed_state": False})], specs)


def test_what_was_named_can_be_taken_back_under_another_parameter(make: Any, specs: dict[str, ToolSpec]) -> None:
    followed = changing(says(make, "follow", "f", user_to_follow="lena"))
    back = changing(says(make, "unfollow", user_to_unfollow="lena"))
    assert possible_relations([back], [followed], specs) == ("correction", "same_entity")
    assert related_calls([back], [followed], specs)["correction"] == ("f",)
    other = changing(says(make, "unfollow", user_to_unfollow="tom"))
    assert possible_relations([other], [followed], specs) == ("new_topic",)


def test_the_same_call_with_something_else_corrects(make: Any, specs: dict[str, ToolSpec]) -> None:
    def seats(call_id: str, number: int, session: str = "T", **origins: ArgumentOrigin) -> Step:
        arguments = {"token": session, "booking_id": "BK-1", "seats": number}
        return make.step(call_id, "set_seats", {}, arguments, {"booking_id": SAID, **origins}, changed_state=True)

    first = seats("a", 2)
    assert possible_relations([seats("b", 3)], [first], specs) == ("correction", "same_entity")
    assert possible_relations([seats("b", 3, booking_id=earlier("a"))], [first], specs) == ("correction", "follow_up")
    assert possible_relations([seats("b", 2, session="U")], [first], specs) == ("same_entity",)
    assert possible_relations([seats("b", 3, booking_id=seen("x"))], [first], specs) == ("new_topic",)


def test_a_second_thing_corrects_nothing(make: Any, specs: dict[str, ToolSpec], booked: Step) -> None:
    step = says(make, "book", city="Rivermist", note="No breakfast").model_copy(
        update={"changed_state": True, "observation": Observation(call_id="n", content={"booking_id": "BK-2"})}
    )
    assert possible_relations([step], [booked], specs) == ("same_entity",)


def test_calls_that_failed_make_no_relation(make: Any, specs: dict[str, ToolSpec], booked: Step) -> None:
    step = says(make, "find_city", city="Rivermist")
    assert possible_relations([failed(step)], [booked], specs) == ("new_topic",)
    assert possible_relations([step], [failed(booked)], specs) == ("new_topic",)


def test_names_are_told_apart_from_other_values(make: Any, specs: dict[str, ToolSpec]) -> None:
    step = says(
        make, "mention", ticket_ids=[3, 4], users=["Ana", " tom  b "], start="10:30", empty="", updates={"n": 5}
    )
    assert names_in(step, specs) == {
        "ticket_ids": {"ticket id = 3", "ticket id = 4"},
        "users": {"ana", "tom b"},
    }


def test_made_ids_are_those_that_were_not_given(make: Any) -> None:
    content = {"booking_id": "BK-1", "user_id": "U-1", "legs": [{"id": 12}], "token": "T", "city": "Rivermist"}
    assert made_ids(make.step("a", "book", content, {"user_id": "U-1"})) == {"bk-1", "id = 12"}


VALUES = st.sampled_from(["BK-1", "Rivermist", 7, True, "2026-11-05"])
STEPS = st.builds(
    lambda number, tool, value, kind, changed: (number, tool, value, kind, changed),
    st.integers(0, 5),
    st.sampled_from(["book", "cancel_booking", "show_booking", "set_seats"]),
    VALUES,
    st.sampled_from(["query", "earlier_turn", "observation"]),
    st.booleans(),
)


@given(before=st.lists(STEPS, max_size=3), now=st.lists(STEPS, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_every_turn_has_a_relation_and_a_new_topic_has_no_other(
    make: Any, specs: dict[str, ToolSpec], before: list[Any], now: list[Any]
) -> None:
    def steps(drawn: list[Any], prefix: str) -> list[Step]:
        found = []
        for index, (number, tool, value, kind, changed) in enumerate(drawn):
            source = None if kind == "query" else f"o{number}"
            origin = ArgumentOrigin(kind=kind, source=source, path=None if source is None else "booking_id")
            content = {"booking_id": "BK-1"}
            step = make.step(f"{prefix}{index}", tool, content, {"booking_id": value}, {"booking_id": origin})
            found.append(step.model_copy(update={"changed_state": changed}))
        return found

    old, new = steps(before, "o"), steps(now, "n")
    relations = possible_relations(new, old, specs)
    order = ["correction", "drill_down", "follow_up", "same_entity", "new_topic"]
    assert list(relations) == sorted(relations, key=order.index)
    assert relations == ("new_topic",) or (relations and "new_topic" not in relations)
    assert not {"follow_up", "same_entity"} <= {*relations}
    known = {step.call.id for step in old}
    taken = any(
        part.kind == "earlier_turn" and part.source in known
        for step in new
        for origin in step.origins.values()
        for part in origin.observed
    )
    assert ("follow_up" in relations) == taken
    assert all(set(ids) <= known and ids for ids in related_calls(new, old, specs).values())
