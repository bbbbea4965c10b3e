"""Public hashes are equal up to a renaming of made ids, and only then."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from envs.hashing import renamed_hash

quick = settings(max_examples=40, deadline=None)
IDS = ("BK-1", "BK-2", "BK-3")
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2) | st.sampled_from(IDS)
states = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", max_size=2) | st.sampled_from(IDS), inner, max_size=3)
    ),
    max_leaves=12,
)


def renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


@given(state=states, order=st.permutations(IDS))
@quick
def test_swapped_ids_do_not_show(state: Any, order: list[str]) -> None:
    names = dict(zip(IDS, order, strict=True))
    assert renamed_hash(state, IDS) == renamed_hash(renamed(state, names), IDS)


@given(state=states)
@quick
def test_fresh_names_do_not_show_but_ids_that_were_there_before_do(state: Any) -> None:
    names = {name: f"new-{name}" for name in IDS}
    other = renamed(state, names)
    assert renamed_hash(state, IDS) == renamed_hash(other, tuple(names.values()))
    assert (renamed_hash(state, ()) == renamed_hash(other, ())) == (state == other)


@given(state=states, value=st.integers(100, 200))
@quick
def test_any_other_value_shows(state: Any, value: int) -> None:
    wrapped = {"state": state, "id": "BK-1", "amount": value}
    assert renamed_hash(wrapped, IDS) != renamed_hash({**wrapped, "amount": value + 1}, IDS)


def test_an_id_that_is_gone_leaves_no_trace() -> None:
    state = {"bookings": {}, "balance": 3}
    assert renamed_hash(state, ("BK-1",)) == renamed_hash(state, ())


def test_the_order_of_a_list_shows() -> None:
    assert renamed_hash({"queue": ["a", "b"]}, ()) != renamed_hash({"queue": ["b", "a"]}, ())
    assert renamed_hash({"queue": ["BK-1", "b"]}, IDS) != renamed_hash({"queue": ["b", "BK-1"]}, IDS)


def test_what_refers_to_which_id_shows() -> None:
    bookings = {"BK-1": {"price": 10}, "BK-2": {"price": 20}}
    paid_first = {"bookings": bookings, "invoices": {"IN-1": "BK-1"}}
    paid_second = {"bookings": bookings, "invoices": {"IN-1": "BK-2"}}
    made = ("BK-1", "BK-2", "IN-1")
    assert renamed_hash(paid_first, made) != renamed_hash(paid_second, made)


def test_ids_are_told_apart_along_a_chain() -> None:
    def chain(first: str, second: str) -> dict[str, Any]:
        policies = {first: {"booking": "BK-1"}, second: {"booking": "BK-2"}}
        return {"bookings": {"BK-1": 1, "BK-2": 2}, "policies": policies, "claims": {"CL-1": {"policy": "PL-1"}}}

    made = ("BK-1", "BK-2", "PL-1", "PL-2", "CL-1")
    assert renamed_hash(chain("PL-1", "PL-2"), made) != renamed_hash(chain("PL-2", "PL-1"), made)


def test_numbers_can_be_ids() -> None:
    assert renamed_hash({"orders": [{"id": 7, "amount": 5}]}, (7,)) == renamed_hash(
        {"orders": [{"id": 8, "amount": 5}]}, (8,)
    )
    assert renamed_hash({"id": 1, "open": True}, (1,)) != renamed_hash({"id": 1, "open": False}, (1,))
