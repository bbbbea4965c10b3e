"""Ctrl-C and SIGTERM: the first one stops cleanly, the second one at once."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Generic, TypeVar

import anyio

from fr_agents.draining import Drain, Drained

Result = TypeVar("Result")

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_AT_ONCE = 130
_SHOW_CURSOR = b"\x1b[?25h"


class Stoppable(AbstractContextManager["Stoppable[Result]"], Generic[Result]):
    """Runs an async function that a signal can stop; ``on_stop`` is called, in the event loop, when it does.

    With a ``drain`` that is heeded, the signal requests it, and the function ends as soon as it can. Otherwise it is
    cancelled. The handlers are plain ones, so that the second signal works also while the event loop is busy.
    """

    def __init__(self, on_stop: Callable[[], None], drain: Drain | None = None) -> None:
        self.stopped = False
        self._on_stop = on_stop
        self._drain = drain
        self._old: dict[int, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scope: anyio.CancelScope | None = None

    def __enter__(self) -> Stoppable[Result]:
        for number in _SIGNALS:
            self._old[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def run(self, function: Callable[[], Awaitable[Result]]) -> Result | None:
        """The function's result; none where it was cancelled or drained before it had one."""
        return anyio.run(self._inside, function)

    async def _inside(self, function: Callable[[], Awaitable[Result]]) -> Result | None:
        self._loop = asyncio.get_running_loop()
        with anyio.CancelScope() as self._scope, suppress(Drained), _woken_by_signals(self._loop):
            if self.stopped:
                self._stop()
            return await function()
        return None

    def _stop(self) -> None:
        self._on_stop()
        if self._drain is not None and self._drain.heeded:
            self._drain.request()
        elif self._scope is not None:
            self._scope.cancel()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.stopped:
            if os.isatty(2):
                os.write(2, _SHOW_CURSOR)
            os._exit(_AT_ONCE)  # what is on the disk survives this as it survives kill -9
        self.stopped = True
        if self._loop is not None and not self._loop.is_closed():
            # Not from here: a handler must not write to a stream that it may have interrupted in the middle of a write.
            self._loop.call_soon_threadsafe(self._stop)


@contextmanager
def _woken_by_signals(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Wakes the event loop for each signal. One that comes in the moment before the loop begins to wait, or to another
    thread, would be handled only when something else happens, which may take as long as the slowest server."""
    reader, writer = socket.socketpair()
    with reader, writer:
        reader.setblocking(False)
        writer.setblocking(False)
        loop.add_reader(reader, reader.recv, 64)
        before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(reader)
