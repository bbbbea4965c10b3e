"""What a user could say for a parameter."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.plausible import plausible_values
from tools.pools import KnownValue, Pools, is_opaque

TEXT = {"type": "string"}


def candidates(pools: Pools, name: str, schema: dict[str, Any], tool: str = "tool", seed: int = 0) -> list[Any]:
    return pools.candidates(tool, name, schema, random.Random(seed))


@pytest.fixture
def pools() -> Pools:
    known = [
        KnownValue(parameter="city", value="Rome"),
        KnownValue(parameter="city", value="Oslo"),
        KnownValue(parameter="city", value="Rome"),
        KnownValue(parameter="visit.city", value="Paris"),
        KnownValue(parameter="booking_id", value="B-1", opaque=True),
        KnownValue(parameter="user_id", value="anna"),
        KnownValue(parameter="code", value="x", opaque=True),
        KnownValue(parameter="code", value="y"),
    ]
    return Pools(known)


def test_known_values_come_each_once_and_before_the_schemas(pools: Pools) -> None:
    assert sorted(candidates(pools, "city", {**TEXT, "enum": ["Bern"]})) == ["Oslo", "Rome"]


def test_what_is_known_for_a_tool_replaces_what_is_known_for_a_name(pools: Pools) -> None:
    assert candidates(pools, "city", TEXT, tool="visit") == ["Paris"]


def test_the_schema_is_asked_next(pools: Pools) -> None:
    assert sorted(candidates(pools, "unit", {**TEXT, "enum": ["km", "mi"], "examples": ["m"]})) == ["km", "mi"]
    assert candidates(pools, "unit", {**TEXT, "examples": ["m"]}) == ["m"]


def test_nobody_makes_up_an_identifier_or_a_text_of_unknown_meaning(pools: Pools) -> None:
    assert candidates(pools, "order_id", {"type": "integer"}) == []
    assert candidates(pools, "gizmo", TEXT) == []
    assert candidates(pools, "contact_email", TEXT) != []


def test_true_is_told_from_1() -> None:
    known = [KnownValue(parameter="x", value=value) for value in (1, True, "1")]
    assert len(candidates(Pools(known), "x", {})) == 3


def test_the_order_depends_on_the_generator_alone(pools: Pools) -> None:
    schema = {"enum": list(range(20))}
    assert candidates(pools, "n", schema, seed=3) == candidates(pools, "n", schema, seed=3)
    assert candidates(pools, "n", schema, seed=3) != candidates(pools, "n", schema, seed=4)
    assert schema == {"enum": list(range(20))}


@pytest.mark.parametrize(
    ("name", "opaque"), [("booking_id", True), ("user_id", False), ("code", False), ("order_id", True), ("city", False)]
)
def test_what_a_user_would_rather_not_say(pools: Pools, name: str, opaque: bool) -> None:
    assert pools.opaque("tool", name) is opaque


@pytest.mark.parametrize(
    ("name", "opaque"),
    [("id", True), ("bookingId", True), ("access_token", True), ("ids", True), ("id_card", False), ("period", False)],
)
def test_names_of_what_systems_make(name: str, opaque: bool) -> None:
    assert is_opaque(name) is opaque


bounds = st.integers(-50, 50) | st.floats(-50, 50).map(lambda value: round(value, 2))


@given(
    kind=st.sampled_from(["integer", "number"]),
    low=st.tuples(st.sampled_from(["minimum", "exclusiveMinimum"]), bounds) | st.none(),
    high=st.tuples(st.sampled_from(["maximum", "exclusiveMaximum"]), bounds) | st.none(),
    seed=st.integers(0, 9),
)
@settings(max_examples=120, deadline=None)
def test_plausible_numbers_keep_to_the_schema(
    kind: str, low: tuple[str, float] | None, high: tuple[str, float] | None, seed: int
) -> None:
    schema = {"type": kind, **dict(bound for bound in (low, high) if bound is not None)}
    made = plausible_values("amount", schema, random.Random(seed))
    for value in made:
        Draft202012Validator(schema).validate(value)
    if low is None or high is None or low[1] + 2 < high[1]:
        assert made


@pytest.mark.parametrize("name", ["email", "home_city", "startDate", "message", "names"])
def test_plausible_texts_can_be_said_and_depend_on_the_generator_alone(name: str) -> None:
    first = plausible_values(name, TEXT, random.Random(5))
    plausible_values(name, TEXT, random.Random(6))
    assert plausible_values(name, TEXT, random.Random(5)) == first
    assert all(value and '"' not in value for value in first)


def test_other_kinds() -> None:
    assert plausible_values("city", {"type": ["string", "null"]}, random.Random(0)) != []
    assert plausible_values("flag", {"type": "boolean"}, random.Random(0)) == [True, False]
    assert plausible_values("rows", {"type": "array"}, random.Random(0)) == []
