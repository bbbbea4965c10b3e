"""What a configuration asks for against what its world can give, before anything is written."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence

import networkx as nx

from envs.domain import Domain
from fr_agents.config import RunConfig
from fr_agents.config.problems import did_you_mean
from fr_agents.errors import ConfigError
from fr_agents.funnel import counted
from fr_agents.planning.items import GraphItems
from fr_agents.planning.offers import MOST_DRAWS, weighted_targets
from fr_agents.planning.schedule import Schedule
from tools.graph import ApiGraph

_SHOWN = 3


def check_plan(config: RunConfig, graph: ApiGraph, domain: Domain, unusable: Sequence[str] = ()) -> Schedule:
    """The schedule of a run that can be done.

    Args:
        config: What is asked for.
        graph: The API graph of all tools of the domain.
        domain: Draws the worlds.
        unusable: Tools that are never to be called.

    Raises:
        ConfigError: a target is no tool or cannot be reached, nothing is left to ask for, or quotas or depths ask for
            more than there can be. One line for each problem.
    """
    if unknown := list(_unknown(config, graph)):
        raise ConfigError("\n".join(unknown))
    schedule = Schedule(config, graph, domain, unusable)
    source = GraphItems(graph, unusable)
    reachable = source.reachable(source.usable)
    problems = [
        *_targets(config, schedule, source, reachable),
        *_quotas(config, schedule),
        *_depth(config, graph, reachable, schedule.items),
    ]
    if problems:
        raise ConfigError("\n".join(problems))
    return schedule


def _unknown(config: RunConfig, graph: ApiGraph) -> Iterator[str]:
    named = () if config.targets == "all" else config.targets
    for name in named:
        if name not in graph.specs:
            hint = did_you_mean(name, list(graph.specs))
            yield f"targets: world {config.world.name!r} has no tool {name!r}.{hint}"


def _targets(config: RunConfig, schedule: Schedule, source: GraphItems, reachable: Collection[str]) -> Iterator[str]:
    """Named targets that cannot be had, each with the reason; of ``all`` only if nothing is left."""
    targets = weighted_targets(config)
    if targets is None:
        if not schedule.items:
            first = next(iter(source.graph.specs), None)
            why = f" {_why_not(source, reachable, first)}" if first else ""
            yield f"targets: no tool of world {config.world.name!r} can be reached.{why}"
        return
    if not targets:
        yield "targets: all weights are 0: give at least one tool a weight above 0"
    for name in sorted(targets - schedule.items.keys()):
        yield f"targets: {_why_not(source, reachable, name)}"


def _why_not(source: GraphItems, reachable: Collection[str], tool: str) -> str:
    """Why a tool cannot be asked for, in a sentence."""
    if tool not in source.usable:
        return f"{tool} is left out, since it misbehaves when it is called: see the warnings of `fr-agents graph`."
    if tool in reachable:
        return f"{tool} needs tools of environments that none of {MOST_DRAWS} drawn worlds has together."
    graph = source.graph
    needs = [(f"its {name}", _producers(graph, tool, name)) for name in graph.needed_values(tool)]
    needs += [("a state that it checks", need) for need in graph.state_needs(tool)]
    what, producers = next(need for need in needs if not any(name in reachable for name in need[1]))
    misbehaving = [name for name in producers if name not in source.usable]
    given = "comes" if what.startswith("its") else "is established"
    preposition = "from" if given == "comes" else "by"
    if tool in producers and len(producers) == 1:
        return f"{tool} cannot be reached: {what} {given} only {preposition} {tool} itself."
    why = "misbehaves" if len(misbehaving) == len(producers) else "cannot be reached either"
    return f"{tool} cannot be reached: {what} {given} only {preposition} {_listed(producers)}, which {why}."


def _producers(graph: ApiGraph, tool: str, parameter: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(edge.producer for edge in graph.required_sources(tool, parameter)))


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_SHOWN])
    if len(names) > _SHOWN:
        shown.append(f"{len(names) - _SHOWN} others")
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _quotas(config: RunConfig, schedule: Schedule) -> Iterator[str]:
    most = config.count * config.turns.max
    if schedule.minimum > most:
        key = "per_edge" if config.quotas.per_edge else "per_tool"
        have = "trajectory has" if config.count == 1 else "trajectories have"
        yield (
            f"quotas ask for {counted(schedule.minimum, 'turn')}, and {config.count} {have} {most} at most: raise "
            f"count, or lower quotas.{key}"
        )


def _depth(config: RunConfig, graph: ApiGraph, reachable: Collection[str], targets: Collection[str]) -> Iterator[str]:
    """Depths that no turn can have."""
    depth, most = config.sampler.depth, config.sampler.calls_per_turn
    for key, value in (("calls", depth.calls), ("path", depth.path)):
        if value > most:
            yield f"sampler.depth.{key} ({value}) must not be above sampler.calls_per_turn ({most})"
    if 1 < depth.path <= most and targets:
        longest = longest_path(graph, reachable, targets)
        if longest < depth.path:
            yield (
                f"sampler.depth.path is {depth.path}, and the longest chain of calls to a target in which each uses a "
                f"value of the one before has {longest:g}: lower it, or choose other targets"
            )


def longest_path(graph: ApiGraph, reachable: Collection[str], targets: Collection[str]) -> float:
    """Calls on the longest chain to one of ``targets`` in which each tool can take a value from the one before it;
    infinite where such chains can go in circles."""
    relations: nx.DiGraph[str] = nx.DiGraph()
    known = frozenset(reachable)
    relations.add_nodes_from(sorted(known))
    for edge in graph.edges:
        if edge.kind != "breaks" and edge.parameter is not None and {edge.producer, edge.consumer} <= known:
            relations.add_edge(edge.producer, edge.consumer)
    parts = nx.condensation(relations)
    length: dict[int, float] = {}
    for part in nx.topological_sort(parts):
        members = parts.nodes[part]["members"]
        before = max((length[other] for other in parts.predecessors(part)), default=0.0)
        circular = len(members) > 1 or any(relations.has_edge(name, name) for name in members)
        length[part] = math.inf if circular else before + 1
    found = parts.graph["mapping"]
    return max((length[found[name]] for name in targets if name in found), default=0.0)
