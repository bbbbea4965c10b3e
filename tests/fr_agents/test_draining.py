"""A run that is asked to end: what a drain tells, and what signals make of it."""

from __future__ import annotations

import os
import signal
import threading

import anyio
import pytest

from fr_agents.cli.interrupt import Stoppable
from fr_agents.draining import Drain, Drained


async def test_whoever_listens_is_told_once() -> None:
    drain, told = Drain(), []
    drain.on_request(lambda: told.append("before"))
    drain.request()
    drain.request()
    drain.on_request(lambda: told.append("after"))
    assert told == ["before", "after"]
    assert drain.requested


async def test_the_grace_begins_with_the_request() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    drain = Drain(grace=3.0, sleep=sleep)
    async with anyio.create_task_group() as group:
        group.start_soon(drain.grace_over)
        await anyio.wait_all_tasks_blocked()
        assert waited == []
        drain.request()
    assert waited == [3.0]


async def test_jobs_that_fail_are_under_way_no_longer() -> None:
    drain = Drain()

    async def fails() -> None:
        with drain.heeding(), drain.job_under_way():
            assert (drain.heeded, drain.under_way) == (True, 1)
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await fails()
    assert (drain.heeded, drain.under_way) == (False, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("in_time", [True, False], ids=["with a result", "without one"])
def test_the_first_signal_asks_who_heeds_it_to_end(number: signal.Signals, in_time: bool) -> None:
    drain, under_way = Drain(), []

    async def work() -> str:
        ended = anyio.Event()
        drain.on_request(ended.set)
        with drain.heeding(), drain.job_under_way():
            os.kill(os.getpid(), number)
            await ended.wait()
        if in_time:
            return "done"
        raise Drained

    with Stoppable[str](lambda: under_way.append(drain.under_way), drain) as stoppable:
        assert stoppable.run(work) == ("done" if in_time else None)
    assert stoppable.stopped
    assert under_way == [1]


def test_where_nobody_heeds_a_drain_the_first_signal_cancels() -> None:
    drain = Drain()

    async def work() -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        await anyio.sleep_forever()
        return "never"

    with Stoppable[str](lambda: None, drain) as stoppable:
        assert stoppable.run(work) is None
    assert not drain.requested


def test_a_signal_is_heeded_while_nothing_else_happens() -> None:
    """It goes to another thread here, so that it does not wake the event loop by itself; the same comes about when it
    is sent in the moment before the loop begins to wait."""

    def signal_myself(idle: threading.Event) -> None:
        idle.wait()
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    too_late = []

    async def work() -> None:
        idle = threading.Event()
        threading.Thread(target=signal_myself, args=(idle,)).start()
        with anyio.move_on_after(30) as waiting:
            idle.set()
            try:
                await anyio.sleep_forever()
            finally:
                too_late.append(waiting.cancel_called)

    before = signal.set_wakeup_fd(-1)
    with Stoppable[None](lambda: None) as stoppable:
        stoppable.run(work)
    assert (stoppable.stopped, too_late) == (True, [False])
    assert signal.set_wakeup_fd(before) == -1
