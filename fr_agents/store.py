"""Where records go: JSON lines, each job's exactly once and in the order of jobs."""

from __future__ import annotations

import heapq
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from fr_agents.errors import RunFolderError
from fr_agents.files import cut_torn_line, sync_folder, whole_lines
from fr_agents.folder import RunFolder
from fr_agents.usage_file import JobUsage, without_unstored
from graphs.records import Rejection, Trajectory
from graphs.usage import Usage
from tools.base import JsonObject, Record

Outcome = Trajectory | Rejection


class Position(Record):
    """How far a run has come: jobs 0 to ``jobs`` - 1 are stored, and ``accepted`` of them gave a trajectory."""

    jobs: int = 0
    accepted: int = 0

    def after(self, outcome: Outcome) -> Position:
        return Position(jobs=self.jobs + 1, accepted=self.accepted + isinstance(outcome, Trajectory))


class Store(Protocol):
    """Keeps outcomes, and what they cost. An append has either happened or, where it was cancelled or failed, not."""

    @property
    def position(self) -> Position: ...

    async def append(self, outcome: Outcome, usage: Usage | None = None) -> None:
        """Keep the outcome of job ``position.jobs``. Raises ValueError for any other job's."""
        ...

    async def append_surplus(self, outcome: Outcome, usage: Usage | None = None) -> None:
        """Keep aside what was decided beyond the last record; a job's second time does nothing."""
        ...


class JsonLinesStore:
    """A store over the files of a run folder; made by ``open_store``."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._handles: dict[Path, int] = {}
        self._guard = threading.Lock()
        self._position = Position()
        self._aside: set[int] = set()
        self._told: set[int] = set()

    @property
    def position(self) -> Position:
        return self._position

    async def append(self, outcome: Outcome, usage: Usage | None = None) -> None:
        """Append to ``trajectories.jsonl`` or ``rejections.jsonl``, and what it cost to ``usage.jsonl``; both are on
        the disk when this returns. Raises ValueError for a job that is not the next."""
        await anyio.to_thread.run_sync(self._append_next, outcome, usage)

    async def append_surplus(self, outcome: Outcome, usage: Usage | None = None) -> None:
        await anyio.to_thread.run_sync(self._append_aside, outcome, usage)

    def _append_next(self, outcome: Outcome, usage: Usage | None) -> None:
        # The guard outlives a cancelled caller: a write that has begun ends before the files are closed.
        with self._guard:
            if job_of(outcome) != self._position.jobs:
                raise ValueError(f"job {job_of(outcome)} is not the next to be stored: {self._position.jobs} is")
            self._write_usage(outcome, usage)
            kept = isinstance(outcome, Trajectory)
            self._write(self._folder.trajectories if kept else self._folder.rejections, outcome)
            self._position = self._position.after(outcome)

    def _append_aside(self, outcome: Outcome, usage: Usage | None) -> None:
        with self._guard:
            if job_of(outcome) not in self._aside:
                self._write_usage(outcome, usage)
                self._write(self._folder.surplus, outcome)
                self._aside.add(job_of(outcome))

    def _write_usage(self, outcome: Outcome, usage: Usage | None) -> None:
        """Before the record, and once for each job: where the record's write fails, the next try finds it told."""
        job = job_of(outcome)
        if usage is not None and job not in self._told:
            told = JobUsage(job=job, accepted=isinstance(outcome, Trajectory), usage=usage)
            self._write(self._folder.usage, told)
            self._told.add(job)

    def _write(self, path: Path, record: Record) -> None:
        """One line, or none: where the disk is full, the part that was written is cut off again."""
        handle = self._handles[path]
        rest = memoryview(record.model_dump_json().encode() + b"\n")
        try:
            while rest:
                rest = rest[os.write(handle, rest) :]
            os.fsync(handle)
        except OSError:
            cut_torn_line(handle)
            raise

    def open(self) -> None:
        """Open the files, repair a torn last line, and find the position. Raises RunFolderError for damage."""
        folder = self._folder
        for path in (folder.trajectories, folder.rejections, folder.surplus, folder.usage):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
            self._handles[path] = handle
            cut_torn_line(handle)
        sync_folder(folder.path)
        self._position = _find_position(folder)
        self._aside = {number for number, _ in _jobs(folder.surplus)}
        self._told, size = without_unstored(folder.usage, self._aside.union(range(self._position.jobs)))
        os.ftruncate(self._handles[folder.usage], size)

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


def read_outcomes(folder: RunFolder) -> Iterator[Outcome]:
    """The stored outcomes, trajectories first, one at a time; also of a live run, whose last line may be torn.

    Raises:
        RunFolderError: a line is no record; the text names file and line.
    """
    kinds: tuple[tuple[Path, type[Trajectory] | type[Rejection]], ...] = (
        (folder.trajectories, Trajectory),
        (folder.rejections, Rejection),
    )
    for path, kind in kinds:
        for number, line in whole_lines(path):
            try:
                yield kind.model_validate_json(line)
            except ValueError as error:
                raise _damage(path, number, f"is no {kind.__name__.lower()} of this version") from error


def job_of(outcome: Outcome) -> int:
    """The number of the job that gave ``outcome``."""
    return outcome.lineage.job if isinstance(outcome, Trajectory) else outcome.job


def _find_position(folder: RunFolder) -> Position:
    """Walk both files in step. Each is in the order of jobs, so nothing but two lines is in memory."""
    accepted = 0
    kept = ((job, line, folder.trajectories) for job, line in _jobs(folder.trajectories))
    lost = ((job, line, folder.rejections) for job, line in _jobs(folder.rejections))
    jobs = 0
    for job, line, path in heapq.merge(kept, lost):
        if job != jobs:
            raise _damage(path, line, f"holds job {job} where job {jobs} belongs")
        jobs += 1
        accepted += path == folder.trajectories
    return Position(jobs=jobs, accepted=accepted)


def _jobs(path: Path) -> Iterator[tuple[int, int]]:
    """The job of each line, with the line's number."""
    for number, line in whole_lines(path):
        try:
            data: JsonObject = json.loads(line)
            job = data["lineage"]["job"] if "lineage" in data else data["job"]
            yield int(job), number
        except (ValueError, KeyError, TypeError):
            raise _damage(path, number, "is no record") from None


def _damage(path: Path, line: int, what: str) -> RunFolderError:
    return RunFolderError(f"{path}, line {line}: {what}. The file was changed or damaged; restore it, or begin anew.")
