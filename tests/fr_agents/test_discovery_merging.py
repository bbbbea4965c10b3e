"""One account of several processes' progress."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.discovery import Progress
from fr_agents.discovery.merging import MergedProgress


def progress(environment: str, done: int, total: int, calls: int, stage: str = "examined") -> Progress:
    return Progress(environment=environment, stage=stage, done=done, total=total, calls=calls)


@pytest.fixture
def told() -> list[Progress]:
    return []


@pytest.fixture
def merged(told: list[Progress]) -> MergedProgress:
    """A shop of ten tools and a bank of four, each with two initial states."""
    return MergedProgress({"shop": 10, "bank": 4}, 2, told.append)


def test_calls_and_tools_are_added_up_over_all_groups(merged: MergedProgress, told: list[Progress]) -> None:
    merged.of("shop")(progress("shop", 5, 5, 100))
    merged.of("bank")(progress("bank", 2, 4, 30))
    assert told == [progress("shop", 5, 14, 100), progress("shop", 6, 14, 130)]


def test_of_those_that_run_the_one_begun_first_is_named(merged: MergedProgress, told: list[Progress]) -> None:
    shop, bank = merged.of("shop"), merged.of("bank")
    shop(progress("shop", 1, 10, 10))
    bank(progress("bank", 0, 4, 5, "explored"))
    merged.finish("shop", 12)
    assert [(one.environment, one.stage) for one in told] == [
        ("shop", "examined"),
        ("shop", "examined"),
        ("bank", "explored"),
    ]
    merged.finish("bank", 9)
    assert told[-1] == progress("bank", 14, 14, 21, "explored")


def test_the_next_initial_state_goes_on_where_the_last_one_ended(merged: MergedProgress, told: list[Progress]) -> None:
    shop = merged.of("shop")
    for done in (0, 5, 9):
        shop(progress("shop", done, 10, done))
    shop(progress("shop", 0, 10, 10, "explored"))
    shop(progress("shop", 4, 10, 15))
    assert [one.done for one in told] == [0, 2, 4, 5, 7]


def test_a_group_that_is_begun_again_does_not_go_back(merged: MergedProgress, told: list[Progress]) -> None:
    shop = merged.of("shop")
    shop(progress("shop", 9, 10, 90))
    shop(progress("shop", 8, 10, 95))
    merged.of("shop")(progress("shop", 0, 10, 1))
    assert (told[-1].done, told[-1].calls) == (9, 95)


def test_a_group_can_end_without_a_word(merged: MergedProgress, told: list[Progress]) -> None:
    merged.finish("bank", 3)
    assert told == []
    merged.of("shop")(progress("shop", 0, 0, 2))
    assert told == [progress("shop", 4, 14, 2)]


def test_nobody_has_to_listen() -> None:
    merged = MergedProgress({"shop": 3}, 1, None)
    merged.of("shop")(progress("shop", 1, 3, 1))
    merged.finish("shop", 2)


_SAID = st.tuples(st.sampled_from(["shop", "bank"]), st.integers(0, 12), st.integers(0, 12), st.integers(0, 99))


@settings(max_examples=60, deadline=None)
@given(st.lists(_SAID, max_size=30))
def test_whatever_is_said_it_never_goes_back_nor_beyond_the_end(said: list[tuple[str, int, int, int]]) -> None:
    told: list[Progress] = []
    merged = MergedProgress({"shop": 10, "bank": 4}, 3, told.append)
    listeners: dict[str, Callable[[Progress], None]] = {name: merged.of(name) for name in ("shop", "bank")}
    for name, done, total, calls in said:
        listeners[name](progress(name, min(done, total), total, calls))
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert [one.calls for one in told] == sorted(one.calls for one in told)
    assert all(one.total == 14 and one.done <= 14 for one in told)
