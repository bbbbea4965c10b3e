"""A queue in front of something that only so many may use at a time."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio


@dataclass(order=True)
class _Waiter:
    priority: int
    arrival: int
    called: anyio.Event = field(compare=False, default_factory=anyio.Event)


class PriorityQueue:
    """At most ``limit`` hold a place; the others wait, the lowest priority number first, and among equals whoever came
    first. The limit may change at any time: nobody who holds a place loses it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._arrivals = 0
        self._waiting: list[_Waiter] = []

    @property
    def limit(self) -> int:
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._call_next()

    @property
    def held(self) -> int:
        """How many hold a place."""
        return self._held

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._waiting)

    @asynccontextmanager
    async def place(self, priority: int) -> AsyncIterator[None]:
        """Holds a place, which is given back however the context ends."""
        await self._take(priority)
        try:
            yield
        finally:
            self._give_back()

    async def _take(self, priority: int) -> None:
        if self._held < self._limit and not self._waiting:
            self._held += 1
            return
        self._arrivals += 1
        waiter = _Waiter(priority, self._arrivals)
        heapq.heappush(self._waiting, waiter)
        try:
            await waiter.called.wait()
        except BaseException:
            self._leave(waiter)
            raise

    def _leave(self, waiter: _Waiter) -> None:
        """A waiter that was cancelled goes; one that had just been called passes its place on."""
        if waiter.called.is_set():
            self._give_back()
        else:
            self._waiting.remove(waiter)
            heapq.heapify(self._waiting)

    def _give_back(self) -> None:
        self._held -= 1
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting and self._held < self._limit:
            # Held from now on, not from when the waiter wakes up, so that nobody takes it in between.
            self._held += 1
            heapq.heappop(self._waiting).called.set()
