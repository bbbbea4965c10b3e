"""What nodes find in LangGraph's run context: roles, settings and live worlds. None of it is ever checkpointed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from envs.domain import is_quick
from envs.environment import WorldSpec
from envs.pool import WorldPool
from graphs.aside import WorldThreads
from graphs.messages import system_message_of
from graphs.records.job import Job
from graphs.roles import Roles
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from tools.base import JsonObject
from tools.graph import ApiGraph
from tools.spec import ToolSpec

Result = TypeVar("Result")


@dataclass(frozen=True)
class RunContext:
    """Everything that a node needs besides the state. It is the same for all jobs of a run.

    ``left_out`` are tools that misbehave when they are called: no sampled turn calls them. ``threads`` are where calls
    are made that may take long.
    """

    roles: Roles
    worlds: WorldPool
    sampler: SamplerSettings
    author: AuthorSettings
    refiner: RefinerSettings
    left_out: frozenset[str] = frozenset()
    threads: WorldThreads = field(default_factory=WorldThreads)

    @cached_property
    def environments(self) -> dict[str, str]:
        """The environment of each tool of the domain."""
        catalogue = self.worlds.domain.catalogue()
        return {tool.name: name for name, tools in catalogue.items() for tool in tools}

    async def aside(self, section: Callable[[], Result]) -> Result:
        """What ``section`` gives, a part of a node that checks worlds out: at once where the domain's tools are quick,
        else from a thread. It changes nothing that anybody else sees, except worlds in the pool.

        Raises:
            ToolTooSlow and StuckToolsError: as ``WorldThreads.run``.
        """
        if is_quick(self.worlds.domain):
            return section()
        return await self.threads.run(section)

    def world_of(self, job: Job) -> WorldSpec:
        """The world of a job, which is a function of the job's seed, with the tools that the job shows."""
        return self.worlds.drawn(job.seed).showing(job.tools)

    def tools(self, job: Job) -> tuple[ToolSpec, ...]:
        """The tools of a job's world."""
        return self.worlds.tools(self.world_of(job))

    def api_graph(self, job: Job) -> ApiGraph:
        """The API graph of the tools of a job's world."""
        return self.worlds.api_graph(self.world_of(job))

    def system_message(self, job: Job) -> JsonObject:
        """What the conversation of a job begins with."""
        with self.worlds.branch(self.world_of(job), ()) as lease:
            return system_message_of(lease.world)
