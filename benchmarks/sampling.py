"""Measures sampling: what large tool sets cost, how targets are reached, what the policies make of their turns.

    python -m benchmarks.sampling [sizes] [reach] [policies] [--world NAME ...] [--turns N] [--small]
                                  [--output FILE] [--add-to FILE] [--write]

Without parts it measures all three. The figures are JSON, on stdout or in a file; the tables go to stderr, and with
``--write`` into docs/benchmarks.md. ``--small`` takes seconds and shows that all of it works; its figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import anyio

from benchmarks.graph import DOCUMENT, EXAMPLE
from benchmarks.sampling_policies import POLICIES
from benchmarks.sampling_policies import measure as measure_policy
from benchmarks.sampling_reach import ReachSettings, reach, summary
from benchmarks.sampling_sizes import measure as measure_size
from benchmarks.sampling_tables import tables, write
from benchmarks.sampling_worlds import BFCL, blank_places, place
from graphs.settings import Policy
from tools.base import JsonObject

PARTS = ("sizes", "reach", "policies")
WORLDS = ("travel", "workspace", BFCL)

Figures = dict[str, list[JsonObject]]
Case = TypeVar("Case")


@dataclass(frozen=True)
class Effort:
    """How much is measured: catalogues of so many tools and the ways to so many targets in each, the search for
    targets, the turns of each policy, and the processes that work at it."""

    sizes: tuple[int, ...] = (1_000, 26_507)
    targets: int = 200
    reach: ReachSettings = field(default_factory=ReachSettings)
    turns: int = 1_000
    workers: int = os.cpu_count() or 1


SMALL = Effort(
    sizes=(100,), targets=5, reach=ReachSettings(seeds=1, walks=2, search=200, deepest=4), turns=4, workers=1
)


def measured(parts: Sequence[str], worlds: Sequence[str], effort: Effort) -> Figures:
    """The figures of the parts. Those of sizes are measured alone, since they tell how long things take."""
    anyio.run(_discover, worlds)
    found: Figures = {}
    if "sizes" in parts:
        found["sizes"] = [_noted(measure_size(size, effort.targets)) for size in effort.sizes]
    if "reach" in parts:
        cases = [(world, name, effort.reach) for world in worlds for name in anyio.run(_names, world)]
        found["reach"] = [_noted(row) for row in _parallel(_reach_row, cases, effort.workers)]
    if "policies" in parts:
        turns = [(world, policy, effort.turns) for world in worlds for policy in POLICIES]
        found["policies"] = [_noted(row) for row in _parallel(_policy_row, turns, effort.workers)]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, give the figures and tables, and keep them where it is asked for."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: there is no such part. Parts: {', '.join(PARTS)}")
    effort = SMALL if given.small else Effort(turns=given.turns)
    worlds = given.world or ([EXAMPLE] if given.small else WORLDS)
    figures: Figures = json.loads(given.add_to.read_text(encoding="utf-8")) if given.add_to else {}
    figures |= measured(given.parts or PARTS, worlds, effort)
    text = json.dumps(figures, indent=2) + "\n"
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    sys.stderr.write(f"{tables(figures)}\n")
    if given.write:
        write(tables(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure sampling.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all unless named")
    parser.add_argument("--world", action="append", metavar="NAME", help=f"a world; {', '.join(WORLDS)} unless named")
    parser.add_argument("--turns", type=int, default=Effort.turns, help="turns of each policy (%(default)s)")
    parser.add_argument("--small", action="store_true", help="a few seconds' worth, to see that it works")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures to FILE instead of stdout")
    parser.add_argument("--add-to", type=Path, metavar="FILE", help="keep the figures of FILE for what is not measured")
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    return parser


async def _discover(worlds: Iterable[str]) -> None:
    """Have every graph in the cache before anything is measured."""
    for world in worlds:
        await place(world)


async def _names(world: str) -> list[str]:
    return [item.name for item in await blank_places(world)]


def _reach_row(case: tuple[str, str, ReachSettings]) -> JsonObject:
    return anyio.run(_reach, *case)


async def _reach(world: str, name: str, settings: ReachSettings) -> JsonObject:
    chosen = next(item for item in await blank_places(world) if item.name == name)
    return summary(name, await reach(chosen, settings))


def _policy_row(case: tuple[str, Policy, int]) -> JsonObject:
    return anyio.run(_policy, *case)


async def _policy(world: str, policy: Policy, turns: int) -> JsonObject:
    return await measure_policy(await place(world), policy, turns)


def _parallel(work: Callable[[Case], JsonObject], cases: Sequence[Case], workers: int) -> Iterator[JsonObject]:
    """The rows of all cases in their order, from several processes where there are several workers."""
    if workers == 1:
        yield from map(work, cases)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, cases)


def _noted(row: JsonObject) -> JsonObject:
    """Tell on stderr what was measured just now."""
    sys.stderr.write(json.dumps(row) + "\n")
    sys.stderr.flush()
    return row


if __name__ == "__main__":
    sys.exit(main())
