"""Folders and files that may not be written: refused by name, and as good as before when they may be again."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from fr_agents.config import load_config
from fr_agents.errors import FrAgentsError

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users may get to, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def theirs(place: Path, killed: Path) -> Path:
    """The killed run's folder, of the user for whom permissions count."""
    folder = Path(shutil.copytree(killed, place / "run"))
    _give(folder)
    return folder


def _give(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user for whom permissions count: root may write anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def read_only(path: Path) -> Iterator[None]:
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        path.chmod(mode)


async def refusal(doing: Callable[[], Any]) -> str:
    with pytest.raises(FrAgentsError) as caught, unprivileged():
        await doing()
    return str(caught.value)


async def test_a_run_is_not_begun_where_nothing_may_be_written(scripted: Any, place: Path) -> None:
    folder = place / "inner" / "run"
    (place / "inner").mkdir()
    configuration = load_config(scripted.config)
    with read_only(place / "inner"):
        told = await refusal(lambda: fr_agents.synthesize(configuration, folder))
    assert told == f"{folder} cannot be made: Permission denied."
    assert not folder.exists()


async def test_a_folder_that_may_only_be_read_is_told(scripted: Any, theirs: Path) -> None:
    before = contents(theirs)
    (theirs / "run.lock").unlink()
    with read_only(theirs):
        told = await refusal(lambda: fr_agents.resume(theirs))
    assert told == f"{theirs}/run.lock cannot be written: Permission denied."
    assert contents(theirs) == before
    await fr_agents.resume(theirs)
    scripted.assert_same(theirs)


@pytest.mark.parametrize(
    "name", ["run.lock", "trajectories.jsonl", "rejections.jsonl", "jobs.jsonl", "checkpoints.sqlite", "journal.sqlite"]
)
async def test_a_file_that_may_only_be_read_is_told(scripted: Any, theirs: Path, name: str) -> None:
    with read_only(theirs / name):
        told = await refusal(lambda: fr_agents.resume(theirs))
    assert str(theirs / name) in told
    assert "Permission denied" in told or "writable" in told, told
    await fr_agents.resume(theirs)
    scripted.assert_same(theirs)
    scripted.assert_paid_once(theirs)


async def test_a_log_that_may_only_be_read_is_done_without(scripted: Any, theirs: Path) -> None:
    with read_only(theirs / "log.jsonl"), unprivileged():
        await fr_agents.resume(theirs)
    scripted.assert_same(theirs)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.lock"}
