"""Discovery in processes of its own, several at once, that can be ended at any moment, whatever a tool does in them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping

import anyio

from envs.discovery import Discovery, DiscoverySettings, ToolWarning, joined
from fr_agents.discovery.merging import MergedProgress
from fr_agents.discovery.process import Job, OnProgress, ProbingProcess, StoppedByToolError, probing_process
from fr_agents.errors import InfrastructureError
from tools.base import Json

__all__ = ["MOST_RESTARTS", "OnProgress", "discover_apart"]

# Every one costs what had been probed of its group by then.
MOST_RESTARTS = 5


async def discover_apart(
    world: str, options: Mapping[str, Json], settings: DiscoverySettings, on_progress: OnProgress | None = None
) -> Discovery:
    """Probe each group of a world's environments in a child process, as many at once as there are cores, the largest
    first. What is found is the same as in one process. Cancelling it kills the children, and whatever their tools
    started.

    A tool that hangs where it cannot be interrupted, or ends its process, gets a warning, and its group is begun again
    without it.

    Raises:
        InfrastructureError: too many tools of a group do that, or the world's own code broke. The text names the tool
            or the place.
    """
    began = anyio.current_time()
    job = Job(world, options, settings)
    try:
        async with probing_process(job) as first:
            sizes = await first.groups()
            if not sizes:
                raise InfrastructureError(f"World {world!r} gives no initial states to probe: its starts are empty.")
            crew = _Crew(job, sizes, on_progress)
            async with anyio.create_task_group() as workers:
                for _ in range(min(_cores(), len(sizes)) - 1):
                    workers.start_soon(crew.work)
                await crew.work(first)
    except ExceptionGroup as failures:  # the first one cancelled the others
        raise failures.exceptions[0] from None
    parts = [crew.found[group] for group in sizes]
    return joined(parts).model_copy(update={"seconds": round(anyio.current_time() - began, 2)})


class _Crew:
    """Workers that take the groups from one queue. Each group has a process of its own, so that what it finds depends
    on nothing that was probed before it."""

    def __init__(self, job: Job, sizes: Mapping[str, int], on_progress: OnProgress | None) -> None:
        self._job = job
        self._waiting = deque(sorted(sizes, key=lambda group: -sizes[group]))
        self._progress = MergedProgress(sizes, job.settings.starts, on_progress)
        self.found: dict[str, Discovery] = {}

    async def work(self, process: ProbingProcess | None = None) -> None:
        """Probe groups until none waits, the first of them in ``process`` if there is one."""
        while self._waiting:
            group = self._waiting.popleft()
            self.found[group] = await self._probe(group, process)
            self._progress.finish(group, self.found[group].calls)
            process = None

    async def _probe(self, group: str, process: ProbingProcess | None) -> Discovery:
        """The group without the tools that stop their process; each is warned of."""
        warnings: dict[str, ToolWarning] = {}
        while True:
            try:
                found = await self._attempt(group, tuple(warnings), process)
                return found.model_copy(update={"warnings": (*found.warnings, *warnings.values())})
            except StoppedByToolError as stopped:
                if len(warnings) == MOST_RESTARTS:
                    raise
                warnings[stopped.warning.tool] = stopped.warning
            process = None

    async def _attempt(self, group: str, stopping: tuple[str, ...], process: ProbingProcess | None) -> Discovery:
        leave_out = (*self._job.settings.leave_out, *stopping)
        told = self._progress.of(group)
        if process is not None:
            return await process.probe(group, leave_out, told)
        async with probing_process(self._job) as fresh:
            return await fresh.probe(group, leave_out, told)


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
