"""What nodes find in LangGraph's run context: roles, settings and live worlds. None of it is ever checkpointed."""

from __future__ import annotations

from dataclasses import dataclass

from envs.environment import WorldSpec
from envs.pool import WorldPool
from envs.world import World
from graphs.records.job import Job
from graphs.roles import Roles
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from tools.graph import ApiGraph


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


_GRAPHS: dict[tuple[str, str, tuple[str, ...]], ApiGraph] = {}


def api_graph(world: World) -> ApiGraph:
    """The API graph of a world's tools: declared edges, and schema fits. Built once for a set of environments."""
    key = (world.spec.name, world.spec.version, world.spec.environments)
    if key not in _GRAPHS:
        _GRAPHS[key] = ApiGraph.from_specs(world.specs(), world.declared_edges())
    return _GRAPHS[key]
