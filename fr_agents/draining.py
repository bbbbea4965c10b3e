"""A run that is asked to end early: no new jobs, and what has begun is brought to where it can go on later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import anyio

GRACE = 8.0


class Drained(Exception):  # noqa: N818 - it tells of an early end, and not of an error
    """A job or a run ended early because it was asked to; it goes on where it was when it is resumed."""


class Drain:
    """Asks a run to end early, once and for good: each run has its own.

    No job begins any more. A job that is between two steps stops there. A step that has begun is given ``grace``
    seconds, so that the answer that it waits for, which will be paid for, is used and saved; what still runs then is
    cancelled. So a drain sits out no outage, and no server that is slower than that.

    It belongs to one event loop, and none of its methods may be called from elsewhere.

    Args:
        grace: Seconds for the steps that have begun.
        sleep: Waits for so many seconds.
    """

    def __init__(self, grace: float = GRACE, sleep: Callable[[float], Awaitable[None]] = anyio.sleep) -> None:
        self.grace = grace
        self._sleep = sleep
        self._requested = anyio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._heeding = 0
        self._under_way = 0

    @property
    def requested(self) -> bool:
        """Whether the run was asked to end."""
        return self._requested.is_set()

    @property
    def heeded(self) -> bool:
        """Whether somebody is at work who ends when asked to. Where nobody is, a run can only be cancelled."""
        return self._heeding > 0

    @property
    def under_way(self) -> int:
        """How many jobs have begun and not ended."""
        return self._under_way

    def request(self) -> None:
        """Ask the run to end. A second time does nothing."""
        if not self.requested:
            self._requested.set()
            for listener in self._listeners:
                listener()

    def on_request(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the run is asked to end; at once, if it was before."""
        self._listeners.append(listener)
        if self.requested:
            listener()

    async def grace_over(self) -> None:
        """Returns when the run was asked to end and the grace is over."""
        await self._requested.wait()
        await self._sleep(self.grace)

    @contextmanager
    def heeding(self) -> Iterator[None]:
        """Held by whoever ends when asked to, as long as it is at work."""
        self._heeding += 1
        try:
            yield
        finally:
            self._heeding -= 1

    @contextmanager
    def job_under_way(self) -> Iterator[None]:
        """Held while a job is worked on."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
