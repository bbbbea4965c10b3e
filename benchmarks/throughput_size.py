"""What runs take: bytes of checkpoints while a job is under way and after it, memory, and the time that a resume of a
long run needs until its first step."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import anyio

from benchmarks.throughput_runs import CONFIGS, Clock, configured
from benchmarks.throughput_savers import watched_checkpoints
from fr_agents.cli import main as command_line
from fr_agents.config import load_config
from fr_agents.entry import execute
from fr_agents.entry import resume as resume_run
from fr_agents.folder import RunFolder
from fr_agents.running import Decider
from fr_agents.store import Outcome, open_store
from graphs.records import Job, Trajectory
from tools.base import JsonObject, digest

WORLD = "travel"
# Short turns that nothing is looked for in: what many of them take does not depend on how long each is.
BRIEF = ("turns=1", "sampler.policy=directed", "sampler.calls_per_turn=2")
_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class LiveBytes(Clock):
    """Observes jobs one after the other: the most bytes of checkpoints that each had while it was under way."""

    def __init__(self) -> None:
        super().__init__(0)
        self.rows: list[tuple[int, int]] = []
        self._size: Callable[[], int] = lambda: 0
        self._empty = self._most = self._puts = 0

    def opened(self, path: Path) -> None:
        """The file is there, and there is nothing in it."""
        self._size = lambda: used_bytes(path)
        self._empty = self._size()

    def put(self) -> None:
        self._puts += 1
        self._most = max(self._most, self._size() - self._empty)

    def decided(self, job: Job, outcome: Outcome, prefix: int) -> None:
        if isinstance(outcome, Trajectory):
            self.rows.append((self._most, self._puts))
        self._most = self._puts = 0


def live(turns: int, wanted: int, changes: Sequence[str] = ()) -> JsonObject:
    """The bytes and the number of checkpoints of trajectories of so many turns; the means of a few."""
    seen = LiveBytes()
    alone = ["limits.concurrency=1", "limits.window=1", f"turns={turns}", f"count={wanted}"]
    config = load_config(CONFIGS[WORLD], [*changes, *alone])
    with TemporaryDirectory() as folder, watched_checkpoints(seen.put, seen.opened):
        anyio.run(lambda: execute(config, Path(folder) / "run", resume=False, observer=seen))
    count = max(1, len(seen.rows))
    taken = sum(size for size, _ in seen.rows) / count
    return {
        "turns": turns,
        "trajectories": len(seen.rows),
        "checkpoints": sum(puts for _, puts in seen.rows) / count,
        "bytes": taken,
        "bytes_per_turn": taken / turns,
    }


def used_bytes(path: Path) -> int:
    """The bytes that are in use in an SQLite file, what is still in its write-ahead log included."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        pages, free, size = (
            opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def many(jobs: int, changes: Sequence[str] = ()) -> JsonObject:
    """What so many brief jobs take: memory at most, and the bytes that their checkpoints leave on the disk."""
    clock = Clock(jobs)
    config = configured(WORLD, jobs, [*changes, *BRIEF])
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        anyio.run(lambda: execute(config, run, resume=False, observer=clock))
        left = sum(path.stat().st_size for path in run.glob("checkpoints.sqlite*"))
    found = _PEAK.search(_STATUS.read_text(encoding="utf-8"))
    return {
        "jobs": jobs,
        "accepted": clock.accepted,
        "rate": clock.accepted / clock.seconds,
        "memory_mb": int(found[1]) / 1024 if found else None,
        "left_bytes": left / jobs,
    }


def finished(folder: str, jobs: int, real: int, changes: Sequence[str] = ()) -> JsonObject:
    """Makes the folder of a run with at least so many finished jobs, and more to do: the lines of a run that really
    made a few trajectories, again and again, with other numbers and ids."""
    config = load_config(CONFIGS[WORLD], [*changes, f"count={2 * jobs}"])
    path = Path(folder)
    anyio.run(lambda: execute(config, path, resume=False, only=real))
    for left in path.glob("checkpoints.sqlite*"):
        left.unlink()  # of jobs that were under way, and are to be finished ones now
    done = anyio.run(_jobs_of, path)
    run = RunFolder.look(path)
    for file in (run.trajectories, run.rejections, run.jobs):
        _multiply(file, done, -(-jobs // done))
    made = anyio.run(_jobs_of, path)
    return {"jobs": made, "megabytes": sum(file.stat().st_size for file in path.iterdir()) / 1e6}


async def _jobs_of(path: Path) -> int:
    """How many jobs a run has finished, by its store."""
    with RunFolder.open(path) as folder:
        async with open_store(folder) as store:
            return store.position.jobs


def _multiply(path: Path, jobs: int, times: int) -> None:
    """Repeat the lines of a file, each time for the next ``jobs`` jobs; in the form in which a run writes them."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open("a", encoding="utf-8") as file:
        for more in range(1, times):
            for row in _renumbered(rows, more * jobs):
                file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def _renumbered(rows: Iterable[JsonObject], more: int) -> Iterator[JsonObject]:
    for row in rows:
        if "lineage" in row:
            content = {key: value for key, value in row.items() if key != "id"}
            content["lineage"] = {**row["lineage"], "job": row["lineage"]["job"] + more}
            yield {"id": digest(content)[:20], **content}
        else:
            yield {**row, "job": row["job"] + more}


def first_step(folder: str, how: str, begun: float) -> JsonObject:
    """Resumes a run by ``call`` (of the Python function) or ``command``, and leaves the process, which began at
    ``begun``, with the figures as soon as a job takes its first step."""
    called = time.time()

    async def left(decider: Decider, job: Job) -> Any:
        now = time.time()
        found = {"how": how, "seconds": now - begun, "since_call": now - called, "job": job.number}
        sys.stdout.write(f"\n{json.dumps(found)}\n")
        sys.stdout.flush()
        os._exit(0)

    with patch.object(Decider, "decide", left):
        if how == "command":
            sys.argv = ["fr-agents", "resume", folder]
            command_line()
        anyio.run(resume_run, folder)
    raise RuntimeError("the run was complete: nothing was left to resume")
