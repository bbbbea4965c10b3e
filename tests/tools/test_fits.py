"""Which outputs fit which parameters, by names and descriptions."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.fits import THRESHOLD, find_fits, fit_score, fits_into
from tools.paths import OutputLeaf

TEXT = {"type": "string"}


def text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def score(output: tuple[str, dict[str, Any]], parameter: tuple[str, dict[str, Any]]) -> float:
    return fit_score(OutputLeaf(path=output[0], schema_=output[1]), *parameter)


@pytest.mark.parametrize(
    ("output", "parameter"),
    [
        (("flight_id", TEXT), ("flight_id", TEXT)),
        (("flights.*.flight_id", TEXT), ("flightId", TEXT)),
        (("username", TEXT), ("user_name", TEXT)),
        (("zip_code", TEXT), ("zipcode", TEXT)),
        (("zip_code", TEXT), ("departure_zip_code", TEXT)),
        (("zipcode", TEXT), ("cityA", text("The zipcode of the first city."))),
        (("zip_code", TEXT), ("departure_zip", text("Zip code of the city of departure."))),
        (("user_id", TEXT), ("receiver_id", text("User ID of the user to write to."))),
        (("tweets.*.id", TEXT), ("tweet_id", TEXT)),
        (("id", text("ID of the posted tweet.")), ("tweet_id", TEXT)),
        (("id", text("The order.")), ("number", text("Order ID to cancel."))),
        (("price", {"type": "number"}), ("price", {"type": "integer"})),
        (("symbols", {"type": "array", "items": TEXT}), ("symbols", {"type": "array", "items": TEXT})),
        (("symbol", TEXT), ("symbols", {"type": "array", "items": TEXT})),
        (("city", {"type": ["string", "null"]}), ("city", TEXT)),
        (("price", {"type": "number"}), ("price", {"type": ["null", "integer"]})),
    ],
)
def test_these_fit(output: Any, parameter: Any) -> None:
    assert score(output, parameter) >= THRESHOLD


@pytest.mark.parametrize(
    ("output", "parameter"),
    [
        (("flight_id", TEXT), ("booking_id", TEXT)),
        (("city", TEXT), ("country", TEXT)),
        (("status", TEXT), ("status", TEXT)),
        (("message", TEXT), ("message", text("The message to send."))),
        (("id", text("ID of the order.")), ("ticket_id", TEXT)),
        (("flights.*.id", TEXT), ("booking_id", TEXT)),
        (("id", TEXT), ("id", TEXT)),
        (("flight_id", TEXT), ("flight_id", {"type": "integer"})),
        (("done", {"type": "boolean"}), ("done", {"type": "boolean"})),
        (("unit", TEXT), ("price_unit", {"type": "string", "enum": ["USD", "EUR"]})),
        (("currency", TEXT), ("currency", {"type": "string", "enum": ["USD", "EUR"]})),
        (("city", TEXT), ("city", {})),
        (("symbols", {"type": "array", "items": TEXT}), ("symbols", TEXT)),
        (("symbol", {"type": "number"}), ("symbols", {"type": "array", "items": TEXT})),
        (("symbol", TEXT), ("symbols", {"type": "array"})),
        (("city", {"type": ["string", "integer"]}), ("city", TEXT)),
        (("", TEXT), ("city", TEXT)),
    ],
)
def test_these_do_not_fit(output: Any, parameter: Any) -> None:
    assert score(output, parameter) < THRESHOLD


def test_the_same_name_fits_better_than_a_description() -> None:
    described = ("receiver_id", text("User ID of the receiver."))
    assert score(("receiver_id", TEXT), described) == 1.0
    assert THRESHOLD < score(("user_id", TEXT), described) < 1.0


def test_the_best_output_of_a_tool_is_taken(make: Any) -> None:
    returns = make.rows("users", user_id=TEXT, receiver_id=TEXT)
    receive = make.spec("send", {"receiver_id": text("User ID of the receiver.")})
    (fit,) = find_fits([make.spec("find", returns=returns), receive])
    assert (fit.producer, fit.path, fit.consumer, fit.parameter) == (
        "find",
        "users.*.receiver_id",
        "send",
        "receiver_id",
    )


def test_what_a_tool_only_repeats_is_no_output_of_it(make: Any) -> None:
    echo = make.spec("get_zip", {"city": text("City.")}, make.result(city=TEXT, zip_code=TEXT))
    weather = make.spec("weather", {"city": text("City.")}, make.result(forecast=TEXT))
    tickets = make.spec("tickets", {"zip_code": TEXT})
    assert [(fit.producer, fit.consumer) for fit in find_fits([echo, weather, tickets])] == [("get_zip", "tickets")]


def test_no_tool_fits_itself(make: Any) -> None:
    chain = make.spec("next_page", {"page_token": TEXT}, make.result(next_page_token=TEXT, page=TEXT))
    start = make.spec("search", {}, make.result(page_token=TEXT))
    assert [(fit.producer, fit.consumer) for fit in find_fits([chain, start])] == [("search", "next_page")]


fields = st.dictionaries(
    st.sampled_from(["id", "user_id", "city", "cityName", "zip_code", "status", "users", "_", "x"]),
    st.sampled_from([TEXT, {"type": "integer"}, {"type": ["string", "null"]}, text("City of the user."), {}])
    | st.just({"type": "array", "items": TEXT}),
    max_size=4,
)


@given(shapes=st.lists(st.tuples(fields, fields), max_size=4))
@settings(max_examples=60, deadline=None)
def test_fits_point_to_what_is_there(make: Any, shapes: list[Any]) -> None:
    specs = [make.spec(f"t{n}", given, make.result(**shown)) for n, (given, shown) in enumerate(shapes)]
    found = find_fits(specs)
    by_name = {spec.name: spec for spec in specs}
    for fit in found:
        assert fit.producer != fit.consumer
        assert fit.parameter in by_name[fit.consumer].properties
        assert fit.path.split(".")[0] in by_name[fit.producer].returns["properties"]
        assert THRESHOLD <= fit.score <= 1
    assert len({(fit.producer, fit.consumer, fit.parameter) for fit in found}) == len(found)
    for consumer, producer in permutations(specs, 2):
        apart = [fit for fit in found if (fit.consumer, fit.producer) == (consumer.name, producer.name)]
        assert list(fits_into(consumer, [producer])) == apart
