"""Checkpoints and journals that were damaged, cut off or removed: the same records, or a refusal that helps."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from fr_agents.errors import FrAgentsError

Damage = Callable[[Path], None]
ADVICE = {
    "checkpoints.sqlite": "begins its unfinished jobs anew and keeps all records",
    "journal.sqlite": "restore it from a copy, or move it away",
}


def noise(path: Path, at: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(random.Random(5).randbytes(size))


def header(path: Path) -> None:
    noise(path, 0, 100)


def middle(path: Path) -> None:
    """All pages but the first one."""
    noise(path, 4096, path.stat().st_size - 4096)


def half(path: Path) -> None:
    cut(path, path.stat().st_size // 2)


def nothing(path: Path) -> None:
    cut(path, 0)


def removed(path: Path) -> None:
    path.unlink()


def cut(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


def torn(path: Path) -> None:
    """As a power cut may leave a log: the last frame is not all there."""
    cut(path, path.stat().st_size - 100)


def noisy(path: Path) -> None:
    noise(path, path.stat().st_size // 2, 200)


def fold(path: Path) -> None:
    """Put into the file what only its log holds."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size > 3 * 4096


def with_log(path: Path) -> list[Path]:
    return [other for other in path.parent.iterdir() if other.name.startswith(path.name)]


async def refusal(folder: Path) -> str:
    with pytest.raises(FrAgentsError) as caught:
        await fr_agents.resume(folder)
    return str(caught.value)


@pytest.mark.parametrize("name", ADVICE)
@pytest.mark.parametrize("damage", [header, middle, half])
async def test_a_damaged_file_is_named_and_the_run_goes_on_without_it(
    scripted: Any, killed: Path, name: str, damage: Damage
) -> None:
    path = killed / name
    fold(path)
    damage(path)
    stored = (killed / "trajectories.jsonl").read_bytes()
    told = await refusal(killed)
    assert str(path) in told
    assert ADVICE[name] in told
    assert (killed / "trajectories.jsonl").read_bytes() == stored
    for part in with_log(path):
        part.rename(part.with_name(f"damaged-{part.name}"))
    await fr_agents.resume(killed)
    scripted.assert_same(killed)


@pytest.mark.parametrize("name", ADVICE)
@pytest.mark.parametrize("damage", [nothing, removed])
async def test_where_a_file_is_gone_the_run_goes_on_without_it(
    scripted: Any, killed: Path, name: str, damage: Damage
) -> None:
    fold(killed / name)
    damage(killed / name)
    await fr_agents.resume(killed)
    scripted.assert_same(killed)


@pytest.mark.parametrize("name", ADVICE)
@pytest.mark.parametrize("damage", [torn, noisy, nothing, removed])
async def test_what_a_lost_log_held_is_done_again(
    scripted: Any, killed: Path, notes: Callable[[], Any], name: str, damage: Damage
) -> None:
    """The log holds what the process wrote last, in whole transactions."""
    damage(killed / f"{name}-wal")
    await fr_agents.resume(killed)
    scripted.assert_same(killed)
    if name.startswith("checkpoints"):
        scripted.assert_paid_once(killed)
        assert max(notes().made_again().values(), default=0) == 0


@pytest.mark.parametrize("name", ADVICE)
async def test_where_the_file_is_gone_and_its_log_is_not(scripted: Any, killed: Path, name: str) -> None:
    (killed / name).unlink()
    await fr_agents.resume(killed)
    scripted.assert_same(killed)
