"""Measures what a client costs: calls a second and CPU a call, with an endpoint of fixed latency on another core.

    python -m benchmarks.backends [--rounds N] [--seconds S] [--client NAME ...] [--write]

Compared are the bare openai client, langchain-openai with structured output, and a role's model in a run of
fr-agents: structured output, retries, pace, journal and ledger. Each measurement is a process on one core, and leaves
out the ramp and the tail; rounds are interleaved, and medians told.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import anyio

from benchmarks.backends_clients import CLIENTS
from benchmarks.graph import DOCUMENT
from benchmarks.sampling_tables import table, write
from tools.base import JsonObject

MARKS = "<!-- backends: made by `make bench-backends` -->", "<!-- end of backends -->"
LATENCIES = (0.05, 1.0)
IN_FLIGHT = (32, 256)
_CLIENT_CORE, _SERVER_CORE = 0, 1
# The level of calls in flight doubles with each full level of answers, from 8.
_RAMP_LEVELS, _RAMP_SECONDS = 9, 3.0


@contextmanager
def endpoint(latency: float) -> Iterator[str]:
    """The address of an endpoint that runs until the context ends."""
    command = [sys.executable, "-m", "benchmarks.backends_server", "--latency", str(latency), "--core"]
    with subprocess.Popen([*command, str(_SERVER_CORE)], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for above
            yield process.stdout.readline().strip()
        finally:
            process.kill()


async def steady(
    client: str, url: str, in_flight: int, latency: float, seconds: float, ramp: float = _RAMP_SECONDS
) -> JsonObject:
    """Calls a second and CPU milliseconds a call of one client in its steady state, for so many seconds: of many
    latencies, since answers come in waves, and one wave more or less must not matter. What it takes to get there,
    ``ramp`` seconds and nine latencies, is left out."""
    numbers = count()
    done = 0

    async def work() -> None:
        nonlocal done
        while True:
            await ask(next(numbers))
            done += 1

    with tempfile.TemporaryDirectory() as folder:
        async with CLIENTS[client](url, in_flight, Path(folder)) as ask, anyio.create_task_group() as group:
            for _ in range(in_flight):
                group.start_soon(work)
            await anyio.sleep(_RAMP_LEVELS * latency + ramp)
            before, began, cpu = done, time.perf_counter(), time.process_time()
            await anyio.sleep(seconds)
            calls = done - before
            took, used = time.perf_counter() - began, time.process_time() - cpu
            group.cancel_scope.cancel()
    return {"calls": calls / took, "cpu_ms": 1000 * used / max(1, calls)}


def measured(client: str, in_flight: int, latency: float, seconds: float) -> JsonObject:
    """One measurement, in a process of its own."""
    with endpoint(latency) as url:
        given = json.dumps([client, url, in_flight, latency, seconds])
        command = [sys.executable, "-m", "benchmarks.backends", "--one", given]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    found: JsonObject = json.loads(done.stdout)
    return found


def rows(clients: Sequence[str], rounds: int, seconds: float) -> list[JsonObject]:
    """The medians of all measurements, the rounds interleaved."""
    found: dict[tuple[str, int, float], list[JsonObject]] = {}
    for _ in range(rounds):
        for latency in LATENCIES:
            for in_flight in IN_FLIGHT:
                for client in clients:
                    one = measured(client, in_flight, latency, seconds)
                    found.setdefault((client, in_flight, latency), []).append(one)
                    sys.stderr.write(f"{client} {in_flight} in flight, {latency} s: {json.dumps(one)}\n")
    return [_row(key, values) for key, values in found.items()]


def _row(key: tuple[str, int, float], values: Sequence[JsonObject]) -> JsonObject:
    client, in_flight, latency = key
    calls = statistics.median(value["calls"] for value in values)
    return {
        "client": client,
        "in_flight": in_flight,
        "latency": latency,
        "calls": calls,
        "cpu_ms": statistics.median(value["cpu_ms"] for value in values),
        "efficiency": calls * latency / in_flight,
    }


def report(found: Sequence[JsonObject], rounds: int, seconds: float) -> str:
    """The table, with what it was measured by."""
    columns = {
        "client": lambda row: row["client"],
        "in flight": lambda row: str(row["in_flight"]),
        "latency": lambda row: f"{row['latency']:g} s",
        "calls a second": lambda row: f"{row['calls']:.0f}",
        "of the ideal": lambda row: f"{row['efficiency']:.2f}",
        "CPU ms a call": lambda row: f"{row['cpu_ms']:.1f}",
    }
    ordered = sorted(found, key=lambda row: (row["latency"], row["in_flight"]))
    told = f"{datetime.now(UTC).date()}; medians of {rounds} rounds of {seconds:g} s each, the client on one core."
    return f"{told}\n\n{table(columns, ordered)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, tell, and keep it where it is asked for."""
    given = _parser().parse_args(arguments)
    if given.one is not None:
        os.sched_setaffinity(0, {_CLIENT_CORE})
        sys.stdout.write(json.dumps(anyio.run(steady, *json.loads(given.one))))
        return 0
    text = report(rows(given.client, given.rounds, given.seconds), given.rounds, given.seconds)
    sys.stdout.write(f"{text}\n")
    if given.write:
        write(text, DOCUMENT, MARKS)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Compare clients at an endpoint of fixed latency.")
    parser.add_argument("--rounds", type=int, default=2, metavar="N", help="of each measurement (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, metavar="S", help="of steady state (%(default)s)")
    parser.add_argument("--client", nargs="+", choices=list(CLIENTS), default=list(CLIENTS), help="all by default")
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
