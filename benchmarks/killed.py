"""A long offline run that is killed again and again, as a night may go, and what it leaves.

    python -m benchmarks.killed [--config FILE] [--jobs N] [--kills N] [--seed N] [--folder DIR] [--write]

It runs ``fr-agents`` as a user does, kills it (SIGKILL) when a drawn number of trajectories is stored, resumes it, and
so on; at last every record is verified. The figures are JSON on stdout; with ``--write`` they go into
docs/benchmarks.md. It needs as long as the trajectories take: 5,000 of `bfcl` about an hour.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.graph import DOCUMENT, ROOT
from benchmarks.sampling_tables import Columns, table, write
from tools.base import JsonObject

MARKS = "<!-- killed: made by `make bench-killed` -->", "<!-- end of killed -->"
CONFIG = ROOT / "configs" / "bfcl.yaml"
RECORDS = "trajectories.jsonl"
_LOOKING = 0.1
_COLUMNS: Columns = {
    "configuration": lambda row: f"`{row['config']}`",
    "trajectories": lambda row: f"{row['trajectories']:,}",
    "kills": lambda row: str(row["kills"]),
    "missing, twice, refused by verify": lambda row: f"{row['missing']}, {row['twice']}, {row['refused']}",
    "CPU s": lambda row: f"{row['cpu_seconds']:,.0f}",
    "s until a resumed run stores again": lambda row: f"{row['stores_again']:.1f}",
    "KB each, records": lambda row: f"{row['bytes'][RECORDS] / row['trajectories'] / 1024:.1f}",
    "KB each, all else": lambda row: (
        f"{(sum(row['bytes'].values()) - row['bytes'][RECORDS]) / row['trajectories'] / 1024:.2f}"
    ),
    "checkpoints KB": lambda row: f"{row['bytes']['checkpoints.sqlite'] / 1024:,.0f}",
}


class Stored:
    """How many records a file holds, read on from where it was read before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = self._lines = 0

    def count(self) -> int:
        """The lines that have ended. What was cut off by a kill and repaired since is counted anew."""
        if not self._path.exists():
            return 0
        with self._path.open("rb") as file:
            if file.seek(0, 2) < self._read:
                self._read = self._lines = 0
            file.seek(self._read)
            for line in file:
                if line.endswith(b"\n"):
                    self._lines += 1
                    self._read += len(line)
        return self._lines


def killed_run(config: Path, jobs: int, kills: int, seed: int, folder: Path) -> JsonObject:
    """The figures of one run.

    Raises:
        SystemExit: it ended before it was killed as often, or with an error.
    """
    stored = Stored(folder / RECORDS)
    waits: list[float] = []
    for number, wanted in enumerate([*_moments(jobs, kills, seed), None]):
        begun = (
            ["resume", str(folder)] if number else ["run", str(config), "--count", str(jobs), "--output", str(folder)]
        )
        had = stored.count()
        began = time.monotonic()
        command = [sys.executable, "-m", "fr_agents", *begun]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ourselves
        while process.poll() is None and (wanted is None or stored.count() < wanted):
            if number and len(waits) < number and stored.count() > had:
                waits.append(time.monotonic() - began)
            time.sleep(_LOOKING)
        if wanted is not None and process.poll() is not None:
            raise SystemExit(f"the run ended with exit code {process.returncode} before kill {number + 1} of {kills}")
        if wanted is not None:
            process.kill()
        code = process.wait()
        sys.stderr.write(json.dumps({"records": stored.count(), "exit": code}) + "\n")
    if code:
        raise SystemExit(f"the run ended with exit code {code}")
    waits.sort()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "config": config.stem,
        "kills": kills,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "stores_again": waits[len(waits) // 2] if waits else 0.0,
        **left_by(folder, jobs),
    }


def _moments(jobs: int, kills: int, seed: int) -> Iterator[int]:
    """How many records there are at each kill: one somewhere in each of equal parts of the run."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    part = jobs // (kills + 1)
    return (part * number + rng.randint(1, max(1, part)) for number in range(kills))


def left_by(folder: Path, jobs: int) -> JsonObject:
    """What a complete run of so many jobs left, and what is wrong with it."""
    with (folder / RECORDS).open(encoding="utf-8") as file:
        ids = [json.loads(line)["id"] for line in file]
    verified = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "fr_agents", "verify", str(folder)], check=False, stdout=subprocess.PIPE, text=True
    )
    return {
        "trajectories": len(ids),
        "missing": jobs - len({*ids}),
        "twice": len(ids) - len({*ids}),
        "refused": 0 if verified.returncode == 0 else max(1, len(verified.stdout.splitlines())),
        "bytes": {path.name: path.stat().st_size for path in sorted(folder.iterdir())},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--jobs", type=int, default=5_000, metavar="N")
    parser.add_argument("--kills", type=int, default=10, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--folder", type=Path, help="a folder that is kept; it must not exist", metavar="DIR")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args(arguments)
    with TemporaryDirectory() as spare:
        folder = chosen.folder or Path(spare) / "run"
        figures = killed_run(chosen.config, chosen.jobs, chosen.kills, chosen.seed, folder)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    if chosen.write:
        write(table(_COLUMNS, [figures]), DOCUMENT, MARKS)


if __name__ == "__main__":
    main()
