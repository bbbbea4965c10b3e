"""A file of checkpoints that is not what it should be: refused in words that help, and never gone on from."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.sqlite import SqliteSaver

from fr_agents.checkpointing import open_checkpointer
from fr_agents.errors import FrAgentsError, InfrastructureError, RunFolderError

from .one_checkpoint import ADVICE, changing, config, expected, found, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


async def complaint(path: Path) -> str:
    """What a person is told who opens the file; it names the file, which stays as it was."""
    before = contents(path)
    with pytest.raises(RunFolderError) as caught:
        await found(path)
    assert str(path) in str(caught.value)
    assert contents(path) == before
    return str(caught.value)


def contents(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def overwrite(path: Path, data: bytes) -> None:
    path.write_bytes(data)


async def test_what_was_put_is_there(path: Path) -> None:
    await put(path)
    assert await found(path) == expected()


async def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    overwrite(path, b"my notes, " * 500)
    assert ADVICE in await complaint(path)


async def test_a_database_of_somebody_else_is_refused(path: Path) -> None:
    with changing(path) as connection:
        connection.execute("CREATE TABLE mine (a)")
    text = await complaint(path)
    assert "some other SQLite file: move it away" in text
    assert ADVICE in text


async def test_checkpoints_of_another_saver_are_refused(path: Path) -> None:
    with SqliteSaver.from_conn_string(str(path)) as saver:
        saver.setup()
    assert "some other SQLite file" in await complaint(path)


async def test_a_file_of_another_version_is_refused(path: Path) -> None:
    await put(path)
    with changing(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert "another version of fr-agents (schema 99; this is 1)" in await complaint(path)


async def test_a_folder_that_is_not_there_and_a_folder_in_its_place_are_told(path: Path) -> None:
    assert "Is its folder there" in await complaint(path / "deeper" / "checkpoints.sqlite")
    assert "Is its folder there" in await complaint(path.parent)


@contextmanager
def allowing(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
async def test_a_read_only_file_and_a_read_only_folder_are_told(path: Path) -> None:
    await put(path)
    with allowing(path, 0o400):
        assert "read-only: make the file and its folder writable." in await complaint(path)
    with allowing(path.parent, 0o500):
        assert "writ" in await complaint(path)


async def test_a_file_that_was_cut_off_is_told_and_without_it_the_thread_begins_anew(path: Path) -> None:
    await put(path, size=50_000)
    whole = contents(path) or b""
    overwrite(path, whole[: len(whole) // 2])
    assert ADVICE in await complaint(path)
    for leave in (lambda: overwrite(path, b""), path.unlink):
        leave()
        assert await found(path) is None
        await put(path)
        assert await found(path) == expected()


async def test_a_page_of_noise_in_the_middle_is_told(path: Path) -> None:
    for number in range(20):
        await put(path, f"job-{number}", size=2_000)
    whole = contents(path) or b""
    middle = len(whole) // 2 // 4096 * 4096
    overwrite(path, whole[:middle] + random.Random(7).randbytes(4096) + whole[middle + 4096 :])
    assert ADVICE in await complaint(path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with two threads whose states are in it as they are."""
    path = tmp_path_factory.mktemp("sound") / "checkpoints.sqlite"
    for name in ("job-0", "job-1"):
        anyio.run(put, path, name, 300)
    return path


async def found_or_told(path: Path, name: str) -> Any:
    try:
        return await found(path, name)
    except FrAgentsError as error:
        return "told" if str(path) in str(error) else str(error)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flipped=st.integers(1, 255))
def test_no_byte_can_be_changed_so_that_a_thread_goes_on_from_another_state(
    tmp_path: Path, sound: Path, place: float, flipped: int
) -> None:
    """It goes on from where it was, begins anew, does a step again, or the file is refused."""
    whole = sound.read_bytes()
    at = int(place * len(whole))
    for old in tmp_path.iterdir():
        old.unlink()
    path = tmp_path / "checkpoints.sqlite"
    path.write_bytes(whole[:at] + bytes([whole[at] ^ flipped]) + whole[at + 1 :])
    for name in ("job-0", "job-1"):
        state, writes = expected(name, 300)
        assert anyio.run(found_or_told, path, name) in (None, (state, writes), (state, []), "told")


async def test_a_value_that_is_gone_is_told(path: Path) -> None:
    await put(path)
    with changing(path) as connection:
        connection.execute("DELETE FROM channel_values")
    with pytest.raises(InfrastructureError, match="values of channels of the thread job-0 are missing"):
        await found(path)


async def test_a_file_gets_small_again_when_its_threads_are_deleted(path: Path) -> None:
    async with open_checkpointer("sqlite", path) as saver:
        for number in range(300):
            values = {"state": "x" * 20_000}
            made: Any = {"v": 4, "id": "1", "ts": "", "channel_values": values, "channel_versions": {"state": 1}}
            await saver.aput(config(f"job-{number}"), made | {"versions_seen": {}}, {}, {"state": 1})
            if number >= 20:
                await saver.adelete_thread(f"job-{number - 20}")
        assert all_bytes(path) < 10_000_000, "deleted pages are used again, and the log is cut"
        for number in range(280, 300):
            await saver.adelete_thread(f"job-{number}")
    assert all_bytes(path) <= 8 * 4096


def all_bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


async def test_what_cancelled_jobs_left_behind_is_written_or_refused_and_holds_no_lock(path: Path) -> None:
    """LangGraph writes in tasks of its own, which nobody cancels with the job, so that some come too late."""
    written: set[str] = set()
    enough = asyncio.Event()

    async def write(saver: Any, number: int) -> None:
        for channel in count():
            at = {"configurable": {"thread_id": f"job-{number}", "checkpoint_id": "1"}}
            await saver.aput_writes(at, [(str(channel), "x")], f"{number} {channel}")
            written.add(f"{number} {channel}")
            if len(written) > 30:
                enough.set()

    async with open_checkpointer("sqlite", path) as saver:
        tasks = [asyncio.create_task(write(saver, number)) for number in range(8)]
        await enough.wait()
    raised = await asyncio.gather(*tasks, return_exceptions=True)
    assert {str(error).partition(":")[0] for error in raised} == {"the file is used outside of its context"}
    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert {row[0] for row in other.execute("SELECT task_id FROM writes")} == written
