"""What the policies make of a thousand turns: purpose, depth, references, variety, coverage."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.sampling_needed import TurnCalls
from benchmarks.sampling_worlds import Place
from fr_agents.planning import Schedule
from graphs.context import RunContext
from graphs.sampling import sample_turn
from graphs.settings import Policy
from tools.base import JsonObject
from tools.graph import ApiGraph, Edge
from tools.implicit import implicit_values
from tools.reference import earlier_sources
from tools.trace import Step, Trace

POLICIES: tuple[Policy, ...] = ("paper", "random", "directed", "purposeful")

# The producer and the consumer of an edge, and for a value where it stands and the parameter that takes it.
EdgeKey = tuple[str, str, str, str | None]


@dataclass
class Tally:
    """What the turns of one policy came to."""

    turns: int = 0
    later_turns: int = 0
    no_turn: int = 0
    calls: int = 0
    needed: int = 0
    paths: list[int] = field(default_factory=list)
    implicit: int = 0
    looking_up: int = 0
    cross_turn: int = 0
    sequences: set[tuple[str, ...]] = field(default_factory=set)
    relations: Counter[str] = field(default_factory=Counter)
    tools: set[str] = field(default_factory=set)
    edges: set[EdgeKey] = field(default_factory=set)
    seconds: float = 0.0

    def add(self, turn: TurnCalls, trace: Trace, earlier: Sequence[Step], graph: ApiGraph) -> None:
        """Count a turn."""
        self.turns += 1
        self.later_turns += bool(earlier)
        self.calls += len(turn.steps)
        self.needed += len(turn.needed)
        self.paths.append(turn.longest_path)
        found = len(implicit_values(turn.steps))
        self.implicit += found
        self.looking_up += found > 0
        self.cross_turn += any(earlier_sources(step) for step in turn.steps)
        self.sequences.add(tuple(step.call.name for step in turn.steps))
        self.relations[trace.relation] += bool(earlier)
        self.tools.update(step.call.name for step in turn.steps)
        self.edges.update(walked(turn.steps, earlier, graph))

    def figures(self, graph: ApiGraph, unusable: Sequence[str]) -> JsonObject:
        """Shares and means, and what of the graph was covered."""
        usable = [tool for tool in graph.specs if tool not in unusable]
        edges = coverable(graph, unusable)
        return {
            "turns": self.turns,
            "no_turn": self.no_turn,
            "seconds": round(self.seconds, 1),
            "calls_per_turn": _share(self.calls, self.turns),
            "needed": _share(self.needed, self.calls),
            "path": _share(sum(self.paths), self.turns),
            "path_of_two": _share(sum(path > 1 for path in self.paths), self.turns),
            "implicit": _share(self.implicit, self.turns),
            "looking_up": _share(self.looking_up, self.turns),
            "cross_turn": _share(self.cross_turn, self.later_turns),
            "sequences": len(self.sequences),
            "relations": dict(sorted(self.relations.items())),
            "tools": _share(len(self.tools.intersection(usable)), len(usable)),
            "edges": _share(len(self.edges & edges), len(edges)),
            "tools_missed": sorted(set(usable) - self.tools),
            "edges_missed": [_told(edge) for edge in sorted(edges - self.edges, key=str)],
        }


async def measure(place: Place, policy: Policy, turns: int) -> JsonObject:
    """The figures of so many turns of a policy in the worlds of a place, in trajectories as a run plans them."""
    config = place.config({"policy": policy})
    schedule = Schedule(config, place.graph, place.domain, place.unusable)
    tally = Tally()
    async with place.context(config) as context:
        number = 0
        while tally.turns < turns and tally.no_turn <= turns:
            begun = time.perf_counter()
            sampled = [item async for item in trajectory(context, schedule, number, turns - tally.turns)]
            tally.seconds += time.perf_counter() - begun
            _count(tally, context, schedule, number, sampled)
            number += 1
    return {"world": place.name, "policy": policy, **tally.figures(place.graph, place.unusable)}


async def trajectory(context: RunContext, schedule: Schedule, number: int, most: int) -> AsyncIterator[Trace | None]:
    """The turns of a job, whose sampled calls are taken for accepted; none at the end where one was not found."""
    job = schedule.job(number)
    history: list[Step] = []
    past: list[str] = []
    for turn in range(min(job.turns, most)):
        trace = await sample_turn(context, job, turn, history, past_targets=past)
        yield trace
        if trace is None:
            return
        history += trace.steps
        past.append(trace.target_tool)


def walked(steps: Sequence[Step], earlier: Sequence[Step], graph: ApiGraph) -> Iterator[EdgeKey]:
    """The edges that calls made use of: a value that one took from another, and a state that another had established
    before. What earlier turns did counts too."""
    names = {step.call.id: step.call.name for step in (*earlier, *steps)}
    done = {step.call.name for step in earlier}
    for step in steps:
        for parameter, origin in step.origins.items():
            for part in origin.observed:
                if part.source in names:
                    yield names[part.source], step.call.name, part.path or "", parameter
        for need in graph.state_needs(step.call.name):
            yield from ((producer, step.call.name, "", None) for producer in need if producer in done)
        done.add(step.call.name)


def coverable(graph: ApiGraph, unusable: Sequence[str]) -> set[EdgeKey]:
    """All edges by which one tool helps another, but for those of tools that are never to be called."""
    return {
        _key(edge)
        for edge in graph.edges
        if edge.kind != "breaks" and edge.producer not in unusable and edge.consumer not in unusable
    }


def _count(tally: Tally, context: RunContext, schedule: Schedule, number: int, sampled: Sequence[Trace | None]) -> None:
    """Add the turns of a job to what was counted before."""
    job = schedule.job(number)
    graph = context.api_graph(job)
    earlier: list[Step] = []
    for trace in sampled:
        if trace is None:
            tally.no_turn += 1
            return
        with context.worlds.branch(context.world_of(job), [step.call for step in earlier]) as lease:
            tally.add(TurnCalls.of(lease.world, trace.steps, trace.target_tool, graph.specs), trace, earlier, graph)
        earlier += trace.steps


def _key(edge: Edge) -> EdgeKey:
    return edge.producer, edge.consumer, edge.path if edge.parameter is not None else "", edge.parameter


def _told(edge: EdgeKey) -> str:
    producer, consumer, _, parameter = edge
    return f"{producer} -> {consumer}" + (f".{parameter}" if parameter else "")


def _share(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
