"""Answers are compared without the values in them, and values are found again where they stood."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envs.discovery.leaves import at, code_like, leaves
from envs.discovery.outcome import outcome_of
from tools.base import Json
from tools.call import Observation, ToolError

names = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6)
scalars = st.none() | st.booleans() | st.integers(-5, 20_000) | names | st.sampled_from(["BK-3382", "RMS", "HD 4711"])
contents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)


def refused(message: str) -> Observation:
    return Observation(call_id="c", error=ToolError(kind="failed", message=message))


longer = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=8)


@given(one=longer, other=longer, number=st.integers(0, 10**9), code=st.integers(0, 9999))
def test_two_refusals_differ_by_their_words_and_not_by_what_was_asked(
    one: str, other: str, number: int, code: int
) -> None:
    def answer(name: str, key: int) -> Observation:
        return refused(f"There is no booking BK-{key:04d} of <{name}>, and {key} others: ['{name}', {key}].")

    # A name that happens to be a word of the answer is taken for the value.
    words = {"there", "is", "no", "booking", "of", "and", "others"}
    if not words & {one, other}:
        first = outcome_of(answer(one, code), {"name": one, "key": f"BK-{code:04d}"})
        second = outcome_of(answer(other, number), {"name": other, "key": f"BK-{number:04d}"})
        assert first == second
    assert outcome_of(refused("Nobody is signed in."), {}) != outcome_of(refused("The dome is closed."), {})


def test_a_success_is_one_whatever_it_says() -> None:
    assert outcome_of(Observation(call_id="c", content={"a": 1}), {}) == outcome_of(Observation(call_id="d"), {"b": 2})


@given(contents)
def test_every_leaf_is_found_again_by_its_path(content: Json) -> None:
    for leaf in leaves(content):
        assert at(content, leaf.path) == leaf.value


def test_a_table_shows_its_keys_and_an_object_does_not() -> None:
    content = {"cards": {"CARD-1005": {"label": "travel card"}, "CARD-8269": {"label": "family card"}}}
    shown = {(leaf.general, leaf.value) for leaf in leaves(content, fields=("cards", "label"))}
    assert ("cards.@key", "CARD-1005") in shown
    assert ("cards.*.label", "family card") in shown
    assert all(value != "label" for _, value in shown)


def test_codes_are_told_from_what_people_say() -> None:
    made = ["83214", "USR001", "BK-3382", "RMS", "HD 4711", 12345]
    said = ["Rivermist", "2026-04-18", "10:30", "maya@example.com", "notes.txt", "economy", 3, 19.5, True, None]
    assert [value for value in made if not code_like(value)] == []
    assert [value for value in said if code_like(value)] == []
