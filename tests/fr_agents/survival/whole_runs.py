"""Runs that nothing disturbs, and what other runs are compared with them by."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fr_agents.folder import RunFolder
from fr_agents.job_file import JobReader
from fr_agents.journal.ledger import read_ledger
from fr_agents.verification import verify_file

Data = dict[str, Any]
RECORDS = ("trajectories.jsonl", "rejections.jsonl")
MODEL = f"scripted/{Path(__file__).with_name('scripted_model.py')}:answer"
# Jobs run ahead of the end, so there is a surplus.
OFFLINE: Data = {
    "name": "offline-run",
    "seed": 11,
    "count": 12,
    "world": "travel",
    "turns": {"min": 1, "max": 3},
    "offline": {"mistakes": 0.7},
    "refiner": {"max_attempts": 1},
    "limits": {"concurrency": 4, "window": 8},
}
# All jobs are decided, so that each such run makes the same calls. Some are rejected, for want of another attempt.
SCRIPTED: Data = {
    "name": "scripted-run",
    "seed": 11,
    "count": 6,
    "world": "travel",
    "turns": {"min": 1, "max": 3},
    "models": {
        "default": "offline",
        "tooling": {"model": MODEL},
        "reasoning": {"model": MODEL},
        "critiquing": {"model": MODEL},
        "rewriting": "offline",
    },
    "refiner": {"max_attempts": 1},
    "limits": {"concurrency": 3, "window": 6, "max_jobs": 6},
}


def lines(path: Path) -> list[bytes]:
    """The lines of a file; none where there is no file."""
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


@dataclass(frozen=True)
class Notes:
    """The calls that arrived at the scripted model, in their order."""

    calls: tuple[Data, ...]

    @classmethod
    def read(cls, path: Path) -> Notes:
        return cls(tuple(json.loads(line) for line in lines(path)))

    def counted(self) -> Counter[tuple[Any, ...]]:
        """How often each call was made, whichever process made it."""
        return Counter((call["job"], call["turn"], call["role"], call["step"]) for call in self.calls)

    def made_again(self) -> Counter[int]:
        """For each process, how many of its calls a later process has made again."""
        last = {(call["job"], call["turn"], call["role"], call["step"]): call["pid"] for call in self.calls}
        made = {(call["pid"], call["job"], call["turn"], call["role"], call["step"]) for call in self.calls}
        return Counter(pid for pid, *place in made if last[tuple(place)] != pid)


@dataclass(frozen=True)
class Undisturbed:
    """A run of one process that nothing disturbed.

    Attributes:
        config: The file that it was begun with.
        folder: Its folder.
        code: How its process ended.
        starting: Seconds until the process had taken the run's lock.
        working: Seconds from then until it had ended.
        notes: The file of calls of its scripted model.
    """

    config: Path
    folder: Path
    code: int
    starting: float
    working: float
    notes: Path

    @property
    def calls(self) -> Notes:
        """The calls that it made."""
        return Notes.read(self.notes)

    def assert_same(self, other: Path, told: str = "") -> None:
        """Whether another run has the same records, each once, and counts them alike; ``told`` is how it came about."""
        for name in RECORDS:
            ours, theirs = lines(self.folder / name), lines(other / name)
            differ = [number for number, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b]
            assert (len(theirs), differ) == (len(ours), []), f"{name}: lines {differ} differ; {told}"
        self._assert_surplus(other, told)
        self._assert_counted(other, told)

    def _assert_surplus(self, other: Path, told: str) -> None:
        """How much lies beyond the end is a matter of time; what it is, is not."""
        ours, theirs = self._surplus(self.folder, told), self._surplus(other, told)
        assert all(ours[job] == theirs[job] for job in ours.keys() & theirs.keys()), f"another surplus; {told}"
        stored = sum(len(lines(other / name)) for name in RECORDS)
        assert all(job >= stored for job in theirs), f"surplus {sorted(theirs)} of {stored} jobs; {told}"

    def _surplus(self, folder: Path, told: str) -> dict[int, bytes]:
        found = [(_job(json.loads(line)), line) for line in lines(folder / "surplus.jsonl")]
        assert len(dict(found)) == len(found), f"a surplus is there twice; {told}"
        return dict(found)

    def _assert_counted(self, other: Path, told: str) -> None:
        ours, theirs = (JobReader(RunFolder.look(folder)) for folder in (self.folder, other))
        assert [facts for facts in theirs.read() if not facts.surplus] == [
            facts for facts in ours.read() if not facts.surplus
        ], f"jobs.jsonl tells something else; {told}"
        assert theirs.problem == "", told

    def assert_paid_once(self, other: Path, told: str = "") -> None:
        """Whether another run's ledger holds each answer once."""
        runs = map(RunFolder.look, (self.folder, other))
        ours, theirs = (read_ledger(run.journal, run.id).total for run in runs)
        assert (theirs.calls, theirs.prompt_tokens) == (ours.calls, ours.prompt_tokens), told

    @staticmethod
    def assert_verified(folder: Path, told: str = "") -> None:
        """Whether all trajectories hold, looked at alone; those of the surplus too, which has rejections beside."""
        for name in (RECORDS[0], "surplus.jsonl"):
            lost = {number for number, line in enumerate(lines(folder / name), 1) if "lineage" not in json.loads(line)}
            checked = ((number, found) for number, _, found in verify_file(folder / name) if number not in lost)
            problems = [(number, found) for number, found in checked if found]
            assert problems == [], f"{name}: {problems}; {told}"


def _job(record: Data) -> int:
    number: int = record["lineage"]["job"] if "lineage" in record else record["job"]
    return number
