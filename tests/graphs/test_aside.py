"""Sections of world code: where they run, how long a tool may take in them, and what comes of one that is given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextvars import ContextVar

import anyio
import pytest

from envs.call_watch import GivenUp, check_wanted, seen_call
from graphs.aside import StuckToolsError, ToolTooSlow, WorldThreads
from tools.base import JsonObject

PLACE: ContextVar[str] = ContextVar("place", default="")


class Tool:
    """A tool that answers when it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self.left: list[str] = []

    def __call__(self, name: str, arguments: JsonObject) -> str:
        self.begun.set()
        assert self.let_go.wait(60), "nobody lets the tool go"
        return "done"

    def section(self) -> str:
        """World code that makes two calls, and hands its world back; tells how it was left if it was not by its end."""
        try:
            seen_call(self, "compute", {})
            seen_call(self, "compute_more", {})
            check_wanted()
        except GivenUp:
            self.left.append("given up")
            raise
        self.left.append("finished")
        return "result"


@pytest.fixture
def tool() -> Iterator[Tool]:
    made = Tool()
    yield made
    made.let_go.set()
    for thread in section_threads():
        thread.join(60)


def section_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "world code"]


async def begun(tool: Tool) -> None:
    """Wait until the tool was called."""
    assert await anyio.to_thread.run_sync(tool.begun.wait, 60, abandon_on_cancel=True)


async def test_a_section_runs_in_a_daemon_thread_and_sees_the_callers_context() -> None:
    PLACE.set("here")
    thread, place = await WorldThreads().run(lambda: (threading.current_thread(), PLACE.get()))
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert place == "here"


@pytest.mark.parametrize("error", [LookupError("gone"), SystemExit(3)])
async def test_what_a_section_raises_comes_out_as_it_is(error: BaseException) -> None:
    def section() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await WorldThreads().run(section)
    assert caught.value is error


async def test_the_event_loop_goes_on_while_a_tool_computes(tool: Tool) -> None:
    found: list[str] = []

    async def wait() -> None:
        found.append(await WorldThreads().run(tool.section))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await begun(tool)
        assert await WorldThreads().run(lambda: "another job") == "another job"
        assert found == []
        tool.let_go.set()
    assert found == ["result"]


async def test_a_call_over_its_limit_is_given_up_and_nothing_follows_it(tool: Tool) -> None:
    with pytest.raises(ToolTooSlow, match=r"'compute' did not answer within limits.tool_seconds \(0.01 s\)"):
        await WorldThreads(0.01).run(tool.section)
    (thread,) = section_threads()
    tool.let_go.set()
    thread.join(60)
    assert tool.left == ["given up"]


async def test_the_limit_is_for_one_call_and_not_for_a_section() -> None:
    """Each of five calls takes six tenths of the limit, and ends when its age was looked at."""
    now, looked = [0.0], threading.Event()

    def clock() -> float:
        if threading.current_thread() is not threading.main_thread():
            return now[0]
        looked.set()
        return now[0] + 0.006

    def compute(name: str, arguments: JsonObject) -> bool:
        looked.clear()
        return looked.wait(60)

    def section() -> str:
        for _ in range(5):
            assert seen_call(compute, "compute", {})
            now[0] += 0.006
        return "result"

    assert await WorldThreads(0.01, clock=clock).run(section) == "result"


async def test_without_a_limit_a_tool_takes_as_long_as_it_likes(tool: Tool) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(WorldThreads(None).run, tool.section)
        await begun(tool)
        tool.let_go.set()
    assert tool.left == ["finished"]


async def test_a_cancelled_section_is_left_at_once_and_ends_at_its_next_call(tool: Tool) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(WorldThreads().run, tool.section)
        await begun(tool)
        group.cancel_scope.cancel()
    assert tool.left == []
    (thread,) = section_threads()
    tool.let_go.set()
    thread.join(60)
    assert tool.left == ["given up"]


async def test_too_many_calls_that_never_end_end_the_run(tool: Tool) -> None:
    threads = WorldThreads(0.01, most_stuck=2)
    with pytest.raises(ToolTooSlow):
        await threads.run(tool.section)
    with pytest.raises(StuckToolsError, match=r"^2 calls of tools, the last of them of 'compute'"):
        await threads.run(tool.section)


async def test_slow_calls_that_ended_meanwhile_do_not_count(tool: Tool) -> None:
    threads = WorldThreads(0.01, most_stuck=2)
    with pytest.raises(ToolTooSlow):
        await threads.run(tool.section)
    (thread,) = section_threads()
    tool.let_go.set()
    thread.join(60)
    tool.let_go.clear()
    with pytest.raises(ToolTooSlow):
        await threads.run(tool.section)


async def test_a_loop_that_is_gone_when_a_section_ends_harms_nobody(tool: Tool) -> None:
    def run_and_leave() -> None:
        async def leave() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(WorldThreads().run, tool.section)
                await begun(tool)
                group.cancel_scope.cancel()

        anyio.run(leave)

    await anyio.to_thread.run_sync(run_and_leave)
    tool.let_go.set()
    for thread in section_threads():
        thread.join(60)
    assert section_threads() == []
