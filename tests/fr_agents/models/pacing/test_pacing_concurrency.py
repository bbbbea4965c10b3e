"""How the limit of calls in flight grows and shrinks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.pacing.concurrency import AdaptiveLimiter, Slot


@asynccontextmanager
async def in_flight(limiter: AdaptiveLimiter, number: int) -> AsyncIterator[list[Slot]]:
    """So many calls that have been sent and not ended."""
    async with AsyncExitStack() as stack:
        slots = [await stack.enter_async_context(limiter.slot()) for _ in range(number)]
        for slot in slots:
            limiter.sent(slot)
        yield slots


async def a_level(limiter: AdaptiveLimiter, number: int | None = None) -> int:
    """As many calls at the same time as may be, all of them answered. Returns the limit after them."""
    async with in_flight(limiter, number or limiter.limit) as slots:
        for slot in slots:
            limiter.succeeded(slot)
    return limiter.limit


async def test_it_doubles_up_to_the_most() -> None:
    limiter = AdaptiveLimiter(100)
    assert limiter.limit == 8
    assert [await a_level(limiter) for _ in range(6)] == [16, 32, 64, 100, 100, 100]


async def test_what_was_not_used_does_not_grow() -> None:
    limiter = AdaptiveLimiter(100)
    for _ in range(20):
        assert await a_level(limiter, 7) == 8


async def test_slots_that_are_held_back_prove_nothing() -> None:
    limiter = AdaptiveLimiter(100)
    async with AsyncExitStack() as stack:
        for _ in range(7):
            await stack.enter_async_context(limiter.slot())
        for _ in range(20):
            assert await a_level(limiter, 1) == 8
    assert limiter.in_flight == 0


async def test_one_burst_of_refusals_cuts_once() -> None:
    limiter = AdaptiveLimiter(64, start=64)
    async with in_flight(limiter, 64) as slots:
        assert [limiter.throttled(slot) for slot in slots] == [True] + [False] * 63
    assert limiter.limit == 48
    async with in_flight(limiter, 48) as slots:
        assert limiter.throttled(slots[0])
    assert limiter.limit == 36


async def test_after_a_refusal_it_grows_by_steps() -> None:
    limiter = AdaptiveLimiter(64, start=64)
    async with in_flight(limiter, 64) as slots:
        limiter.throttled(slots[0])
    assert [await a_level(limiter) for _ in range(5)] == [54, 60, 64, 64, 64]


async def test_answers_to_calls_from_before_a_cut_do_not_undo_it() -> None:
    limiter = AdaptiveLimiter(16, start=16)
    async with in_flight(limiter, 16) as slots:
        limiter.throttled(slots[0])
        for slot in slots[1:]:
            limiter.succeeded(slot)
    assert limiter.limit == 12


async def test_after_an_outage_it_begins_anew() -> None:
    limiter = AdaptiveLimiter(64)
    for _ in range(4):
        await a_level(limiter)
    limiter.begin_anew()
    assert limiter.limit == 8
    assert [await a_level(limiter) for _ in range(3)] == [16, 32, 64]


@pytest.mark.parametrize(("most", "start"), [(1, 1), (3, 3), (8, 8), (200, 8)])
def test_it_begins_small_and_never_above_the_most(most: int, start: int) -> None:
    assert AdaptiveLimiter(most).limit == start


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.lists(st.sampled_from(["succeeded", "throttled", "neither", "anew"]), max_size=200))
def test_it_stays_between_one_and_the_most_and_never_sends_more(most: int, outcomes: list[str]) -> None:
    async def work() -> None:
        limiter = AdaptiveLimiter(most)
        left = list(outcomes)
        what: dict[str, Callable[[Slot], object]] = {
            "succeeded": limiter.succeeded,
            "throttled": limiter.throttled,
            "neither": lambda slot: None,
            "anew": lambda slot: limiter.begin_anew(),
        }
        while left:
            async with in_flight(limiter, limiter.limit) as slots:
                for slot in slots:
                    what[left.pop() if left else "neither"](slot)
                    assert 1 <= limiter.limit <= most
        assert limiter.in_flight == 0

    anyio.run(work)
