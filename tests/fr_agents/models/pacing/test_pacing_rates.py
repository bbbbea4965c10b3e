"""Requests and tokens per minute."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import OutputSchema, Request
from fr_agents.backends.pacing.rates import RateLimit, TokenBucket, estimated_tokens


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.5, 10_000),
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 3000)), min_size=1, max_size=60),
    st.floats(1, 100),
)
def test_no_span_sees_more_than_its_share(per_minute: float, calls: list[tuple[float, int]], span: float) -> None:
    """What is taken in any span is what the span brings, what the bucket held, and one call that was too large."""
    clock = Clock()
    bucket = TokenBucket(per_minute, clock)
    taken: list[tuple[float, int]] = []
    for pause, amount in calls:
        clock.now += pause
        clock.now += bucket.wait(amount)
        assert bucket.wait(amount) == pytest.approx(0.0, abs=1e-3)
        bucket.take(amount)
        taken.append((clock.now, amount))
    burst = max(1.0, per_minute / 12)
    for start, _ in taken:
        within = [amount for moment, amount in taken if start <= moment < start + span]
        assert sum(within) <= burst + span * per_minute / 60 + max(within) + 0.1


def test_a_minute_of_requests() -> None:
    clock = Clock()
    rates = RateLimit(requests_per_minute=30, clock=clock)
    sent = 0
    while clock.now < 60:
        clock.now += rates.wait(10**9)
        rates.take(10**9)
        sent += 1
    assert sent in (32, 33), "thirty, and the burst of the beginning"
    assert not rates.counts_tokens


def test_a_call_larger_than_a_minute_allows_waits_for_a_full_bucket_and_leaves_a_debt() -> None:
    clock = Clock()
    rates = RateLimit(tokens_per_minute=600, clock=clock)
    assert rates.wait(6000) == 0.0
    rates.take(6000)
    assert rates.wait(1) == pytest.approx((6000 - 50 + 1) / 10)


def test_what_a_call_took_puts_its_estimate_right() -> None:
    clock = Clock()
    rates = RateLimit(tokens_per_minute=600, clock=clock)
    rates.take(50)
    assert rates.wait(40) == pytest.approx(4.0)
    rates.correct(estimated=50, used=10)
    assert rates.wait(40) == 0.0
    rates.correct(estimated=10, used=60)
    assert rates.wait(40) == pytest.approx(5.0)


def test_nothing_known_is_nothing_limited() -> None:
    rates = RateLimit()
    assert rates.wait(10**9) == 0.0
    rates.take(10**9)
    rates.correct(10**9, 5)
    assert rates.wait(10**9) == 0.0


def test_the_lower_of_two_limits_holds() -> None:
    clock = Clock()
    rates = RateLimit(requests_per_minute=600, clock=clock)
    rates.tighten(60, None)
    rates.tighten(6000, None)
    for _ in range(5):
        assert rates.wait(0) == 0.0
        rates.take(0)
    assert rates.wait(0) == pytest.approx(1.0)


def test_the_estimate_counts_everything_that_is_sent_and_the_longest_answer() -> None:
    bare = Request(messages=({"role": "user", "content": "x" * 400},))
    assert 100 <= estimated_tokens(bare, None) <= 115
    assert estimated_tokens(bare, 2048) == estimated_tokens(bare, None) + 2048
    assert estimated_tokens(bare.model_copy(update={"max_tokens": 16}), 2048) == estimated_tokens(bare, None) + 16
    tool = {"type": "function", "function": {"name": "f", "description": "y" * 400}}
    schema = OutputSchema(name="s", json_schema={"description": "z" * 400})
    more = bare.model_copy(update={"tools": (tool,), "output": schema})
    assert estimated_tokens(more, None) >= estimated_tokens(bare, None) + 200
