"""Measures runs: trajectories a second and where the time goes, what becomes of a slow endpoint, what runs take.

    python -m benchmarks.throughput [speed] [latency] [size] [--world NAME ...] [--jobs N] [--rounds N] [--small]
                                    [--full] [--output FILE] [--add-to FILE] [--write]

Without parts it measures all three, in about ten minutes. The figures are JSON, on stdout or in a file; the tables go
to stderr, and with ``--write`` into docs/benchmarks.md. ``--small`` takes seconds and shows that all of it works; its
figures mean nothing. ``--full`` has memory measured at 10,000 trajectories too, which takes as long as they take.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.graph import DOCUMENT
from benchmarks.sampling_tables import write
from benchmarks.throughput_child import cores, measured, resumed
from benchmarks.throughput_latency import endpoint
from benchmarks.throughput_runs import CONFIGS
from benchmarks.throughput_savers import NONE
from benchmarks.throughput_tables import MARKS, tables
from tools.base import JsonObject

PARTS = ("speed", "latency", "size")
CHECKPOINTS = (NONE, "memory", "sqlite")

Figures = dict[str, list[JsonObject]]


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        worlds: Those that runs are timed in.
        jobs: Jobs of each timed run, and of the one whose time is taken apart.
        rounds: Timed runs of each kind at most; no round begins when ``patience`` seconds have passed.
        latencies: Seconds that the endpoint takes, each with each of ``in_flight``.
        window: Seconds of a steady state that are measured, and ``window_latencies`` if that is longer.
        turns: Lengths of trajectories whose checkpoints are measured, ``samples`` of each.
        many: Numbers of jobs that memory is measured with.
        finished: Jobs that are finished when a run is resumed; of them ``real`` ones are really made.
        ways: Those in which it is resumed.
        changes: To the configurations of all runs.
        apart: Whether each measurement has a process of its own.
    """

    worlds: tuple[str, ...] = tuple(CONFIGS)
    jobs: int = 40
    rounds: int = 3
    patience: float = 120.0
    latencies: tuple[float, ...] = (5.0, 1.0, 0.2)
    in_flight: tuple[int, ...] = (32, 128, 512)
    window: float = 10.0
    window_latencies: int = 4
    turns: tuple[int, ...] = (2, 4, 8, 16)
    samples: int = 3
    many: tuple[int, ...] = (100, 1_000)
    finished: int = 10_000
    real: int = 20
    ways: tuple[str, ...] = ("call", "command")
    changes: tuple[str, ...] = ()
    apart: bool = True


FULL = Effort(many=(100, 1_000, 10_000))
SMALL = Effort(
    worlds=("travel",),
    jobs=2,
    rounds=1,
    latencies=(0.02,),
    in_flight=(2,),
    window=0.2,
    turns=(1,),
    samples=1,
    many=(2,),
    finished=6,
    real=2,
    ways=("command",),
    changes=("turns=1", "sampler.graph=declared"),
    apart=False,
)


def speed(effort: Effort) -> Iterator[tuple[str, JsonObject]]:
    """Timed runs, their rounds interleaved, and for each world one whose time is taken apart."""
    cases = list(product(effort.worlds, CHECKPOINTS))
    found: dict[tuple[str, str], list[JsonObject]] = {case: [] for case in cases}
    began = time.monotonic()
    for number in range(effort.rounds):
        if number and time.monotonic() - began > effort.patience:
            break
        for case in cases:
            found[case].append(measured("speed", *case, effort.jobs, effort.changes, apart=effort.apart))
            _note(f"speed {case}", found[case][-1])
    for (world, checkpoints), rows in found.items():
        medians = {name: statistics.median(row[name] for row in rows) for name in ("rate", "cpu_ms")}
        counts = {"jobs": effort.jobs, "accepted": rows[0]["accepted"], "rounds": len(rows)}
        yield "speed", {"world": world, "checkpoints": checkpoints, **counts, **medians}
    for world in effort.worlds:
        taken = measured("layers", world, effort.jobs, effort.changes, apart=effort.apart)
        yield "layers", {"world": world, **taken}


def latency(effort: Effort) -> Iterator[tuple[str, JsonObject]]:
    """All cases at one endpoint. It has to think about a request once alone, so the patient cases come first."""
    with endpoint(cores()[1]) as address:
        for seconds, in_flight in product(effort.latencies, effort.in_flight):
            window = max(effort.window, effort.window_latencies * seconds)
            given = (address, in_flight, seconds, window, effort.changes)
            yield "latency", measured("efficiency", *given, apart=effort.apart)


def size(effort: Effort) -> Iterator[tuple[str, JsonObject]]:
    """Checkpoints by turns, memory by jobs, and the resume of a long run."""
    for turns in effort.turns:
        yield "live", measured("live", turns, effort.samples, effort.changes, apart=effort.apart)
    for jobs in effort.many:
        yield "many", measured("many", jobs, effort.changes, apart=effort.apart)
    with TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        made = measured("finished", run, effort.finished, effort.real, effort.changes, apart=effort.apart)
        for how in effort.ways:
            yield "resume", made | resumed(run, how)


def measure(parts: Sequence[str], effort: Effort) -> Figures:
    """The rows of the parts, by table."""
    found: Figures = {}
    for part, rows in {"speed": speed, "latency": latency, "size": size}.items():
        if part in parts:
            for name, row in rows(effort):
                found.setdefault(name, []).append(row)
                _note(name, row)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, give the figures and tables, and keep them where it is asked for."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"{', '.join(sorted(unknown))}: there is no such part. Parts: {', '.join(PARTS)}")
    figures: Figures = json.loads(given.add_to.read_text(encoding="utf-8")) if given.add_to else {}
    figures |= measure(given.parts or PARTS, _effort(given))
    text = json.dumps(figures, indent=2) + "\n"
    if given.output:
        given.output.parent.mkdir(parents=True, exist_ok=True)
        given.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    sys.stderr.write(f"{tables(figures)}\n")
    if given.write:
        write(tables(figures), DOCUMENT, MARKS)
    return 0


def _effort(given: argparse.Namespace) -> Effort:
    effort = SMALL if given.small else FULL if given.full else Effort()
    told = {"worlds": given.world and tuple(given.world), "jobs": given.jobs, "rounds": given.rounds}
    return replace(effort, **{name: value for name, value in told.items() if value})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure runs.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all unless named")
    parser.add_argument("--world", action="append", choices=list(CONFIGS), help="of the timed runs; all unless named")
    parser.add_argument("--jobs", type=int, metavar="N", help=f"of a timed run ({Effort.jobs})")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"of timed runs at most ({Effort.rounds})")
    parser.add_argument("--small", action="store_true", help="a few seconds' worth, to see that it works")
    parser.add_argument("--full", action="store_true", help="memory at 10,000 trajectories too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures to FILE instead of stdout")
    parser.add_argument("--add-to", type=Path, metavar="FILE", help="keep the figures of FILE for what is not measured")
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    return parser


def _note(what: str, row: JsonObject) -> None:
    """Tell on stderr what was measured just now."""
    sys.stderr.write(f"{what}: {json.dumps(row)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
