"""Runs in processes of their own: started, waited for, and killed at drawn moments."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .whole_runs import Notes, Undisturbed

# For a machine that does a lot besides.
PATIENCE = 300.0
_LOOKING = 0.005
# One kill in so many comes while the process loads its modules and reads the folder; that takes longer than it matters.
_EARLY = 6


@dataclass
class Child:
    """A process that runs or resumes in ``folder``."""

    process: subprocess.Popen[str]
    folder: Path

    def wait_until_locked(self) -> None:
        """Until it has taken the run's lock, or ended."""
        lock = self.folder / "run.lock"
        signed = re.compile(rf"process {self.process.pid} since")
        give_up = time.monotonic() + PATIENCE
        while self.process.poll() is None and not (lock.exists() and signed.match(lock.read_text(errors="replace"))):
            assert time.monotonic() < give_up, "the process neither locked its folder nor ended"
            time.sleep(_LOOKING)

    def ended_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: the exit code, and what it wrote to stdout and stderr."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def child(
    folder: Path, *arguments: str | Path, told: dict[str, str] | None = None, before: Sequence[str] = ()
) -> Iterator[Child]:
    """A process of the command line. ``told`` goes to its scripted model, and ``before`` is a command that runs it.
    What still runs at the end is killed."""
    command = [*before, sys.executable, "-m", "fr_agents", *map(str, arguments)]
    environment = {**os.environ, **(told or {})}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield Child(process, folder)
        finally:
            process.kill()


def goes_on(undisturbed: Undisturbed, folder: Path, told: dict[str, str]) -> AbstractContextManager[Child]:
    """A process that begins the run in ``folder``, or goes on with it."""
    if (folder / "run.yaml").exists():
        return child(folder, "resume", folder, told=told)
    return child(folder, "run", undisturbed.config, "--output", folder, told=told)


class Killer:
    """Kills runs at moments that are drawn, until ``kills`` are used up; what is complete makes way for a new run.

    The moments are spread over the time that an undisturbed process takes, whatever machine it is on.

    Attributes:
        history: What was done to the run that is under way, for whoever reads a failure.
    """

    def __init__(self, undisturbed: Undisturbed, kills: int, seed: int, place: Path) -> None:
        self.kills = kills
        self.history: list[str] = []
        self._undisturbed = undisturbed
        self._random = random.Random(seed)
        self._seed = seed
        self._place = place

    def complete_runs(self) -> Iterator[Path]:
        """The folder of each run that was killed, after it went to its end all the same."""
        while self.kills > 0:
            self.history = [f"seed {self._seed}"]
            folder = self._place / f"run-{self.kills}-left"
            before = self.kills
            self._to_the_end(folder)
            if self.kills < before:
                yield folder

    def calls(self, folder: Path) -> Notes:
        """The calls that all processes of a run have made."""
        return Notes.read(_notes(folder))

    def _to_the_end(self, folder: Path) -> None:
        while True:
            told = {"SURVIVAL_NOTES": str(_notes(folder))}
            with goes_on(self._undisturbed, folder, told) as running:
                if self.kills <= 0 or self._ended_by_itself(running):
                    code, _, err = running.end()
                    assert code == self._undisturbed.code, f"ended with {code}: {err}; {self}"
                    return
                running.kill()
                self.kills -= 1

    def _ended_by_itself(self, running: Child) -> bool:
        """Let the process be until the next moment comes, or it ends before that."""
        if self._random.randrange(_EARLY) == 0:
            moment, since = self._random.uniform(0, self._undisturbed.starting), "it was started"
        else:
            running.wait_until_locked()
            moment, since = self._random.uniform(0, self._undisturbed.working), "it had locked the folder"
        if running.ended_within(moment):
            return True
        sizes = {path.name: path.stat().st_size for path in running.folder.glob("*.jsonl")}
        self.history.append(f"killed {moment:.3f} s after {since}, with {sizes}")
        return False

    def __str__(self) -> str:
        return "; ".join(self.history)


def _notes(folder: Path) -> Path:
    return folder.with_suffix(".notes")
