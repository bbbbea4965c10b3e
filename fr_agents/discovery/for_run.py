"""The graph that a new run is to walk on."""

from __future__ import annotations

import json

import anyio

from envs.discovery import DiscoverySettings
from envs.discovery.initial_states import initial_states
from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.discovery.discovering import OutsideEffectsError, discover_graph
from fr_agents.discovery.process import OnProgress
from fr_agents.discovery.run_graph import RunGraph
from fr_agents.errors import ConfigError
from tools.base import Json, JsonObject
from tools.graph import ApiGraph
from tools.graph_json import graph_json


async def graph_for(config: RunConfig, domain: Domain, on_progress: OnProgress | None = None) -> RunGraph:
    """The graph for a run of this configuration: discovered, or read from the cache, or what the domain declares.

    Raises:
        ConfigError: the world's calls have effects outside of the process, which nothing allows.
        InfrastructureError: the world broke while it was probed.
    """
    if config.sampler.graph == "declared":
        return RunGraph(_as_read(declared_document(domain)), "as declared")
    settings = DiscoverySettings(outside_effects=config.world.allow_outside_effects)
    try:
        found = await discover_graph(
            config.world.name, config.world.options, settings=settings, on_progress=on_progress
        )
    except OutsideEffectsError as error:
        raise ConfigError(f"{str(error).removesuffix('.')}, or set sampler.graph: declared.") from error
    document = {**found.document(), "cut_short": list(found.discovery.cut_short)}
    return await anyio.to_thread.run_sync(
        RunGraph, _as_read(document), "from cache" if found.cached else "discovered now", found.cache_problem
    )


def declared_document(domain: Domain) -> JsonObject:
    """The graph that follows from the specifications of all tools, and from what their authors declared."""
    worlds = [domain.open(specs[0]) for specs in initial_states(domain, 1).values()]
    named = [spec for world in worlds for spec in world.specs()]
    named += [spec for specs in domain.catalogue().values() for spec in specs]
    declared = dict.fromkeys(edge for world in worlds for edge in world.declared_edges())
    graph = ApiGraph.from_specs(tuple({spec.name: spec for spec in named}.values()), declared)
    return graph_json(graph, world=domain.name, version=domain.version)


def _as_read(document: JsonObject) -> Json:
    """The document as it comes back from a file."""
    return json.loads(json.dumps(document))
