"""What a tool needs, said to a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.explaining import explain
from tools.graph import ApiGraph, Edge

TEXT = {"type": "string"}
Build = Callable[..., str]


@pytest.fixture
def told(make: Any) -> Build:
    """The explanation of ``tool``, from the edges that lead to it, its parameters, and other edges."""

    def build(
        values: str = "", needs: str = "", offers: str = "", breaks: str = "", optional: str = "", more: str = ""
    ) -> str:
        edges = [*_values(values, "enables"), *_values(optional, "enables"), *_values(offers, "offers")]
        required = [edge.parameter for edge in edges if f"{edge.parameter}:" not in optional]
        edges += [
            Edge(producer=producer, consumer="tool", need=number)
            for number, need in enumerate(needs.split())
            for producer in need.split("|")
        ]
        edges += [Edge(producer=producer, consumer="tool", kind="breaks") for producer in breaks.split()]
        for producer, consumer, kind in (item.split(":") for item in more.split()):
            edges.append(Edge.model_validate({"producer": producer, "consumer": consumer, "kind": kind}))
        parameters = {edge.parameter: TEXT for edge in edges if edge.parameter}
        names = {name for edge in edges for name in (edge.producer, edge.consumer)} - {"tool"}
        specs = [make.spec("tool", parameters, required=list(dict.fromkeys(required))), *map(make.spec, sorted(names))]
        return explain(ApiGraph(specs, edges), "tool")

    def _values(text: str, kind: Any) -> list[Edge]:
        pairs = (item.split(":") for item in text.split())
        return [
            Edge(producer=producer, consumer="tool", parameter=parameter, kind=kind)
            for parameter, producers in pairs
            for producer in producers.split("|")
        ]

    return build


def test_a_tool_without_needs_needs_nothing(told: Build) -> None:
    assert told() == "tool needs nothing first."


def test_all_that_is_known_is_told_in_a_sentence(told: Build) -> None:
    text = told(
        values="access_token:authenticate_travel card_id:register_credit_card|get_all_credit_cards",
        needs="sign_in",
        offers="travel_from:get_nearest_airport_by_city",
        breaks="sign_out",
        more="tool:get_invoice:enables cancel_booking:get_invoice:breaks",
    )
    assert text == (
        "tool needs an access_token from authenticate_travel and a card_id from register_credit_card or "
        "get_all_credit_cards; before it, sign_in must have been called; it can take travel_from from "
        "get_nearest_airport_by_city (or the user says it); it no longer works after sign_out; undone by "
        "cancel_booking."
    )


def test_parameters_with_the_same_sources_are_told_together(told: Build) -> None:
    assert told(values="from_zip:find to_zip:find") == "tool needs a from_zip and a to_zip from find."
    assert told(values="from_zip:find to_zip:find id:get") == (
        "tool needs a from_zip and a to_zip from find, and an id from get."
    )
    assert told(offers="from_zip:find to_zip:find") == (
        "tool needs nothing first; it can take from_zip and to_zip from find (or the user says them)."
    )


def test_three_values_are_a_list_with_commas(told: Build) -> None:
    assert told(values="id:get token:log_in price:quote|ask") == (
        "tool needs an id from get, a token from log_in, and a price from quote or ask."
    )


@pytest.mark.parametrize(
    ("needs", "text"),
    [
        ("a", "Before tool, a must have been called."),
        ("a|b", "Before tool, a or b must have been called."),
        ("a|b|c", "Before tool, a, b or c must have been called."),
        ("a b", "Before tool, a and b must have been called."),
        ("a b c", "Before tool, a, b and c must have been called."),
        ("a b|c", "Before tool, a and either b or c must have been called."),
        ("a|b c", "Before tool, either a or b, and c must have been called."),
        ("a|b c|d", "Before tool, either a or b, and either c or d must have been called."),
        ("a|b|c d", "Before tool, one of a, b and c, and d must have been called."),
        ("a b|c d", "Before tool, a, either b or c, and d must have been called."),
        ("a|b|c|d|e", "Before tool, a, b, c, d or e must have been called."),
        ("a|b|c|d|e|f", "Before tool, a, b, c or 3 others must have been called."),
        ("a b c d e f g", "Before tool, a, b, c and 4 others must have been called."),
    ],
)
def test_joint_needs_and_alternatives(told: Build, needs: str, text: str) -> None:
    assert told(needs=needs) == text


def test_optional_values_are_no_needs(told: Build) -> None:
    assert told(optional="coupon:list_coupons") == (
        "tool needs nothing first; its optional coupon comes from list_coupons."
    )
    assert told(optional="card_ids:list_cards") == (
        "tool needs nothing first; its optional card_ids come from list_cards."
    )
    assert told(optional="coupon:shop card:shop") == (
        "tool needs nothing first; its optional coupon and card come from shop."
    )


def test_what_undoes_its_needs_itself_too(told: Build) -> None:
    assert told(needs="a", breaks="b tool c") == (
        "Before tool, a must have been called; it no longer works after b or c; calling it uses up what it needs."
    )


def test_what_meets_a_need_undoes_it_with_other_arguments(told: Build) -> None:
    assert told(needs="cool_camera", breaks="cool_camera") == (
        "Before tool, cool_camera must have been called; cool_camera with other arguments undoes it."
    )
    assert told(needs="a|b", values="id:get", breaks="a b get sign_out") == (
        "tool needs an id from get; before it, a or b must have been called; it no longer works after sign_out; "
        "get, a or b with other arguments undoes it."
    )


def test_two_values_are_parted_by_a_comma_where_the_first_has_alternatives(told: Build) -> None:
    assert told(values="id:find|get token:log_in") == "tool needs an id from find or get, and a token from log_in."


@pytest.mark.parametrize(
    ("parameter", "phrase"),
    [
        ("access_token", "an access_token"),
        ("card_id", "a card_id"),
        ("itemId", "an itemId"),
        ("user_id", "a user_id"),
        ("uuid", "a uuid"),
        ("unit", "a unit"),
        ("update_code", "an update_code"),
        ("url", "a url"),
        ("one_time_code", "a one_time_code"),
        ("order_id", "an order_id"),
        ("hour", "an hour"),
        ("house", "a house"),
        ("html", "an html"),
        ("sms_code", "an sms_code"),
        ("x", "an x"),
        ("u", "a u"),
        ("card_ids", "card_ids"),
        ("cities", "cities"),
        ("status", "a status"),
        ("address", "an address"),
        ("_", "a _"),
    ],
)
def test_articles_follow_how_a_name_is_spoken(told: Build, parameter: str, phrase: str) -> None:
    assert told(values=f"{parameter}:get") == f"tool needs {phrase} from get."


def test_an_unknown_tool_is_named_with_those_like_it(make: Any) -> None:
    graph = ApiGraph([make.spec("book_flight"), make.spec("log_in")], [])
    with pytest.raises(LookupError) as caught:
        explain(graph, "book_fligth")
    assert caught.value.args[0] == (
        "there is no tool 'book_fligth' among the 2 of this graph. Did you mean book_flight?"
    )
    with pytest.raises(LookupError, match=r"among the 2 of this graph\.$"):
        explain(graph, "zzz")
