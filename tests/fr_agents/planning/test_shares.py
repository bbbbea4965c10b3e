"""Shares hold early, and the number of turns before a job is known without a look at all jobs."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.config import TurnsSettings
from fr_agents.planning.shares import EvenDraws, TurnCounts, pick
from graphs.settings import RelationShares

SEEDS = st.integers(0, 10**6)


@settings(max_examples=60)
@given(SEEDS, st.integers(0, 10**6))
def test_any_hundred_turns_have_the_shares_within_two(seed: int, first: int) -> None:
    weights = RelationShares().model_dump()
    relations, errors = EvenDraws(seed, "relation"), EvenDraws(seed, "error")
    picked = Counter(pick(relations.at(first + place), weights) for place in range(100))
    assert all(abs(picked[name] - 100 * weight) <= 2 for name, weight in weights.items())
    assert abs(sum(errors.at(first + place) < 0.1 for place in range(100)) - 10) <= 2


def test_errors_do_not_go_hand_in_hand_with_a_relation() -> None:
    weights = RelationShares().model_dump()
    relations, errors = EvenDraws(7, "relation"), EvenDraws(7, "error")
    picked = Counter(pick(relations.at(place), weights) for place in range(2000) if errors.at(place) < 0.1)
    assert all(abs(picked[name] - 200 * weight) <= 12 for name, weight in weights.items())


def test_only_proportions_of_weights_count_and_0_is_never_picked() -> None:
    assert [pick(number, {"a": 2, "b": 0, "c": 6}) for number in (0.0, 0.24, 0.26, 0.999999)] == ["a", "a", "c", "c"]
    assert pick(1.0, {"a": 1, "b": 0}) == "a"


@settings(max_examples=30)
@given(SEEDS, st.integers(1, 12), st.integers(1, 12))
def test_turns_before_a_job_are_the_sum_of_theirs(seed: int, one: int, other: int) -> None:
    turns = TurnCounts(TurnsSettings(min=min(one, other), max=max(one, other)), seed)
    numbers = [turns.of(job) for job in range(30)]
    assert [turns.before(job) for job in range(30)] == [0, *accumulate(numbers[:-1])]
    assert {min(numbers), max(numbers)} <= set(range(min(one, other), max(one, other) + 1))
