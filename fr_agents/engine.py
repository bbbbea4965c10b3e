"""Jobs in, records out: which jobs run, and in which order their outcomes are kept.

A run ends at the shortest decided prefix of jobs that holds ``count`` accepted ones. Outcomes are emitted in the order
of jobs; what was decided beyond the prefix is set aside. So the records depend on what each job gives and never on
when it was done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import anyio

from fr_agents.store import Outcome, Position
from graphs.records import Job

Plan = Callable[[int], Job]
Decide = Callable[[Job], Awaitable[Outcome]]
Keep = Callable[[Outcome], Awaitable[None]]
OnDecided = Callable[[Job, Outcome, int], None]


@dataclass(frozen=True)
class Bounds:
    """When a run ends, and how much of it is under way at a time.

    Attributes:
        count: Accepted outcomes that are wanted.
        max_jobs: Jobs after which the run ends in any case.
        concurrency: Jobs that are worked on at the same time.
        window: Jobs that may run ahead of the first undecided one, the decided ones among them included.
    """

    count: int
    max_jobs: int
    concurrency: int = 8
    window: int = 32


@dataclass(frozen=True)
class Ending:
    """Where a run ended, and why: ``complete`` (``count`` accepted) or ``exhausted`` (at ``max_jobs``)."""

    position: Position
    reason: Literal["complete", "exhausted"]


class Engine(Protocol):
    """Runs jobs until the bounds are met."""

    async def run(
        self,
        plan: Plan,
        decide: Decide,
        *,
        bounds: Bounds,
        emit: Keep,
        set_aside: Keep,
        start: Position,
        on_decided: OnDecided | None,
    ) -> Ending:
        """Decide jobs from ``start`` on, and emit their outcomes in the order of jobs.

        ``emit`` and ``set_aside`` are called one at a time; each must have happened when it returns, and not have
        happened when it was cancelled. ``on_decided`` is told of each outcome after it was emitted, with the number of
        jobs in the prefix by then.

        What ``decide`` raises cancels all other jobs and comes out as it is, after the outcomes that the prefix already
        holds have been emitted; unless they complete the run, because then the failed job lies beyond its end. Where
        several jobs fail at once in the same way, the first failure comes out; otherwise all do, in an ExceptionGroup.
        """
        ...


class LocalEngine:
    """An engine in this process and event loop: one task for each job that is worked on."""

    async def run(
        self,
        plan: Plan,
        decide: Decide,
        *,
        bounds: Bounds,
        emit: Keep,
        set_aside: Keep,
        start: Position | None = None,
        on_decided: OnDecided | None = None,
    ) -> Ending:
        prefix = _Prefix(bounds, start or Position(), emit, on_decided)
        failures = await _Workers(plan, decide, bounds, prefix).run()
        await prefix.advance()
        await prefix.end(set_aside)
        if failures and not prefix.complete:
            raise _joined(failures)
        return Ending(position=prefix.position, reason="complete" if prefix.complete else "exhausted")


class _Prefix:
    """The decided prefix of jobs, and what was decided beyond it and waits for its turn."""

    def __init__(self, bounds: Bounds, start: Position, emit: Keep, on_decided: OnDecided | None) -> None:
        self.position = start
        self._bounds = bounds
        self._emit = emit
        self._on_decided = on_decided
        self._waiting: dict[int, tuple[Job, Outcome]] = {}
        self._advancing = False
        self._broken = False

    @property
    def complete(self) -> bool:
        return self.position.accepted >= self._bounds.count

    @property
    def ends_next(self) -> bool:
        """Whether the outcome that comes next is decided and is the last of the run."""
        item = self._waiting.get(self.position.jobs)
        return item is not None and self.position.after(item[1]).accepted >= self._bounds.count

    def put(self, job: Job, outcome: Outcome) -> None:
        self._waiting[job.number] = (job, outcome)

    async def advance(self) -> None:
        """Emit what is decided, in the order of jobs, up to the last record but without it.

        Whoever comes while another task is at it leaves the rest to that task. The last record waits for ``end``, when
        no job runs any more, so that the surplus is known and stored before it.
        """
        if self._advancing or self._broken:
            return
        self._advancing = True
        try:
            while not self.complete and not self.ends_next and self.position.jobs in self._waiting:
                await self._emit_next()
        finally:
            self._advancing = False

    async def end(self, set_aside: Keep) -> None:
        """Where the last record is decided: set aside what lies beyond it, then emit it."""
        if self._broken or self.complete or not self.ends_next:
            return
        for number in sorted(self._waiting):
            if number > self.position.jobs:
                await set_aside(self._waiting[number][1])
        await self._emit_next()

    async def _emit_next(self) -> None:
        job, outcome = self._waiting[self.position.jobs]
        try:
            await self._emit(outcome)
        except Exception:
            # Nobody knows what of it was written: nothing more may be emitted after it.
            self._broken = True
            raise
        del self._waiting[job.number]
        self.position = self.position.after(outcome)
        if self._on_decided is not None:
            self._on_decided(job, outcome, self.position.jobs)


class _Workers:
    """Tasks that claim jobs in order, decide them, and move the prefix on."""

    def __init__(self, plan: Plan, decide: Decide, bounds: Bounds, prefix: _Prefix) -> None:
        self._plan = plan
        self._decide = decide
        self._bounds = bounds
        self._prefix = prefix
        self._next = prefix.position.jobs
        self._moved = anyio.Event()

    async def run(self) -> list[Exception]:
        """Work until the last record is decided or no job is left. Returns what failed."""
        if self._prefix.complete:
            return []
        try:
            async with anyio.create_task_group() as group:
                for _ in range(self._bounds.concurrency):
                    group.start_soon(self._work, group.cancel_scope)
        except ExceptionGroup as failures:
            return _flat(failures)
        return []

    async def _work(self, scope: anyio.CancelScope) -> None:
        while (number := await self._claim()) is not None:
            job = self._plan(number)
            self._prefix.put(job, await self._decide(job))
            await self._prefix.advance()
            if self._prefix.ends_next:
                scope.cancel()
            self._moved.set()
            self._moved = anyio.Event()

    async def _claim(self) -> int | None:
        """The next job's number as soon as the window allows it; none when no job is left."""
        while self._next < self._bounds.max_jobs:
            if self._next - self._prefix.position.jobs <= self._bounds.window:
                self._next += 1
                return self._next - 1
            await self._moved.wait()
        return None


def _flat(group: ExceptionGroup[Exception]) -> list[Exception]:
    """The failures in a group and in the groups inside it."""
    found: list[Exception] = []
    for error in group.exceptions:
        found += _flat(error) if isinstance(error, ExceptionGroup) else [error]
    return found


def _joined(failures: list[Exception]) -> Exception:
    """One exception for all: when a server goes away, every job that waits for it fails in the same way."""
    if len({type(failure) for failure in failures}) == 1:
        return failures[0]
    return ExceptionGroup("several jobs failed", failures)
