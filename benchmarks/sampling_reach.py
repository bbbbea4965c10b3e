"""How often targets are reached, and in how many calls: by the directed walk, by random legal calls, by any calls."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from langchain_core.runnables import RunnableConfig

from benchmarks.sampling_calls import Situation, any_arguments, legal_arguments
from benchmarks.sampling_shortest import Shortest, ShortestPlan
from benchmarks.sampling_worlds import Place, targets_of
from envs.world import ToolDefectError
from graphs.context import RunContext
from graphs.records.job import Job, TurnPlan
from graphs.sampler import SamplerState, build_sampler, recursion_limit
from tools.base import JsonObject, generator
from tools.call import ToolCall
from tools.graph import ApiGraph

# Calls that the random walks may make, as multiples of what the directed one made.
BUDGETS = (1, 2, 4)
DEEP = 4
_SETTINGS = {"policy": "directed", "implicit": 0, "error_share": 0, "calls_per_turn": 30, "max_targets": 1}
_TRIES = 3

_SAMPLER = build_sampler().compile(checkpointer=False)

RandomWalk = Callable[[ApiGraph, Situation, str, int, random.Random], int | None]


@dataclass(frozen=True)
class ReachSettings:
    """How much is tried: ``seeds`` worlds, ``walks`` random walks for each target in each, ``search`` calls to find
    the shortest plan, of at most ``deepest`` calls."""

    seeds: int = 3
    walks: int = 40
    search: int = 20_000
    deepest: int = 8


@dataclass(frozen=True)
class Reached:
    """One target in one world.

    Attributes:
        tool: The target.
        directed: Calls that the directed walk made, none where it did not reach the target.
        kept: Whether a turn came of it: one that asks for something, and is not given away by what is known.
        shortest: What the search for the shortest plan came to.
        legal: For each budget, the share of random walks over legal calls that reached the target; a budget is a
            multiple of the directed walk's calls, or, where that failed, of the shortest plan's.
        anything: The same for calling anything with any arguments.
    """

    tool: str
    directed: int | None
    kept: bool
    shortest: Shortest
    legal: tuple[float, ...] = ()
    anything: tuple[float, ...] = ()

    @property
    def reachable(self) -> bool:
        """Whether anything led there."""
        return self.directed is not None or self.shortest.length is not None

    @property
    def within_one(self) -> bool:
        """Whether it is proved that no plan is shorter by more than one call."""
        return self.directed is not None and self.directed <= self.shortest.at_least + 1

    @property
    def deep(self) -> bool:
        """Whether the shortest plan has four calls or more."""
        return self.shortest.at_least >= DEEP


async def reach(place: Place, settings: ReachSettings) -> list[Reached]:
    """Every target of a place, in several of its worlds."""
    found = []
    async with place.context(place.config(_SETTINGS)) as context:
        for seed in range(settings.seeds):
            world = place.domain.open(context.worlds.drawn(seed))
            graph = ApiGraph(world.specs(), place.graph.edges)
            for target in targets_of(graph):
                found.append(await _reached(context, graph, Situation(world), target, seed, settings))
    return found


async def _reached(
    context: RunContext, graph: ApiGraph, start: Situation, target: str, seed: int, settings: ReachSettings
) -> Reached:
    made, kept = await directed_walk(context, target, seed)
    shortest = _shortest(graph, start, target, settings, found=made is not None)
    budget = made or shortest.length
    if budget is None:
        return Reached(target, None, kept, shortest)
    walks = (legal_walk, any_walk)
    legal, anything = (_shares(walk, graph, start, target, budget, (seed, settings.walks)) for walk in walks)
    return Reached(target, made, kept, shortest, legal, anything)


async def directed_walk(context: RunContext, target: str, seed: int) -> tuple[int | None, bool]:
    """In how many calls the sampler's walk reaches a target, none where it does not; and whether a turn comes of it,
    which has to ask for something as well."""
    job = Job(number=seed, seed=seed, turns=1, plans=(TurnPlan(tool=target),))
    given = SamplerState(job=job.plain(), turn=0, history=[], messages=[], past_targets=[])
    config: RunnableConfig = {"recursion_limit": recursion_limit(context.sampler)}
    made, kept = None, False
    async for update in _SAMPLER.astream(given, config, context=context, stream_mode="updates"):
        for change in update.values():
            names = [step["call"]["name"] for step in change.get("steps", ())]
            made = len(names) if made is None and target in names else made
            kept = kept or change.get("status") == "done"
    return made, kept


def _shortest(graph: ApiGraph, start: Situation, target: str, settings: ReachSettings, *, found: bool) -> Shortest:
    """The shortest plan over the target's ancestors; where neither that nor the walk leads there, over all tools."""
    most, deepest = settings.search, settings.deepest
    shortest = ShortestPlan(graph, target, most_calls=most, deepest=deepest).search(start)
    if found or shortest.length is not None:
        return shortest
    return ShortestPlan(graph, target, most_calls=most, deepest=deepest, among=list(graph.specs)).search(start)


