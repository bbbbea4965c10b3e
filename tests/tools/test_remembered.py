"""A bounded memory gives what was made for a key, and forgets what was asked for longest ago."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.remembered import Remembered


def counting(made: list[int], key: int) -> Callable[[], int]:
    def make() -> int:
        made.append(key)
        return key * 10

    return make


@given(keys=st.lists(st.integers(0, 5), max_size=30), capacity=st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_a_value_is_that_of_its_key_and_is_made_anew_once_forgotten(keys: list[int], capacity: int) -> None:
    kept, made, recent = Remembered[int, int](capacity), list[int](), list[int]()
    for key in keys:
        before = len(made)
        assert kept.get(key, counting(made, key)) == key * 10
        assert (len(made) == before) == (key in recent)
        recent = [*(other for other in recent if other != key), key][-capacity:] if capacity else []


def test_what_could_not_be_made_is_tried_again() -> None:
    kept = Remembered[str, int](2)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 7) == 7
    assert kept.get("key", lambda: 8) == 7


def test_nothing_is_a_value_too() -> None:
    kept, made = Remembered[str, None](2), list[str]()
    for _ in range(2):
        assert kept.get("key", lambda: made.append("made")) is None
    assert made == ["made"]
