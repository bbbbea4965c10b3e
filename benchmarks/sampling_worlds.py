"""The worlds that sampling is measured in, and the sampler as a run has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from envs.domain import Domain, load_domain
from fr_agents import discover_graph
from fr_agents.config import RunConfig
from fr_agents.discovery import unusable
from fr_agents.wiring import open_context
from graphs.context import RunContext
from tools.base import Json, JsonObject
from tools.graph import ApiGraph

BFCL = "bfcl"


@dataclass(frozen=True)
class Place:
    """A domain with its discovered graph.

    Attributes:
        name: What it is called in the tables.
        world: The name of its domain, with the options that it is made with.
        domain: Draws and opens its worlds.
        graph: What its tools need, found out by execution.
        unusable: Tools that are never to be called.
    """

    name: str
    world: JsonObject
    domain: Domain
    graph: ApiGraph
    unusable: tuple[str, ...]

    def config(self, sampler: JsonObject, **more: Json) -> RunConfig:
        """The configuration of a run there; ``sampler`` is that section of it."""
        return RunConfig.model_validate(
            {"name": "benchmark", "count": 1, "world": self.world, "sampler": sampler, **more}
        )

    @asynccontextmanager
    async def context(self, config: RunConfig) -> AsyncIterator[RunContext]:
        """The context in which turns are sampled, with roles by rules."""
        async with open_context(config, self.domain, self.graph) as context:
            yield context


async def place(world: str, options: Mapping[str, Json] | None = None, name: str = "") -> Place:
    """A world by name, with its graph from the cache or discovered now; of all tools that the domain can have, whatever
    the ``options`` leave of them."""
    found = await discover_graph(world)
    given = dict(options or {})
    return Place(
        name=name or world,
        world={"name": world, "options": given},
        domain=load_domain(world, given),
        graph=found.graph,
        unusable=unusable(found.discovery.warnings),
    )


async def blank_places(world: str) -> list[Place]:
    """The places of a world in which targets are to be reached: for bfcl one for each class, with nothing in it."""
    if world != BFCL:
        return [await place(world)]
    return [
        await place(BFCL, {"environments": [name], "configurations": "blank"}, f"{BFCL} {name}")
        for name in load_domain(BFCL).catalogue()
    ]


def targets_of(graph: ApiGraph) -> Iterator[str]:
    """The tools that need something first."""
    return (tool for tool in graph.specs if graph.prerequisites(tool))
