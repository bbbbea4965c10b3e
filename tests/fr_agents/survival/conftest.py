"""Whole runs for the tests of this folder: undisturbed ones, one that was killed, and a process for each."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

import fr_agents

from .processes import Killer, child
from .whole_runs import OFFLINE, RECORDS, SCRIPTED, Notes, Undisturbed, lines

Data = dict[str, Any]
# By then the run has stored records, and has jobs under way.
KILLED_AT = 60


@contextmanager
def _one_at_a_time(place: Path) -> Iterator[None]:
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of a session of tests have in common."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "survival"


def _undisturbed(place: Path, configuration: Data) -> Undisturbed:
    """Made once in a session, whichever worker needs it first."""
    place = place / configuration["name"]
    with _one_at_a_time(place):
        told = place / "told.json"
        if not told.exists():
            made = asdict(_made(place, configuration))
            told.write_text(json.dumps({key: str(v) if isinstance(v, Path) else v for key, v in made.items()}))
        found = json.loads(told.read_text())
    paths = {key: Path(found.pop(key)) for key in ("config", "folder", "notes")}
    return Undisturbed(**paths, **found)


def _made(place: Path, configuration: Data) -> Undisturbed:
    config, folder, notes = place / "run.yaml", place / "run", place / "calls.notes"
    config.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    arguments = ("run", config, "--output", folder)
    with child(folder, *arguments, told={"SURVIVAL_NOTES": str(notes)}) as running:
        started = time.monotonic()
        running.wait_until_locked()
        locked = time.monotonic()
        code, _, err = running.end()
    assert code in (0, 1), err
    assert all(lines(folder / name) for name in RECORDS), "a run without records of both kinds proves less"
    return Undisturbed(config, folder, code, locked - started, time.monotonic() - locked, notes)


@pytest.fixture(scope="session")
def offline(shared: Path) -> Undisturbed:
    """A run by rules, with a surplus."""
    return _undisturbed(shared, OFFLINE)


@pytest.fixture(scope="session")
def scripted(shared: Path) -> Undisturbed:
    """A run of a scripted model, with a journal. Nothing of it is left to time: all of its jobs are decided."""
    return _undisturbed(shared, SCRIPTED)


@pytest.fixture(scope="session")
def _killed(shared: Path, scripted: Undisturbed) -> Path:
    folder = shared / "killed" / "run"
    with _one_at_a_time(folder.parent):
        if not folder.exists():
            told = {"SURVIVAL_NOTES": str(folder.with_suffix(".notes")), "SURVIVAL_SIGNAL": f"9 at {KILLED_AT}"}
            with child(folder, "run", scripted.config, "--output", folder, told=told) as running:
                code, _, err = running.end()
            assert code == -signal.SIGKILL, err
    return folder


@pytest.fixture
def killed(_killed: Path, tmp_path: Path) -> Path:
    """A copy of the scripted run's folder, as a kill in the middle of it has left it."""
    return Path(shutil.copytree(_killed, tmp_path / "run"))


@pytest.fixture
def complete(scripted: Undisturbed, tmp_path: Path) -> Path:
    """A copy of the folder of the undisturbed scripted run."""
    return Path(shutil.copytree(scripted.folder, tmp_path / "run"))


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Notes]:
    """Notes what the scripted model is asked in this process from here on."""
    path = tmp_path / "calls.notes"
    monkeypatch.setenv("SURVIVAL_NOTES", str(path))
    return lambda: Notes.read(path)


@pytest.fixture
def start() -> Callable[..., Any]:
    """Starts the command line in a process of its own."""
    return child


@pytest.fixture
def make_undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Awaitable[Undisturbed]]:
    """Makes a run in this process, like the scripted one save for what is named."""

    async def make(**changes: Any) -> Undisturbed:
        place = tmp_path / "undisturbed"
        place.mkdir()
        config, folder, notes = place / "run.yaml", place / "run", place / "calls.notes"
        config.write_text(yaml.safe_dump({**SCRIPTED, **changes}), encoding="utf-8")
        with monkeypatch.context() as patch:
            patch.setenv("SURVIVAL_NOTES", str(notes))
            await fr_agents.synthesize(config, folder)
        return Undisturbed(config, folder, 0, 0.0, 0.0, notes)

    return make


@pytest.fixture
def make_killer(tmp_path: Path) -> Callable[..., Killer]:
    """Makes one who kills runs that are like an undisturbed one, so many times."""
    return lambda undisturbed, kills, seed: Killer(undisturbed, kills, seed, tmp_path)
