"""Who goes first, and that no place is ever lost."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.pacing.concurrency import AdaptiveLimiter
from fr_agents.backends.pacing.queueing import PriorityQueue


async def test_the_lowest_number_goes_first_and_equals_in_their_order(time: Any) -> None:
    queue = PriorityQueue(1)
    order: list[str] = []

    async def hold(name: str, priority: int) -> None:
        async with queue.place(priority):
            order.append(name)
            await time.sleep(1.0)

    async def work() -> None:
        async with anyio.create_task_group() as group:
            for name, priority in (("first", 9), ("b", 5), ("c", 5), ("a", 1), ("d", 7)):
                group.start_soon(hold, name, priority)

    await time.pass_while(work())
    assert order == ["first", "a", "b", "c", "d"]


async def test_a_higher_limit_lets_waiters_in_and_a_lower_one_takes_no_place_away(time: Any) -> None:
    queue = PriorityQueue(1)
    held: list[int] = []

    async def hold(seconds: float) -> None:
        async with queue.place(0):
            held.append(queue.held)
            await time.sleep(seconds)

    async def work() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(hold, 2.0)
            await time.sleep(1.0)
            queue.limit = 3
            assert queue.held == 3
            queue.limit = 2
            assert queue.held == 3

    await time.pass_while(work())
    assert held == [1, 3, 3, 2, 2, 2]
    assert (queue.held, queue.waiting) == (0, 0)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 6), st.integers(0, 8)), min_size=1, max_size=12),
)
def test_cancellation_at_any_moment_loses_no_place(limit: int, callers: list[tuple[int, int, int]]) -> None:
    async def work() -> None:
        queue = PriorityQueue(limit)

        async def hold(priority: int, rounds: int, patience: int) -> None:
            with anyio.CancelScope() as scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(cancel_later, scope, patience)
                    async with queue.place(priority):
                        assert queue.held <= limit
                        for _ in range(rounds):
                            await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()

        async def cancel_later(scope: anyio.CancelScope, rounds: int) -> None:
            for _ in range(rounds):
                await anyio.lowlevel.checkpoint()
            scope.cancel()

        async with anyio.create_task_group() as group:
            for caller in callers:
                group.start_soon(hold, *caller)
        assert (queue.held, queue.waiting) == (0, 0)

    anyio.run(work)


async def test_a_limiter_serves_by_priority_too(time: Any) -> None:
    limiter = AdaptiveLimiter(1)
    order: list[int] = []

    async def hold(priority: int) -> None:
        async with limiter.slot(priority):
            order.append(priority)
            await time.sleep(1.0)

    async def work() -> None:
        async with anyio.create_task_group() as group:
            for priority in (3, 2, -1, 0):
                group.start_soon(hold, priority)

    await time.pass_while(work())
    assert order == [3, -1, 0, 2]