def legal_walk(graph: ApiGraph, start: Situation, target: str, most: int, rng: random.Random) -> int | None:
    """How many calls it takes to reach a target when each is drawn from the tools that can be called then; none where
    ``most`` are too few."""
    situation = start
    for number in range(1, most + 1):
        chosen = next(_legal_calls(graph, situation, rng), None)
        if chosen is None:
            return None
        tool, situation = chosen
        if tool == target:
            return number
    return None


def any_walk(graph: ApiGraph, start: Situation, target: str, most: int, rng: random.Random) -> int | None:
    """How many calls, failed ones too, it takes to reach a target when each is of any tool with any arguments."""
    situation = Situation(start.world.fork())
    for number in range(1, most + 1):
        tool = rng.choice(list(graph.specs))
        call = ToolCall(id="call", name=tool, arguments=any_arguments(graph, situation, tool, rng))
        try:
            observation = situation.world.execute(call)
        except ToolDefectError:
            continue
        if observation.failed:
            continue
        if tool == target:
            return number
        situation = Situation(situation.world, (*situation.seen, (tool, observation.content)))
    return None


def summary(place: str, rows: Sequence[Reached]) -> JsonObject:
    """The figures of a place."""
    reachable = [row for row in rows if row.reachable]
    reached = [row for row in rows if row.directed is not None]
    deep = [row for row in reachable if row.deep]
    return {
        "world": place,
        "targets": len({row.tool for row in rows}),
        "tried": len(rows),
        "reachable": len(reachable),
        "reached": len(reached),
        "kept": sum(row.kept for row in rows),
        "within_one": sum(row.within_one for row in reached),
        "shortest_known": sum(row.shortest.length is not None for row in reached),
        "calls": statistics.fmean(row.directed or 0 for row in reached) if reached else None,
        "shortest": statistics.fmean(row.shortest.at_least for row in reached) if reached else None,
        "legal": _means([row.legal for row in reachable]),
        "anything": _means([row.anything for row in reachable]),
        "deep": len(deep),
        "deep_reached": sum(row.directed is not None for row in deep),
        "deep_legal": _means([row.legal for row in deep]),
        "deep_anything": _means([row.anything for row in deep]),
        "not_reached": sorted({row.tool for row in reachable if row.directed is None}),
        "unreachable": sorted({row.tool for row in rows if not row.reachable}),
        "longer": sorted(
            {f"{row.tool} {row.directed} for {row.shortest.at_least}" for row in reached if not row.within_one}
        ),
    }


def _legal_calls(graph: ApiGraph, situation: Situation, rng: random.Random) -> Iterator[tuple[str, Situation]]:
    """Tools that can be called now with what is known, in random order, each with what a call of it leads to."""
    for tool in rng.sample(names := list(graph.specs), len(names)):
        for _, arguments in zip(range(_TRIES), legal_arguments(graph, situation, tool, rng), strict=False):
            after = situation.after(tool, arguments)
            if after is not None:
                yield tool, after
                break


def _shares(
    walk: RandomWalk, graph: ApiGraph, start: Situation, target: str, made: int, effort: tuple[int, int]
) -> tuple[float, ...]:
    """For each budget, the share of walks that reach the target within it."""
    seed, walks = effort
    most = made * BUDGETS[-1]
    rngs = (generator("walk", walk.__name__, target, seed, number) for number in range(walks))
    lengths = [walk(graph, start, target, most, rng) for rng in rngs]
    return tuple(
        sum(length is not None and length <= made * budget for length in lengths) / walks for budget in BUDGETS
    )


def _means(rows: Sequence[Sequence[float]]) -> list[float]:
    return [round(statistics.fmean(column), 4) for column in zip(*rows, strict=True)]
