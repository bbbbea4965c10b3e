"""How near a run comes to what its endpoint could give, when that answers after a fixed time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import anyio.to_thread

from benchmarks.throughput_runs import CONFIGS
from fr_agents.config import RunConfig, load_config
from fr_agents.entry import execute
from tools.base import JsonObject

WORLD = "travel"
# Those that the model by rules can play; the other roles are by rules themselves.
ROLES = ("tooling", "reasoning", "critiquing")
_ENDLESS = 1_000_000
# A run is steady when its endpoint has answered so many calls for each that can be in flight, or after so long.
_CALLS_BEFORE = 3
_LATENCIES_BEFORE, _SECONDS_BEFORE = 9, 20.0
_LOOK = 0.1


@contextmanager
def endpoint(core: int) -> Iterator[str]:
    """The address of an endpoint in a process of its own, which runs until the context ends."""
    command = [sys.executable, "-m", "benchmarks.throughput_server", "--core", str(core)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for above
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def configured(address: str, in_flight: int, latency: float, changes: Sequence[str] = ()) -> RunConfig:
    """An endless run whose roles ask the endpoint."""
    model = {"model": "openai/rules", "base_url": f"{address}/{latency:g}/v1", "max_tokens": 4000, "timeout": 600.0}
    models = {**dict.fromkeys(ROLES, model), "rewriting": "offline"}
    limits = {"concurrency": in_flight, "window": 8 * in_flight, "max_jobs": _ENDLESS}
    given = [f"models={json.dumps(models)}", f"limits={json.dumps(limits)}", f"count={_ENDLESS}"]
    return load_config(CONFIGS[WORLD], [*given, *changes])


def efficiency(address: str, in_flight: int, latency: float, seconds: float, changes: Sequence[str] = ()) -> JsonObject:
    """What a run makes of an endpoint in its steady state, for so many seconds; the run is stopped after them."""
    return anyio.run(_steady, address, configured(address, in_flight, latency, changes), in_flight, latency, seconds)


async def _steady(address: str, config: RunConfig, in_flight: int, latency: float, seconds: float) -> JsonObject:
    with TemporaryDirectory() as folder:
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: execute(config, Path(folder) / "run", resume=False))
            await _until_steady(address, in_flight, latency)
            before, cpu = await _stats(address), time.process_time()
            await anyio.sleep(seconds)
            after, cpu = await _stats(address), time.process_time() - cpu
            group.cancel_scope.cancel()
    return _figures(before, after, in_flight, latency, cpu)


async def _until_steady(address: str, in_flight: int, latency: float) -> None:
    """Waits until the run has made its first calls, and then until it keeps its endpoint as busy as it can."""
    begun = (await _stats(address))["answered"]
    await _until_answered(address, begun + 2)  # the first one only tries the model
    with anyio.move_on_after(_LATENCIES_BEFORE * latency + _SECONDS_BEFORE):
        await _until_answered(address, begun + _CALLS_BEFORE * in_flight)
    await _stats(address)  # from here on it tells the most in flight anew


async def _until_answered(address: str, calls: int) -> None:
    while (await _stats(address))["answered"] < calls:  # noqa: ASYNC110 - another process counts
        await anyio.sleep(_LOOK)


def _figures(before: JsonObject, after: JsonObject, in_flight: int, latency: float, cpu: float) -> JsonObject:
    took = after["now"] - before["now"]
    calls = after["answered"] - before["answered"]
    late = after["late"] - before["late"]
    # Not calls times latency: calls that began together are answered together, and a window holds whole such waves.
    served = after["served"] - before["served"] - late
    return {
        "in_flight": in_flight,
        "latency": latency,
        "seconds": took,
        "calls": calls / took,
        "efficiency": served / in_flight / took,
        "most_in_flight": after["most"],
        "cpu_ms": 1000 * cpu / max(1, calls),
        "client_busy": cpu / took,
        "server_busy": (after["cpu"] - before["cpu"]) / took,
        "server_late_ms": 1000 * late / max(1, calls),
    }


async def _stats(address: str) -> JsonObject:
    return await anyio.to_thread.run_sync(_fetched, f"{address}/stats")


def _fetched(url: str) -> JsonObject:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - ours
        found: JsonObject = json.load(answer)
    return found
