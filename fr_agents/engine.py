"""Jobs in, records out: which jobs run, and in which order their outcomes are kept.

A run ends at the shortest decided prefix of jobs that holds ``count`` accepted ones. Outcomes are emitted in the order
of jobs; what was decided beyond the prefix is set aside. So the records depend on what each job gives and never on
when it was done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import anyio

from fr_agents.draining import Drain, Drained
from fr_agents.prefix import Decide, Keep, OnDecided, Prefix
from fr_agents.store import Position
from graphs.records import Job

Plan = Callable[[int], Job]


@dataclass(frozen=True)
class Bounds:
    """When a run ends, and how much of it is under way at a time.

    Attributes:
        count: Accepted outcomes that are wanted.
        max_jobs: Jobs after which the run ends in any case.
        concurrency: Jobs that are worked on at the same time.
        window: Jobs that may run ahead of the first undecided one, the decided ones among them included.
        held: Outcomes that wait in memory for their turn, however wide the window is; others are asked for again.
    """

    count: int
    max_jobs: int
    concurrency: int = 8
    window: int = 32
    held: int = 128


@dataclass(frozen=True)
class Ending:
    """Where a run ended, and why: ``complete`` (``count`` accepted), ``exhausted`` (at ``max_jobs``), or ``drained``
    (it was asked to end before that, and can be resumed)."""

    position: Position
    reason: Literal["complete", "exhausted", "drained"]


class Engine(Protocol):
    """Runs jobs until the bounds are met."""

    async def run(
        self,
        plan: Plan,
        decide: Decide,
        *,
        bounds: Bounds,
        emit: Keep,
        set_aside: Keep | None,
        start: Position,
        on_decided: OnDecided | None,
        drain: Drain | None,
    ) -> Ending:
        """Decide jobs from ``start`` on, and emit their outcomes in the order of jobs.

        ``decide`` gives the same again when it is asked again for a job that it has decided. ``emit`` and
        ``set_aside`` are called one at a time; each must have happened when it returns, and not have happened when it
        was cancelled. Without ``set_aside`` what lies beyond the end is left to whoever goes on. ``on_decided`` is told
        of each outcome after it was emitted, with the number of jobs in the prefix by then.

        Once a ``drain`` is requested no job begins; ``decide`` ends as soon as it can, with an outcome or by raising
        Drained, and is cancelled when the grace is over. What the prefix holds by then is emitted.

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
        set_aside: Keep | None,
        start: Position | None = None,
        on_decided: OnDecided | None = None,
        drain: Drain | None = None,
    ) -> Ending:
        prefix = Prefix(bounds.count, start or Position(), bounds.held, decide, emit, on_decided)
        failures = await _Workers(plan, decide, bounds, prefix, drain or Drain()).run()
        await prefix.advance()
        await prefix.end(set_aside)
        if failures and not prefix.complete:
            raise _joined(failures)
        if prefix.complete:
            return Ending(position=prefix.position, reason="complete")
        left = prefix.position.jobs < bounds.max_jobs
        return Ending(position=prefix.position, reason="drained" if left else "exhausted")


class _Workers:
    """Tasks that claim jobs in order, decide them, and move the prefix on, until there is no more to do or the run is
    drained."""

    def __init__(self, plan: Plan, decide: Decide, bounds: Bounds, prefix: Prefix, drain: Drain) -> None:
        self._plan = plan
        self._decide = decide
        self._bounds = bounds
        self._prefix = prefix
        self._drain = drain
        self._next = prefix.position.jobs
        self._moved = anyio.Event()

    async def run(self) -> list[Exception]:
        """Work until the last record is decided or no job is left. Returns what failed."""
        if self._prefix.complete:
            return []
        self._drain.on_request(self._tell)
        try:
            with self._drain.heeding():
                await self._work_together()
        except ExceptionGroup as failures:
            return _flat(failures)
        return []

    async def _work_together(self) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._end_after_grace, group.cancel_scope)
            async with anyio.create_task_group() as workers:
                for _ in range(self._bounds.concurrency):
                    workers.start_soon(self._work, group.cancel_scope)
            group.cancel_scope.cancel()

    async def _end_after_grace(self, scope: anyio.CancelScope) -> None:
        await self._drain.grace_over()
        scope.cancel()

    async def _work(self, scope: anyio.CancelScope) -> None:
        while (number := await self._claim()) is not None:
            job = self._plan(number)
            try:
                with self._drain.job_under_way():
                    outcome = await self._decide(job)
            except Drained:
                return
            self._prefix.put(job, outcome)
            await self._prefix.advance()
            if self._prefix.ends_next:
                scope.cancel()
            self._tell()

    async def _claim(self) -> int | None:
        """The next job's number as soon as the window allows it; none when no job is left, or none may begin."""
        while self._next < self._bounds.max_jobs and not self._drain.requested:
            if self._next - self._prefix.position.jobs <= self._bounds.window:
                self._next += 1
                return self._next - 1
            await self._moved.wait()
        return None

    def _tell(self) -> None:
        """Wake whoever waits for the window to move, or for a drain."""
        self._moved.set()
        self._moved = anyio.Event()


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
