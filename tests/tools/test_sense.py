"""Values that make sense in a turn: numbers that follow from seen ones, dates around today, texts about the turn."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.bounds import limits, partner
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.pools import KnownValue, Pools
from tools.seen import Seen
from tools.spec import ToolSpec
from tools.trace import Step

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
SAID = ArgumentOrigin(kind="query")
EMPTY = Pools([])
prices = st.floats(0.5, 5000).map(lambda value: round(value, 2)) | st.integers(1, 5000)


def shown(content: Any, **arguments: Any) -> Seen:
    """What one call of ``look`` has shown."""
    spec = ToolSpec(name="look", description="", parameters={"properties": dict.fromkeys(arguments, TEXT)}, returns={})
    step = Step(
        call=ToolCall(id="1", name="look", arguments=arguments),
        observation=Observation(call_id="1", content=content),
        origins=dict.fromkeys(arguments, SAID),
    )
    return Seen({"look": spec}, [step], observed_numbers=1.0)


def drawn(
    pools: Pools, tool: str, name: str, schema: dict[str, Any], seen: Seen | None = None, **chosen: Any
) -> list[Any]:
    """All that a few generators draw."""
    rounds = [pools.candidates(tool, name, schema, random.Random(seed), seen, chosen) for seed in range(12)]
    return [value for values in rounds for value in values]


# ---- numbers


@given(price=prices, seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_a_limit_price_is_near_the_quote_but_not_the_quote(price: float, seed: int) -> None:
    pools = Pools([KnownValue(parameter="price", value=-1)])
    found = pools.candidates("order", "price", NUMBER, random.Random(seed), shown({"price": price}))
    for value in found[: found.index(-1)]:
        assert value != price
        assert abs(value - price) <= 0.05 * price
        assert round(value, 2) == value
        assert not isinstance(price, int) or price < 20 or float(value).is_integer()
    assert price < 2 or len(found) > 1


@given(balance=st.integers(5, 20_000), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_an_amount_is_affordable(balance: float, seed: int) -> None:
    pools = Pools([KnownValue(parameter="amount", value=value) for value in (1, 50, 10**6)])
    found = pools.candidates("withdraw", "amount", NUMBER, random.Random(seed), shown({"new_balance": balance}))
    assert found
    assert max(found) <= balance


@given(
    price=st.integers(10, 900),
    low=st.integers(1, 50),
    high=st.integers(60, 4000),
    whole=st.booleans(),
    seed=st.integers(0, 9),
)
@settings(max_examples=60, deadline=None)
def test_every_number_keeps_to_the_schema(price: int, low: int, high: int, whole: bool, seed: int) -> None:
    schema = {"type": "integer" if whole else "number", "minimum": low, "maximum": high}
    for tool, name in (("top_up", "amount"), ("order", "price"), ("filter", "max_price"), ("set", "price_level")):
        for value in EMPTY.candidates(
            tool, name, schema, random.Random(seed), shown({"price": price, "balance": price})
        ):
            Draft202012Validator(schema).validate(value)


def test_what_is_put_aside_covers_what_is_due() -> None:
    found = drawn(EMPTY, "fund_account", "amount", NUMBER, shown({"total": 312.4}))
    assert all(312.4 <= value <= 1.5 * 312.4 for value in found)


def test_an_insurance_costs_a_small_part_of_the_trip() -> None:
    assert {
        value for value in drawn(EMPTY, "buy", "insurance_cost", NUMBER, shown({"travel_cost": 1000})) if value > 100
    } == set()


def test_one_can_pay_for_as_many_as_one_orders() -> None:
    shares = {"type": "integer", "description": "Number of shares."}
    assert max(drawn(EMPTY, "order", "amount", shares, shown({"balance": 1000}), price=300.0)) <= 3
    pools = Pools([KnownValue(parameter="amount", value=value) for value in (1, 2, 500)])
    assert set(drawn(pools, "order", "amount", shares, shown({"balance": 1000}), price=300.0)) == {1, 2, 3}
    assert sorted(set(drawn(EMPTY, "order", "amount", shares))) == list(range(1, 13))


def test_a_temperature_is_near_the_shown_one_and_among_known_ones() -> None:
    pools = Pools([KnownValue(parameter="temperature", value=value) for value in (19, 21.5, 23, 25)])
    near = drawn(pools, "climate", "temperature", NUMBER, shown({"temperature": 24}))
    assert {22, 23, 25, 26} & set(near)
    assert all(16 <= value <= 28 for value in near)
    assert set(drawn(pools, "climate", "temperature", NUMBER, shown({"temperature": -12}))) == {19, 21.5, 23, 25}


def test_limits_in_words_hold() -> None:
    schema = {**NUMBER, "description": "Speed, between 0 (stop) and 120 and a multiple of 5."}
    assert limits(schema)[:2] == (0, 120)
    found = drawn(EMPTY, "cruise", "speed", schema, shown({"current_speed": 118.3}))
    near = [value for value in found if value > 100]
    assert near
    assert all(value <= 120 and value % 5 == 0 for value in near)


def test_without_observed_numbers_only_known_ones_are_said() -> None:
    seen = shown({"price": 100})
    never = Seen(seen.specs, seen.steps, observed_numbers=0.0)
    pools = Pools([KnownValue(parameter="price", value=7)])
    assert drawn(pools, "order", "price", NUMBER, never) == [7] * 12
    assert len(set(drawn(pools, "order", "price", NUMBER, seen))) > 3


# ---- pairs


@given(bound=st.floats(1, 10_000).map(lambda value: round(value, 1)), seen_price=st.none() | prices)
@settings(max_examples=60, deadline=None)
def test_the_bounds_of_a_pair_are_in_order(bound: float, seen_price: float | None) -> None:
    pools = Pools([KnownValue(parameter="max_price", value=50), KnownValue(parameter="min_price", value=40)])
    seen = None if seen_price is None else shown({"price": seen_price})
    for value in pools.candidates("filter", "max_price", NUMBER, random.Random(1), seen, {"min_price": bound}):
        assert value > bound
    for value in pools.candidates("filter", "min_price", NUMBER, random.Random(1), seen, {"max_price": bound}):
        assert value < bound


def test_a_range_holds_the_price_that_was_seen() -> None:
    seen = shown([{"price": 80}, {"price": 120}])
    assert all(value < 80 for value in drawn(EMPTY, "filter", "min_price", NUMBER, seen))
    assert all(value > 120 for value in drawn(EMPTY, "filter", "max_price", NUMBER, seen))


@pytest.mark.parametrize(
    ("name", "other", "above"),
    [
        ("max_price", "min_price", True),
        ("startDate", "endDate", False),
        ("until", "since", True),
        ("price_to", "price_from", True),
        ("lowest_fare", "highest_fare", False),
    ],
)
def test_which_bound_belongs_to_which(name: str, other: str, above: bool) -> None:
    assert partner(name, {"else": 1, other: 5}) == (5, above)
    assert partner(name, {"else": 1}) is None
    assert partner(name, {name: 5}) is None


# ---- dates


def pools_of(today: str | None, **known: list[str]) -> Pools:
    values = [KnownValue(parameter=name, value=value) for name, values in known.items() for value in values]
    return Pools([*values, *([KnownValue(parameter="today", value=today)] if today else [])])


@given(today=st.dates(datetime.date(2000, 1, 1), datetime.date(2080, 1, 1)), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_dates_are_on_the_right_side_of_today(today: datetime.date, seed: int) -> None:
    pools, rng = pools_of(today.isoformat()), random.Random(seed)
    for name in ("travel_date", "due_date", "departure_date", "date"):
        for value in pools.candidates("plan", name, TEXT, rng):
            assert 3 <= (datetime.date.fromisoformat(value) - today).days <= 120
    for value in pools.candidates("register", "date_of_birth", TEXT, rng):
        assert 19 <= (today - datetime.date.fromisoformat(value)).days / 365 <= 66
    for value in pools.candidates("plan", "end_date", TEXT, rng, None, {"start_date": "2030-03-30"}):
        assert "2030-03-30" < value <= "2030-04-13"
    for value in pools.candidates("plan", "start_date", TEXT, rng, None, {"end_date": "2030-03-30"}):
        assert "2030-03-16" <= value < "2030-03-30"


def test_known_dates_stand_unless_they_are_past_or_out_of_order() -> None:
    pools = pools_of("2026-05-01", travel_date=["2026-04-01", "2026-06-01", "2026-07-01"], end=["2026-06-05"])
    assert set(drawn(pools, "fly", "travel_date", TEXT)) == {"2026-06-01", "2026-07-01"}
    assert set(drawn(pools_of("2027-01-01", day=["2026-06-01"]), "fly", "day", TEXT)) == {"2026-06-01"}
    assert set(drawn(pools_of(None, day=["2026-06-01"]), "fly", "day", TEXT)) == {"2026-06-01"}
    assert set(drawn(pools, "stay", "end", TEXT, None, start="2026-06-04")) == {"2026-06-05"}
    assert min(drawn(pools, "stay", "end", TEXT, None, start="2026-06-09")) > "2026-06-09"


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        ({"description": "Day as MM/DD/YYYY."}, "%m/%d/%Y"),
        ({"description": "Expiry (MM/YYYY)."}, "%m/%Y"),
        ({"description": "Like YYYY-MM-DD HH:MM."}, "%Y-%m-%d %H:%M"),
        ({"format": "date-time"}, "%Y-%m-%dT%H:%M:%S"),
        ({"format": "date"}, "%Y-%m-%d"),
        ({}, "%Y-%m-%d"),
    ],
)
def test_dates_are_written_as_the_schema_shows(schema: dict[str, str], form: str) -> None:
    found = drawn(pools_of("2026-05-01"), "plan", "date", {**TEXT, **schema})
    assert found
    assert [datetime.datetime.strptime(value, form).strftime(form) for value in found] == found  # noqa: DTZ007


def test_a_day_is_taken_from_the_results_where_nobody_tells_it() -> None:
    found = drawn(EMPTY, "plan", "date", TEXT, shown({"sent_on": "2031-02-03"}))
    assert "2031-02-06" <= min(found) <= max(found) <= "2031-06-03"
    assert all(value.startswith("202") for value in drawn(EMPTY, "plan", "date", TEXT, shown({})))


def test_today_can_differ_between_tools() -> None:
    pools = Pools(
        [KnownValue(parameter="fly.today", value="2026-01-01"), KnownValue(parameter="today", value="2040-01-01")]
    )
    assert max(drawn(pools, "fly", "date", TEXT)) < "2027"
    assert min(drawn(pools, "walk", "date", TEXT)) > "2040"


# ---- texts


@pytest.mark.parametrize(
    ("tool", "name", "entity"),
    [
        ("send_message", "message", {"city": "Rivermist"}),
        ("post_tweet", "content", {"city": "Rivermist"}),
        ("comment", "comment_content", {"company": "Omega Industries"}),
        ("create_ticket", "title", {"file_name": "Quarterly budget.xlsx"}),
        ("create_event", "title", {"colleague": "Nora Feldman"}),
        ("create_file", "text", {"event": "Hiring round"}),
        ("send_mail", "subject", {"room": "Birch"}),
        ("contact_support", "message", {"city": "Rivermist"}),
    ],
)
def test_texts_are_about_what_the_turn_is_about(tool: str, name: str, entity: dict[str, str]) -> None:
    pools = Pools([KnownValue(parameter=name, value="As the world has it")])
    found = pools.candidates(tool, name, TEXT, random.Random(3), shown({}, **entity))
    about = [text for text in found if next(iter(entity.values())) in text]
    assert len(about) >= 2
    assert found[: len(about)] == about
    assert "As the world has it" in found
    for text in found:
        assert len(text) <= 100
        assert not set(text) & set('"\n{}')
    assert all(
        len(text) <= 30
        for text in pools.candidates(tool, name, {**TEXT, "maxLength": 30}, random.Random(3), shown({}, **entity))
    )


def test_whom_a_message_goes_to_is_greeted_and_not_spoken_of() -> None:
    seen = shown({"contact_id": "CT-1"}, colleague="Nora Feldman")
    to_her = drawn(EMPTY, "send_message", "text", TEXT, seen, contact_id="CT-1")
    assert any(text.startswith("Hi Nora, ") for text in to_her)
    assert not any("Feldman" in text for text in to_her)
    assert all(text[9].islower() or text[9:].startswith("I ") for text in to_her if text.startswith("Hi Nora, "))
    of_her = drawn(EMPTY, "send_message", "text", TEXT, seen, contact_id="CT-2")
    assert any("Nora Feldman" in text for text in of_her)


def test_what_only_this_turn_s_results_show_the_user_cannot_write_about() -> None:
    assert not any("Birch" in text for text in drawn(EMPTY, "send_mail", "subject", TEXT, shown({"room": "Birch"})))


def test_lists_of_texts_and_tags() -> None:
    rows = {"type": "array", "items": TEXT}
    assert ["#CrescentHollow"] in drawn(EMPTY, "post", "tags", rows, shown({}, city="Crescent Hollow"))
    assert all(len(found) == 1 for found in drawn(EMPTY, "show", "notes", rows))


def test_a_text_without_known_values_reads_like_one() -> None:
    assert all(" " in text for text in drawn(EMPTY, "create_ticket", "description", TEXT))


def test_a_value_is_said_only_beside_what_it_goes_with() -> None:
    pools = Pools(
        [
            KnownValue(parameter="to", value="Rome", beside={"from": ("Oslo", "Bern")}),
            KnownValue(parameter="to", value="Bern", beside={"from": ("Oslo",)}),
        ]
    )
    assert set(drawn(pools, "fly", "to", TEXT)) == {"Rome", "Bern"}
    assert set(drawn(pools, "fly", "to", TEXT, None, **{"from": "Bern", "day": "x"})) == {"Rome"}
    assert drawn(pools, "fly", "to", TEXT, None, **{"from": "Paris"}) == []
