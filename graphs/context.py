"""What nodes find in LangGraph's run context: roles, settings and live worlds. None of it is ever checkpointed."""

from __future__ import annotations

from dataclasses import dataclass

from envs.environment import WorldSpec
from envs.pool import WorldPool
from graphs.records.job import Job
from graphs.roles import Roles
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from tools.graph import ApiGraph
from tools.spec import ToolSpec


@dataclass(frozen=True)
class RunContext:
    """Everything that a node needs besides the state. It is the same for all jobs of a run."""

    roles: Roles
    worlds: WorldPool
    sampler: SamplerSettings
    author: AuthorSettings
    refiner: RefinerSettings

    def world_of(self, job: Job) -> WorldSpec:
        """The world of a job, which is a function of the job's seed."""
        return self.worlds.drawn(job.seed)

    def tools(self, job: Job) -> tuple[ToolSpec, ...]:
        """The tools of a job's world."""
        return self.worlds.tools(self.world_of(job))

    def api_graph(self, job: Job) -> ApiGraph:
        """The API graph of the tools of a job's world."""
        return self.worlds.api_graph(self.world_of(job))
