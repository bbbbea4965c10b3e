"""Whole offline runs as users make them: how fast they are with each kind of checkpoints, and where the time goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio

from benchmarks.graph import ROOT
from benchmarks.throughput_profile import CpuByLayer
from benchmarks.throughput_savers import NONE, no_checkpoints, watched_checkpoints
from envs.discovery import Progress
from fr_agents.config import RunConfig, load_config
from fr_agents.discovery import RunGraph
from fr_agents.entry import execute
from fr_agents.models_now import ModelsNow
from fr_agents.store import Outcome
from graphs.records import Job, Trajectory
from tools.base import JsonObject

# The configurations that come with fr-agents, by their worlds.
CONFIGS = {"travel": ROOT / "configs" / "quickstart.yaml", "bfcl": ROOT / "configs" / "bfcl.yaml"}


def configured(world: str, jobs: int, changes: Sequence[str] = ()) -> RunConfig:
    """The configuration of a world for exactly so many jobs: nothing runs ahead of an end that is not known."""
    return load_config(CONFIGS[world], [f"count={jobs}", f"limits.max_jobs={jobs}", *changes])


class Clock:
    """Observes a run: what passes from its start to its last job, without probing before and the summary after.

    ``on_start`` and ``on_end`` are called at these two moments.
    """

    def __init__(
        self, jobs: int, on_start: Callable[[], None] = lambda: None, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self._jobs = jobs
        self._on_start = on_start
        self._on_end = on_end
        self._began = self._began_cpu = 0.0
        self.accepted = 0
        self.seconds = 0.0
        self.cpu_seconds = 0.0

    def discovering(self, told: Progress) -> None:
        """Not counted."""

    def started(self, config: RunConfig, domain: Mapping[str, Any], graph: RunGraph | None) -> None:
        self._began, self._began_cpu = time.perf_counter(), time.process_time()
        self._on_start()

    def asking(self, now: Callable[[], ModelsNow]) -> None:
        """Not counted."""

    def decided(self, job: Job, outcome: Outcome, prefix: int) -> None:
        self.accepted += isinstance(outcome, Trajectory)
        if prefix == self._jobs:
            self._on_end()
            self.seconds = time.perf_counter() - self._began
            self.cpu_seconds = time.process_time() - self._began_cpu


def speed(world: str, checkpoints: str, jobs: int, changes: Sequence[str] = ()) -> JsonObject:
    """Accepted trajectories a second and CPU milliseconds for each, with ``checkpoints`` none, memory or sqlite."""
    kept = [] if checkpoints == NONE else [f"checkpoint={checkpoints}"]
    clock = Clock(jobs)
    with no_checkpoints() if checkpoints == NONE else nullcontext():
        _run(configured(world, jobs, [*changes, *kept]), clock)
    accepted = max(1, clock.accepted)
    return {"accepted": clock.accepted, "rate": accepted / clock.seconds, "cpu_ms": 1000 * clock.cpu_seconds / accepted}


def layers(world: str, jobs: int, changes: Sequence[str] = ()) -> JsonObject:
    """Where the CPU time of a run with SQLite goes, and how many checkpoints a trajectory takes."""
    profile = CpuByLayer()
    puts = 0

    def count() -> None:
        nonlocal puts
        puts += 1

    clock = Clock(jobs, profile.start, profile.stop)
    try:
        _run(configured(world, jobs, changes), clock, watched_checkpoints(count))
    finally:
        profile.stop()
    accepted = max(1, clock.accepted)
    return {
        "jobs": jobs,
        "accepted": clock.accepted,
        "checkpoints": puts / jobs,
        "cpu_ms": 1000 * sum(profile.layers.values()) / accepted,
        **profile.figures(),
    }


def _run(config: RunConfig, clock: Clock, watched: AbstractContextManager[None] | None = None) -> None:
    with TemporaryDirectory() as folder, watched or nullcontext():
        anyio.run(lambda: execute(config, Path(folder) / "run", resume=False, observer=clock))
