"""The candidates that are the same whatever is drawn."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import canonical_json
from tools.pools import KnownValue, Pools
from tools.profile import ProfileEntry

TEXT = {"type": "string"}
scalars = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from(["a", "b", "2026-05-03"]))
schemas = st.sampled_from(
    [
        TEXT,
        {"type": "integer"},
        {"type": "boolean"},
        {**TEXT, "enum": ["a", "b", "c"]},
        {**TEXT, "examples": ["a", "a"]},
    ]
)
names = st.sampled_from(["city", "booking_id", "message", "due_date", "amount", "password"])


@given(values=st.lists(scalars, max_size=4), name=names, schema=schemas, seed=st.integers(0, 5), told=st.booleans())
@settings(max_examples=100, deadline=None)
def test_every_candidate_of_a_listed_parameter_is_listed(
    values: list[Any], name: str, schema: dict[str, Any], seed: int, told: bool
) -> None:
    profile = [ProfileEntry(label="password", value="a", parameters=("password",))] if told else None
    pools = Pools([KnownValue(parameter=name, value=value) for value in values], profile)
    listed = pools.listed("tool", name, schema)
    found = pools.candidates("tool", name, schema, random.Random(seed))
    if listed is not None:
        assert sorted(map(canonical_json, found)) == sorted(map(canonical_json, listed))


def test_a_parameter_with_another_schema_is_listed_anew() -> None:
    pools = Pools([])
    assert pools.listed("tool", "unit", {**TEXT, "enum": ["km"]}) == ("km",)
    assert pools.listed("tool", "unit", {**TEXT, "enum": ["mi"]}) == ("mi",)
    assert pools.listed("tool", "unit", TEXT) is None


@pytest.mark.parametrize("beside", [{}, {"symbol": ("AB",)}])
def test_what_goes_only_with_certain_arguments_is_not_listed(beside: dict[str, tuple[str, ...]]) -> None:
    pools = Pools([KnownValue(parameter="exchange", value="north", beside=beside)])
    assert pools.listed("order", "exchange", TEXT) == (None if beside else ("north",))
    others = pools.candidates("order", "exchange", TEXT, random.Random(0), chosen={"symbol": "CD"})
    assert others == ([] if beside else ["north"])
