"""Runs the world code of a node beside the event loop, so that a slow tool of one job does not stall the others.

A section is a synchronous part of a node: it checks worlds out and makes calls in them. Where the domain says that its
tools are quick, it runs at once in the event loop; else each section has a thread of its own. Python cannot end a
thread, so a section whose tool takes too long, or whose task is cancelled, is given up: its thread goes on until the
call ends, and what it comes to is thrown away, its world too. The threads are daemons, for which the end of the process
does not wait; those of anyio and of executors are none.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Generic, TypeVar

import anyio

from envs.call_watch import CallWatch, Clock
from tools.base import JsonObject

TOOL_SECONDS = 60.0
TOO_SLOW = "tool took too long"

Result = TypeVar("Result")
Function = Callable[[], Result]

# Threads share one interpreter with the event loop: with more of them that compute, it would hardly come to its turn.
_AT_ONCE = 16
_MOST_STUCK = 8


class ToolTooSlow(Exception):  # noqa: N818 - an outcome of a job, not a defect
    """A call did not end in time; the text names the tool and the limit."""

    def __init__(self, tool: str, seconds: float) -> None:
        super().__init__(
            f"the tool {tool!r} did not answer within limits.tool_seconds ({seconds:g} s). Raise that, or set it to "
            "null for no limit, if the tool needs longer"
        )


class StuckToolsError(RuntimeError):
    """So many calls go on for ever that the run cannot: each of them keeps a thread, and perhaps a core."""

    def __init__(self, tool: str, seconds: float, stuck: int) -> None:
        super().__init__(
            f"{stuck} calls of tools, the last of them of {tool!r}, did not end within limits.tool_seconds "
            f"({seconds:g} s) and still run, since nothing can stop them. Mend the tool, or raise limits.tool_seconds "
            "if it needs longer; then resume the run."
        )


class WorldThreads:
    """Runs sections in threads of their own, as many at the same time as make sense.

    Args:
        tool_seconds: How long one call of a tool may take; None for as long as it likes.
        most_stuck: So many calls that took too long and still run end the run.
        clock: Tells how long calls take, in seconds.
    """

    def __init__(
        self,
        tool_seconds: float | None = TOOL_SECONDS,
        *,
        most_stuck: int = _MOST_STUCK,
        clock: Clock = time.monotonic,
    ) -> None:
        self._seconds = math.inf if tool_seconds is None else tool_seconds
        self._most_stuck = most_stuck
        self._clock = clock
        self._room = anyio.CapacityLimiter(_AT_ONCE)
        self._stuck: list[threading.Thread] = []

    async def run(self, function: Function[Result]) -> Result:
        """What ``function`` gives or raises, in a thread that sees the caller's context variables.

        Raises:
            ToolTooSlow: a tool took longer than it may; nothing of the section is used.
            StuckToolsError: it was one too many.
        """
        async with self._room:
            section = _Section(function, self._clock)
            try:
                await self._ended(section)
            finally:
                section.watch.give_up()
        return section.result()

    async def _ended(self, section: _Section[Result]) -> None:
        """Wait for the end of a section, and look at its call whenever one that runs now could be over the limit."""
        left = self._seconds
        while True:
            with anyio.move_on_after(left):
                await section.ended.wait()
                return
            call = section.watch.call
            left = self._seconds if call is None else call.since + self._seconds - self._clock()
            if call is not None and left <= 0:
                raise self._too_slow(call.tool, section.thread)

    def _too_slow(self, tool: str, thread: threading.Thread) -> Exception:
        self._stuck = [*(other for other in self._stuck if other.is_alive()), thread]
        if len(self._stuck) >= self._most_stuck:
            return StuckToolsError(tool, self._seconds, len(self._stuck))
        return ToolTooSlow(tool, self._seconds)


class _Section(Generic[Result]):
    """A function in a thread, and the end of it as an event of the loop that waits for it."""

    def __init__(self, function: Function[Result], clock: Clock) -> None:
        self.watch = CallWatch(clock)
        self.ended = anyio.Event()
        self._function = function
        self._loop = asyncio.get_running_loop()
        self._results: list[Result] = []
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=copy_context().run, args=(self._run,), name="world code", daemon=True)
        self.thread.start()

    def result(self) -> Result:
        """What the function gave, or raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self.watch.run(self._function))
        except BaseException as error:  # noqa: BLE001 - raised in the task that waits for it, whatever it is
            self._error = error
        with suppress(RuntimeError):  # the loop was closed: nobody waits
            self._loop.call_soon_threadsafe(self.ended.set)


def too_slow(stage: str, failure: ToolTooSlow) -> JsonObject:
    """The rejection of a job in ``stage`` whose tool took too long."""
    return {"stage": stage, "reason": TOO_SLOW, "detail": str(failure)}
