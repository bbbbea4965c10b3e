"""Hours that pass in milliseconds: a clock that goes on to the next thing that happens, once everybody waits."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import anyio
import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.calling import calling
from fr_agents.backends.faults import BackendFault
from fr_agents.backends.pacing.endpoint import Endpoint
from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.backends.scripted import ScriptedBackend
from graphs.usage import metered
from tools.base import JsonObject

_IDLE_ROUNDS = 200


class VirtualTime:
    """A clock whose sleepers are woken in order, each as soon as nobody else has anything to do."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []
        self._sleepers: list[tuple[float, int, anyio.Event]] = []
        self._number = count()

    def timing(self, seed: int = 3) -> Timing:
        return Timing(clock=lambda: self.now, sleep=self.sleep, jitter=random.Random(seed))

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        sleeper = (self.now + seconds, next(self._number), anyio.Event())
        heapq.heappush(self._sleepers, sleeper)
        try:
            await sleeper[2].wait()
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)
                heapq.heapify(self._sleepers)

    async def settle(self) -> None:
        """Let all other tasks run until each of them waits for something."""
        while any(not _waits(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()):  # noqa: ASYNC110
            await asyncio.sleep(0)

    async def run(self) -> None:
        """Let time pass, for ever."""
        idle = 0
        while True:
            await asyncio.sleep(0)
            await self.settle()
            if self._sleepers:
                idle = 0
                self.now, _, event = heapq.heappop(self._sleepers)
                event.set()
            else:
                idle += 1
                assert idle < _IDLE_ROUNDS, "everybody waits, and nobody for the clock"

    async def pass_while(self, work: Awaitable[Any]) -> Any:
        """Let time pass until ``work`` is done."""
        working, running = asyncio.ensure_future(work), asyncio.ensure_future(self.run())
        try:
            await asyncio.wait({working, running}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            return await working
        finally:
            working.cancel()
            running.cancel()
            await asyncio.gather(working, running, return_exceptions=True)


def _waits(task: asyncio.Task[Any]) -> bool:
    waiter = getattr(task, "_fut_waiter", None)
    return waiter is not None and not waiter.done()


class Server:
    """A simulated server: how long it takes, how many calls it takes at once, and when it is down."""

    def __init__(self, time: VirtualTime, seconds: float = 1.0, capacity: int = 10**6) -> None:
        self.time = time
        self.seconds = seconds
        self.capacity = capacity
        self.down: tuple[float, float] = (-1.0, -1.0)
        self.outcome: Callable[[Request], BackendFault | None] = lambda request: None
        self.begun: list[float] = []
        self.refused: list[float] = []
        self.busy = 0
        self.busiest = 0

    async def answer(self, request: Request) -> Answer:
        self.begun.append(self.time.now)
        if self.down[0] <= self.time.now < self.down[1]:
            self.refused.append(self.time.now)
            raise BackendFault("refused", "m at home", "refused the connection")
        if self.busy >= self.capacity:
            self.refused.append(self.time.now)
            raise BackendFault("rate_limit", "m at home", "is throttling (429)")
        fault = self.outcome(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await self.time.sleep(self.seconds)
        finally:
            self.busy -= 1
        if fault is not None:
            raise fault
        return Answer(text=str(request.messages[0]["content"]), prompt_tokens=10, completion_tokens=5)

    def behind(self, endpoint: Endpoint, attempts: int = 3) -> RetryingBackend:
        return RetryingBackend(ScriptedBackend(self.answer, "m"), attempts, endpoint)


async def ask(backend: RetryingBackend, text: str = "hello", job: int | None = None) -> Answer:
    """Ask once, as a role does in the graph of a job."""
    request = Request(messages=({"role": "user", "content": text},))
    answers: list[Answer] = []

    async def node(state: JsonObject) -> JsonObject:
        with calling("reasoning"):
            answers.append(await backend.complete(request))
        return {}

    await metered(node)({} if job is None else {"job": {"number": job}})
    return answers[0]


async def ask_many(backend: RetryingBackend, jobs: int, calls: int = 1) -> list[str]:
    """``jobs`` at the same time, each with its calls one after the other. Returns the answers in the jobs' order."""
    said: dict[int, list[str]] = {}

    async def work(job: int) -> None:
        said[job] = [(await ask(backend, f"{job}.{call}", job)).text for call in range(calls)]

    async with anyio.create_task_group() as group:
        for job in range(jobs):
            group.start_soon(work, job)
    return [text for job in range(jobs) for text in said[job]]


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def server(time: VirtualTime) -> Server:
    return Server(time)


@pytest.fixture
def asking() -> Callable[..., Awaitable[Answer]]:
    return ask


@pytest.fixture
def asking_many() -> Callable[..., Awaitable[list[str]]]:
    return ask_many
