"""How many calls are in flight to a server at the same time: found out, not configured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from fr_agents.backends.pacing.queueing import PriorityQueue

START = 8
_CUT = 0.75
_STEPS = 8


@dataclass(eq=False)
class Slot:
    """One call's place among those in flight. ``level`` is the limit's state in which the call was sent."""

    level: int = -1


class AdaptiveLimiter:
    """Finds the number of calls that a server takes at the same time.

    The limit begins small and doubles whenever as many calls as it allows have succeeded while it was really used. The
    first throttle ends the doubling and cuts the limit to three quarters; calls that were sent before a cut do not cut
    again. From then on it grows by an eighth of itself (by one, where that is less), again only where it was used.

    Args:
        most: What the limit never exceeds.
        start: What it begins with.
    """

    def __init__(self, most: int, start: int = START) -> None:
        self._most = max(1, most)
        self._start = max(1, min(start, self._most))
        self._queue = PriorityQueue(self._start)
        self._doubling = True
        self._sent = 0
        # Levels are counted, so that a call knows whether the limit has changed since it was sent.
        self._level = 0
        self._cut_level = 0
        self._successes = 0
        self._used = False
        self._room: anyio.Event | None = None

    @property
    def limit(self) -> int:
        """How many calls may be in flight now."""
        return self._queue.limit

    @property
    def in_flight(self) -> int:
        """How many calls have been sent and not ended."""
        return self._sent

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return self._queue.waiting

    @asynccontextmanager
    async def slot(self, priority: int = 0) -> AsyncIterator[Slot]:
        """Waits for a slot, the lowest priority number first, and holds it. Say ``sent`` when the call begins."""
        async with self._queue.place(priority):
            slot = Slot()
            try:
                yield slot
            finally:
                if slot.level >= 0:
                    self._sent -= 1
                    self._tell_of_room()

    async def room(self) -> None:
        """Waits until one more call may be sent. Whoever got a slot and was kept back may need it: meanwhile the limit
        may have been cut below the number of slots that are held."""
        while self._sent >= self.limit:
            self._room = self._room or anyio.Event()
            await self._room.wait()

    def sent(self, slot: Slot) -> None:
        """The call begins. Until then its slot is taken but not used: what waits for a server proves nothing of it."""
        slot.level = self._level
        self._sent += 1
        self._used = self._used or self._sent >= self.limit

    def succeeded(self, slot: Slot) -> None:
        """The call was answered."""
        if slot.level != self._level:
            return
        self._successes += 1
        if self._used and self._successes >= self.limit and self.limit < self._most:
            step = self.limit if self._doubling else max(1, self.limit // _STEPS)
            self._set(min(self._most, self.limit + step))

    def throttled(self, slot: Slot) -> bool:
        """The server turned the call down as one too many. Returns whether that cut the limit."""
        if slot.level < self._cut_level:
            return False
        self._doubling = False
        self._set(max(1, int(self.limit * _CUT)))
        self._cut_level = self._level
        return True

    def begin_anew(self) -> None:
        """Go back to a small limit: for a server that has just come back, and would be overrun."""
        self._doubling = True
        if self.limit > self._start:
            self._set(self._start)

    def _set(self, limit: int) -> None:
        self._level += 1
        self._successes = 0
        self._used = False
        self._queue.limit = limit
        self._tell_of_room()

    def _tell_of_room(self) -> None:
        if self._room is not None:
            self._room.set()
            self._room = None
