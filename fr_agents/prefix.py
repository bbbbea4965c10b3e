"""The decided prefix of a run's jobs: outcomes come in any order, and leave in the order of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fr_agents.store import Outcome, Position
from graphs.records import Job, Trajectory

Decide = Callable[[Job], Awaitable[Outcome]]
Keep = Callable[[Outcome], Awaitable[None]]
OnDecided = Callable[[Job, Outcome, int], None]


@dataclass
class _Decided:
    """A job that waits for its turn; its outcome is None where it was let go, to be asked for again."""

    job: Job
    accepted: bool
    outcome: Outcome | None


class Prefix:
    """The decided prefix of jobs, and what was decided beyond it and waits for its turn.

    Args:
        count: Accepted outcomes that are wanted.
        start: Where the prefix begins to grow.
        held: Outcomes that wait in memory. Of more than that, those whose turn comes last are let go.
        decide: Gives an outcome that was let go once more.
        emit: Keeps the prefix's next outcome.
        on_decided: Is told of each outcome that was kept, with the number of jobs in the prefix by then.
    """

    def __init__(
        self, count: int, start: Position, held: int, decide: Decide, emit: Keep, on_decided: OnDecided | None
    ) -> None:
        self.position = start
        self._count = count
        self._held = held
        self._decide = decide
        self._emit = emit
        self._on_decided = on_decided
        self._waiting: dict[int, _Decided] = {}
        self._in_memory: set[int] = set()
        self._advancing = False
        self._broken = False

    @property
    def complete(self) -> bool:
        return self.position.accepted >= self._count

    @property
    def ends_next(self) -> bool:
        """Whether the outcome that comes next is decided and is the last of the run."""
        item = self._waiting.get(self.position.jobs)
        return item is not None and self.position.accepted + item.accepted >= self._count

    def put(self, job: Job, outcome: Outcome) -> None:
        """Take the outcome of a job, which may lie anywhere beyond the prefix."""
        self._waiting[job.number] = _Decided(job, isinstance(outcome, Trajectory), outcome)
        self._in_memory.add(job.number)
        if len(self._in_memory) > self._held:
            last = max(self._in_memory)
            self._in_memory.remove(last)
            self._waiting[last].outcome = None

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

    async def end(self, set_aside: Keep | None) -> None:
        """Where the last record is decided: set aside what lies beyond it, then emit it."""
        if self._broken or self.complete or not self.ends_next:
            return
        if set_aside is not None:
            for number in sorted(self._waiting):
                if number > self.position.jobs:
                    await set_aside(await self._outcome(self._waiting[number]))
        await self._emit_next()

    async def _emit_next(self) -> None:
        item = self._waiting[self.position.jobs]
        try:
            outcome = await self._outcome(item)
            await self._emit(outcome)
        except Exception:
            # Nobody knows what of it was written: nothing more may be emitted after it.
            self._broken = True
            raise
        del self._waiting[item.job.number]
        self._in_memory.discard(item.job.number)
        self.position = self.position.after(outcome)
        if self._on_decided is not None:
            self._on_decided(item.job, outcome, self.position.jobs)

    async def _outcome(self, item: _Decided) -> Outcome:
        return await self._decide(item.job) if item.outcome is None else item.outcome
