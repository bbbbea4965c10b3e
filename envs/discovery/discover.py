"""Builds the API graph of a domain by running its tools."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence

import networkx as nx

from envs.discovery.deciding import Evidences
from envs.discovery.declaring import with_declared
from envs.discovery.examining import examine
from envs.discovery.initial_states import initial_states
from envs.discovery.probing import Prober
from envs.discovery.settings import Discovery, DiscoverySettings, OutsideEffectsError, Progress
from envs.discovery.start import Start
from envs.domain import Domain
from envs.environment import WorldSpec
from tools.fits import find_fits
from tools.graph import Edge
from tools.spec import ToolSpec

OnProgress = Callable[[Progress], None]


def discover(
    domain: Domain,
    settings: DiscoverySettings | None = None,
    on_progress: OnProgress | None = None,
    groups: Collection[str] | None = None,
) -> Discovery:
    """Find out by execution what each tool of a domain needs; of ``groups`` of environments alone, if they are given.

    For every tool calls are sought, in forks of a few initial states, after which it succeeds; what can be left out is
    left out, every remaining call is proven needed by leaving it out alone, and alternatives are sought for it. Every
    value of every output is tried as an argument. Deterministic for the same settings, unless ``max_seconds`` cuts a
    start short. Run it in the main thread: only there a call that hangs is ended.

    Raises:
        OutsideEffectsError: the domain says that its calls have effects outside of the process, and the settings do not
            allow them.
    """
    settings = settings or DiscoverySettings()
    if getattr(domain, "outside_effects", False) and not settings.outside_effects:
        raise OutsideEffectsError(
            f"calls of world {domain.name!r} have effects outside of this process, so it is not probed. Allow it with "
            "outside_effects: true where that does no harm"
        )
    wanted = {
        name: specs
        for name, specs in initial_states(domain, settings.starts).items()
        if groups is None or name in groups
    }
    return joined([_discover_group(domain, name, specs, settings, on_progress) for name, specs in wanted.items()])


def group_names(domain: Domain, settings: DiscoverySettings) -> dict[str, int]:
    """The groups of environments that are probed on their own, in their order, with their numbers of tools."""
    return {name: len(domain.open(specs[0]).specs()) for name, specs in initial_states(domain, settings.starts).items()}


def joined(parts: Sequence[Discovery]) -> Discovery:
    """One discovery from those of different groups, in their order; ``seconds`` are those of all together."""
    return parts[0].model_copy(
        update={
            "specs": tuple({spec.name: spec for part in parts for spec in part.specs}.values()),
            "groups": {name: tools for part in parts for name, tools in part.groups.items()},
            "edges": tuple(dict.fromkeys(edge for part in parts for edge in part.edges)),
            "warnings": tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
            "cut_short": tuple(name for part in parts for name in part.cut_short),
            "calls": sum(part.calls for part in parts),
            "seconds": round(sum(part.seconds for part in parts), 2),
        }
    )


def _discover_group(
    domain: Domain, name: str, specs: Sequence[WorldSpec], settings: DiscoverySettings, on_progress: OnProgress | None
) -> Discovery:
    """The tools and edges of one group of environments, from all of its initial states together."""
    began = time.monotonic()
    prober = Prober(settings)
    worlds = [domain.open(spec) for spec in specs]
    tools = tuple({spec.name: spec for world in worlds for spec in world.specs()}.values())
    evidences = Evidences({spec.name: spec for spec in tools})
    succeeded: set[str] = set()
    for number, world in enumerate(worlds):

        def told(stage: str, done: int, total: int) -> None:
            if on_progress is not None:
                on_progress(Progress(environment=name, stage=stage, done=done, total=total, calls=prober.calls))

        prober.begin()
        for finding in examine(Start.of(world, prober, f"{name} {number}"), told):
            evidences.add(finding)
            succeeded.add(finding.tool)
    edges = list(evidences.edges())
    if settings.declared:
        edges = list(with_declared(edges, [edge for world in worlds for edge in world.declared_edges()]))
    if not prober.cut_short:
        _warn_of_failures(tools, succeeded, edges, prober)
    return Discovery(
        world=domain.name,
        version=domain.version,
        specs=tools,
        groups=_by_environment(domain, name, tools),
        edges=tuple(edges),
        warnings=tuple(prober.warnings.values()),
        cut_short=(name,) if prober.cut_short else (),
        calls=prober.calls,
        seconds=round(time.monotonic() - began, 2),
    )


def _by_environment(domain: Domain, group: str, tools: Sequence[ToolSpec]) -> dict[str, tuple[str, ...]]:
    """The names of the tools for each environment that has some of them; those that the catalogue does not name, such
    as aliases, for the group."""
    left = {spec.name: None for spec in tools}
    found: dict[str, tuple[str, ...]] = {}
    for environment, specs in domain.catalogue().items():
        names = tuple(spec.name for spec in specs if spec.name in left)
        found |= {environment: names} if names else {}
        left = {name: None for name in left if name not in names}
    return {**found, group: tuple(left)} if left else found


def _warn_of_failures(tools: Sequence[ToolSpec], succeeded: set[str], edges: list[Edge], prober: Prober) -> None:
    """Name the tools that never succeeded, and among them those that need each other."""
    failed = [spec.name for spec in tools if spec.name not in succeeded | prober.left_out()]
    waiting: nx.DiGraph[str] = nx.DiGraph()
    for edge in (*edges, *_fits(tools)):
        if edge.producer in failed and edge.consumer in failed and edge.producer != edge.consumer:
            waiting.add_edge(edge.producer, edge.consumer)
    circles = [sorted(circle) for circle in nx.strongly_connected_components(waiting) if len(circle) > 1]
    for tool in failed:
        circle = next((circle for circle in circles if tool in circle), None)
        if circle is not None:
            others = " and ".join(other for other in circle if other != tool)
            prober.warn(tool, "cycle", f"never succeeded: it and {others} need each other first")
        else:
            prober.warn(tool, "never_succeeds", "never succeeded, whatever was called before it")


def _fits(tools: Sequence[ToolSpec]) -> Iterator[Edge]:
    for fit in find_fits(tuple(tools)):
        yield Edge(producer=fit.producer, consumer=fit.consumer, parameter=fit.parameter, path=fit.path)
