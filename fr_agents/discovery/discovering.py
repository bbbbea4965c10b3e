"""The entry point ``discover_graph``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio

from envs.discovery import Discovery, DiscoverySettings, Progress
from envs.domain import Domain, load_domain
from fr_agents.discovery.apart import discover_apart
from fr_agents.discovery.cache import GraphCache
from fr_agents.discovery.exclusive import WAITING, exclusive
from fr_agents.discovery.process import OnProgress
from fr_agents.errors import ConfigError
from tools.base import Json, JsonObject
from tools.graph import ApiGraph
from tools.graph_json import graph_json


class OutsideEffectsError(ConfigError):
    """A world whose calls have effects outside of the process was to be probed, and nothing allows it."""


@dataclass(frozen=True)
class DiscoveredGraph:
    """What discovery found, and where it came from.

    Attributes:
        discovery: Tools, edges, groups and warnings, with the calls and seconds that finding them took.
        cached: Whether it was read from the cache; otherwise it was discovered just now.
        cache_file: Where it is kept; none where it could not be, and ``cache_problem`` says why.
    """

    discovery: Discovery
    cached: bool
    cache_file: Path | None
    cache_problem: str = ""

    @property
    def graph(self) -> ApiGraph:
        """The API graph of all tools."""
        return self.discovery.graph()

    def document(self) -> JsonObject:
        """The graph as ``fr-agents graph --json`` prints it; ``tools.graph_json.load_graph`` reads it."""
        found = self.discovery
        return graph_json(self.graph, world=found.world, version=found.version, warnings=found.warnings)


async def discover_graph(
    world: str,
    options: Mapping[str, Json] | None = None,
    *,
    settings: DiscoverySettings | None = None,
    refresh: bool = False,
    on_progress: OnProgress | None = None,
) -> DiscoveredGraph:
    """Find out by execution what each tool of a world needs, or read what was found out before.

    The world is probed in processes of its own, which are killed when this is cancelled. Of several processes that want
    the same graph at the same time one discovers it, and the others wait and read what it found.

    Args:
        world: An installed world, or ``package.module:Name``.
        options: What its domain is made with.
        settings: How much is probed, and whether effects outside of the process are allowed.
        refresh: Discover it again, whatever the cache holds.
        on_progress: Is told, in the event loop, how far discovery is, or that another process is at it; not called
            where the cache answers at once.

    Raises:
        ConfigError: there is no such world, it does not take the options, or its calls have effects outside of the
            process and the settings do not allow them.
        InfrastructureError: the world broke, or too many of its tools took their process down or hang for good.
    """
    settings = settings or DiscoverySettings()
    domain = _domain(world, options or {})
    if getattr(domain, "outside_effects", False) and not settings.outside_effects:
        raise OutsideEffectsError(_not_allowed(world))
    cache, problem = await anyio.to_thread.run_sync(_cache, domain, options or {}, settings)

    async def probe() -> Discovery:
        return await discover_apart(world, options or {}, settings, on_progress)

    if cache is None:
        return DiscoveredGraph(await probe(), cached=False, cache_file=None, cache_problem=problem)
    known = None if refresh else await anyio.to_thread.run_sync(cache.load)
    if known is not None:
        return _from(cache, known)
    async with exclusive(cache.lock_path, lambda: _tell_waiting(world, on_progress)):
        return await _found(cache, refresh, probe)


async def _found(cache: GraphCache, refresh: bool, probe: Callable[[], Awaitable[Discovery]]) -> DiscoveredGraph:
    """What another process has put into the cache while this one waited, or else what probing gives."""
    known = None if refresh else await anyio.to_thread.run_sync(cache.load)
    if known is not None:
        return _from(cache, known)
    fresh = await probe()
    problem = await anyio.to_thread.run_sync(_store, cache, fresh)
    return DiscoveredGraph(fresh, cached=False, cache_file=None if problem else cache.path, cache_problem=problem)


def _from(cache: GraphCache, known: Discovery) -> DiscoveredGraph:
    return DiscoveredGraph(known, cached=True, cache_file=cache.path)


def _tell_waiting(world: str, on_progress: OnProgress | None) -> None:
    if on_progress is not None:
        on_progress(Progress(environment=world, stage=WAITING, done=0, total=0, calls=0))


def _domain(world: str, options: Mapping[str, Json]) -> Domain:
    try:
        return load_domain(world, options)
    except (ValueError, ImportError, SyntaxError) as error:
        raise ConfigError(str(error)) from error


def _not_allowed(world: str) -> str:
    return (
        f"calls of world {world!r} have effects outside of this process, so it is not probed. Where they do no harm, "
        f"allow it: with --allow-outside-effects, in a configuration with world: {{name: {world}, "
        "allow_outside_effects: true}, or in Python with DiscoverySettings(outside_effects=True)."
    )


def _cache(domain: Domain, options: Mapping[str, Json], settings: DiscoverySettings) -> tuple[GraphCache | None, str]:
    """The graph's place, or why it has none."""
    try:
        return GraphCache(domain, options, settings), ""
    except OSError as error:
        return None, f"the graph is not kept: {error}"


def _store(cache: GraphCache, found: Discovery) -> str:
    """Keep what was found; why that failed, if it did: what took minutes must not be lost for a full disk."""
    try:
        cache.store(found)
    except OSError as error:
        return f"the graph is not kept: {error}"
    return ""
