"""What a large tool set costs: to build its graph, to keep it, and to choose the next call in it. Times are of the
processor, so that nothing depends on what else it does."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Iterator, Sequence

from benchmarks.sampling_catalogues import Catalogue, made_up, result
from tools.base import JsonObject, generator
from tools.binding import Binding
from tools.call import Observation, ToolCall
from tools.graph import ApiGraph
from tools.needs import Needs
from tools.pools import Pools
from tools.seen import Seen
from tools.supply import Supply
from tools.trace import Step
from tools.walk import Walk

_MEGABYTE = 1e6
_MICROSECONDS = 1e6
_SHARE = 0.95
_MOST_CALLS = 30


def measure(count: int, targets: int) -> JsonObject:
    """The figures of a made-up catalogue of ``count`` tools; steps are measured on the ways to so many targets."""
    catalogue = made_up(count)
    begun = time.process_time()
    graph = catalogue.graph()
    built = time.process_time() - begun
    begun = time.process_time()
    chosen = generator("sizes", count).sample(list(graph.costs_from_scratch), min(targets, count))
    ranked = time.process_time() - begun
    pools = Pools(catalogue.known)
    begun = time.process_time()
    pools.opaque(chosen[0], "")
    listed = time.process_time() - begun
    walks = [list(steps_toward(graph, pools, target)) for target in chosen]
    steps = [seconds for walk in walks for _, seconds in walk]
    return {
        "tools": count,
        "edges": len(graph.edges),
        "build_seconds": round(built, 3),
        "costs_seconds": round(ranked, 3),
        "values_seconds": round(listed, 3),
        "megabytes": round(_megabytes(catalogue), 1),
        "reached": sum(bool(walk) and walk[-1][0] == target for walk, target in zip(walks, chosen, strict=True)),
        "targets": len(chosen),
        "calls": round(len(steps) / len(chosen), 2),
        "step_microseconds": round(statistics.median(steps) * _MICROSECONDS),
        "step_microseconds_95": round(sorted(steps)[int(_SHARE * (len(steps) - 1))] * _MICROSECONDS),
        "plan_microseconds": round(statistics.median(_planning(graph, chosen)) * _MICROSECONDS),
    }


def steps_toward(graph: ApiGraph, pools: Pools, target: str) -> Iterator[tuple[str, float]]:
    """The tools that a walk to a target calls, each with the seconds that its choice took. Calls are not made: each is
    taken for a success with a made-up result."""
    steps: list[Step] = []
    while len(steps) < _MOST_CALLS and (not steps or steps[-1].call.name != target):
        begun = time.process_time()
        found = _next_call(graph, pools, steps, target)
        seconds = time.process_time() - begun
        if found is None:
            return
        steps.append(_step(*found, len(steps)))
        yield found[0], seconds


def _next_call(graph: ApiGraph, pools: Pools, steps: Sequence[Step], target: str) -> tuple[str, Binding] | None:
    """One step of the walk, as the sampler sets it up for each call."""
    needs = Needs(graph=graph, pools=pools, keys=(target,), implicit=0.6, optional=0.3)
    seen = Seen(specs=graph.specs, steps=steps, earlier=(), observed_numbers=0.8)
    supply = Supply(needs=needs, steps=steps, seen=seen)
    banned = {step.call.signature for step in steps}
    return Walk(supply, lambda tool, arguments: True, (target,), banned).toward(target)


def _step(tool: str, binding: Binding, number: int) -> Step:
    call = ToolCall(id=f"c{number}", name=tool, arguments=binding.arguments)
    observation = Observation(call_id=call.id, content=result())
    return Step(call=call, observation=observation, origins=binding.origins)


def _planning(graph: ApiGraph, targets: Sequence[str]) -> list[float]:
    """The seconds that a whole relaxed plan takes from nothing called."""
    found = []
    for target in targets:
        begun = time.process_time()
        graph.relaxed_plan(target)
        found.append(time.process_time() - begun)
    return found


def _megabytes(catalogue: Catalogue) -> float:
    """What the graph takes beside its tools and edges, ranking included."""
    gc.collect()
    tracemalloc.start()
    try:
        graph = catalogue.graph()
        ranked = len(graph.costs_from_scratch)
        return tracemalloc.get_traced_memory()[0] / _MEGABYTE if ranked else 0.0
    finally:
        tracemalloc.stop()
