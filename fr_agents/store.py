"""Where records go: JSON lines, each job's exactly once and in the order of jobs."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from fr_agents.files import cut_torn_line, sync_folder
from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts
from fr_agents.job_file import rebuild, size_of_stored
from fr_agents.record_files import record_lines, records_in_order
from graphs.records import Rejection, Trajectory
from graphs.records.job import TurnPlan
from graphs.usage import Usage
from tools.base import Record

Outcome = Trajectory | Rejection
_LOG = logging.getLogger(__name__)


class Position(Record):
    """How far a run has come: jobs 0 to ``jobs`` - 1 are stored, and ``accepted`` of them gave a trajectory."""

    jobs: int = 0
    accepted: int = 0

    def after(self, outcome: Outcome) -> Position:
        return Position(jobs=self.jobs + 1, accepted=self.accepted + isinstance(outcome, Trajectory))


class Store(Protocol):
    """Keeps outcomes, with what they cost and what was asked of their turns.

    An append has either happened or, where it was cancelled or failed, not.
    """

    @property
    def position(self) -> Position: ...

    async def append(
        self, outcome: Outcome, usage: Usage | None = None, plans: Sequence[TurnPlan] | None = None
    ) -> None:
        """Keep the outcome of job ``position.jobs``. Raises ValueError for any other job's."""
        ...

    async def append_surplus(
        self, outcome: Outcome, usage: Usage | None = None, plans: Sequence[TurnPlan] | None = None
    ) -> None:
        """Keep aside what was decided beyond the last record; a job's second time does nothing."""
        ...


class JsonLinesStore:
    """A store over the files of a run folder; made by ``open_store``.

    What it appends is on the disk when it returns: it waits for two fsyncs, of the job's line in ``jobs.jsonl`` and
    then of its record, so that no record is without its line, whatever is killed in between.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._handles: dict[Path, int] = {}
        self._guard = threading.Lock()
        self._position = Position()
        self._aside: set[int] = set()

    @property
    def position(self) -> Position:
        return self._position

    async def append(
        self, outcome: Outcome, usage: Usage | None = None, plans: Sequence[TurnPlan] | None = None
    ) -> None:
        """Append to ``trajectories.jsonl`` or ``rejections.jsonl``. Raises ValueError for a job that is not next."""
        await anyio.to_thread.run_sync(self._append_next, outcome, JobFacts.of(outcome, usage, plans))

    async def append_surplus(
        self, outcome: Outcome, usage: Usage | None = None, plans: Sequence[TurnPlan] | None = None
    ) -> None:
        await anyio.to_thread.run_sync(self._append_aside, outcome, JobFacts.of(outcome, usage, plans, surplus=True))

    def _append_next(self, outcome: Outcome, facts: JobFacts) -> None:
        # The guard outlives a cancelled caller: a write that has begun ends before the files are closed.
        with self._guard:
            if facts.job != self._position.jobs:
                raise ValueError(f"job {facts.job} is not the next to be stored: {self._position.jobs} is")
            self._keep(self._folder.trajectories if facts.accepted else self._folder.rejections, outcome, facts)
            self._position = self._position.after(outcome)

    def _append_aside(self, outcome: Outcome, facts: JobFacts) -> None:
        with self._guard:
            if facts.job not in self._aside:
                self._keep(self._folder.surplus, outcome, facts)
                self._aside.add(facts.job)

    def _keep(self, path: Path, outcome: Outcome, facts: JobFacts) -> None:
        """The job's line, then its record: both, or neither where one cannot be written."""
        record = outcome.model_dump_json().encode() + b"\n"
        size = self._write(self._folder.jobs, facts.line())
        try:
            self._write(path, record)
        except OSError:
            os.ftruncate(self._handles[self._folder.jobs], size)
            raise

    def _write(self, path: Path, line: bytes) -> int:
        """One line, or none: where the disk is full, the part that was written is cut off again. Returns the size that
        the file had before."""
        handle = self._handles[path]
        size = os.fstat(handle).st_size
        rest = memoryview(line)
        try:
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError as error:
            os.ftruncate(handle, size)
            error.filename = str(path)  # which the system does not tell of a file that is open
            raise
        return size

    def open(self) -> None:
        """Open the files, repair torn last lines, and find the position. Raises RunFolderError for damage."""
        folder = self._folder
        for path in (folder.trajectories, folder.rejections, folder.surplus, folder.jobs):
            self._open(path)
        sync_folder(folder.path)
        kept = bytes(line.kept for line in records_in_order(folder))  # a byte for each job
        self._position = Position(jobs=len(kept), accepted=sum(kept))
        self._aside = {line.job for line in record_lines(folder.surplus)}
        self._fit_jobs(kept)

    def _open(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._handles[path] = handle
        if cut := cut_torn_line(handle):
            _LOG.info("torn line repaired", {"file": path.name, "bytes": cut})

    def _fit_jobs(self, kept: bytes) -> None:
        """Cut off the line of a job whose record was never written; where others are missing, make the file anew."""
        jobs = self._folder.jobs
        size = size_of_stored(jobs, kept, self._aside)
        if size is not None:
            os.ftruncate(self._handles[jobs], size)
            return
        os.close(self._handles.pop(jobs))
        lost = rebuild(self._folder)
        self._open(jobs)
        _LOG.warning("file of jobs made anew", {"jobs": len(kept), "without_cost": lost})

    def close(self) -> None:
        """Close the files, after a write that is under way."""
        with self._guard:
            while self._handles:
                os.close(self._handles.popitem()[1])


@asynccontextmanager
async def open_store(folder: RunFolder) -> AsyncIterator[JsonLinesStore]:
    """The store of a locked run folder, open for appending.

    Raises:
        RunFolderError: a line is no record, or jobs are missing or there twice; the text names file and line.
    """
    store = JsonLinesStore(folder)
    try:
        await anyio.to_thread.run_sync(store.open)
        yield store
    finally:
        store.close()


def job_of(outcome: Outcome) -> int:
    """The number of the job that gave ``outcome``."""
    return outcome.lineage.job if isinstance(outcome, Trajectory) else outcome.job
