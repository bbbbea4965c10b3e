"""The journal under kill -9, on a full disk, and between processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fr_agents.backends.backend import Answer
from fr_agents.journal.answers import open_journal
from fr_agents.journal.entry import Kept
from fr_agents.journal.ledger import read_ledger

CHILD = """
import resource, signal, sys
import anyio
from fr_agents.backends.backend import Answer
from fr_agents.errors import FrAgentsError
from fr_agents.journal.answers import open_journal
from fr_agents.journal.entry import Cost, Entry, Kept

path, run, count, size, room = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
if room:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

async def keep(journal, number):
    kept = Kept(answer=Answer(text=f"{run} {number} " + "x" * size))
    entry = Entry(f"k{number}", number, "reasoning", "attempt", 0, "m", "m", kept=kept, cost=Cost(calls=1))
    held = await journal.keep(entry)
    print(number, held.answer.text.split()[0], flush=True)

async def work(journal, first):
    for number in range(first, count, 20):
        await keep(journal, number)

async def main():
    async with open_journal(path, run) as journal:
        print("begun", flush=True)
        async with anyio.create_task_group() as tasks:
            for first in range(20):
                tasks.start_soon(work, journal, first)

try:
    anyio.run(main)
except* FrAgentsError as group:
    print("told", group.exceptions[0], flush=True)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Starts a process that keeps ``count`` answers, twenty at a time, and prints each that is kept."""
    with ExitStack() as stack:

        def starting(run: str, count: int, size: int = 100, room: int = 0) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", CHILD, str(path), run, str(count), str(size), str(room)]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            return process

        yield starting


def printed(lines: list[str]) -> dict[int, str]:
    """Whose answer is kept under each number that a process printed in full."""
    whole = (line.split() for line in lines if line.endswith("\n"))
    return {int(words[0]): words[1] for words in whole if words[0].isdigit()}


async def test_each_answer_that_was_kept_before_a_kill_is_there_after_it(path: Path, start: Start) -> None:
    process = start("one", 100_000)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(200)]
    process.kill()
    lines += process.stdout.readlines()
    kept = printed(lines)
    assert 199 <= len(kept) < 100_000
    async with open_journal(path, "one") as journal:
        for number in kept:
            found = await journal.find(f"k{number}")
            assert found is not None
            assert found.result().text.startswith(f"one {number} ")
    assert read_ledger(path, "one").total.calls >= len(kept)


def cut(path: Path, size: int) -> None:
    """Take the last bytes off a file, as a power cut may."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - size)


async def test_a_torn_end_costs_the_last_transaction_alone(path: Path, start: Start) -> None:
    process = start("one", 100_000)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(200)]
    process.kill()
    process.wait()
    cut(path.with_name(f"{path.name}-wal"), 50)
    async with open_journal(path, "one") as journal:
        found = [await journal.find(f"k{number}") for number in printed(lines[:150])]
    assert all(found)


async def test_two_processes_agree_on_each_answer_and_both_pay(path: Path, start: Start) -> None:
    one, two = start("one", 200), start("two", 200)
    first, second = (printed(process.communicate()[0].splitlines(keepends=True)) for process in (one, two))
    assert first == second
    assert sorted(first) == list(range(200))
    assert read_ledger(path, "one").total.calls == read_ledger(path, "two").total.calls == 200
    async with open_journal(path, "three") as journal:
        for number, winner in first.items():
            found = await journal.find(f"k{number}")
            assert found is not None
            assert found.result().text.startswith(f"{winner} {number} ")


async def test_a_full_disk_is_told_and_what_was_kept_before_stays(path: Path, start: Start) -> None:
    out, _ = start("one", 100_000, 20_000, 2_000_000).communicate()
    lines = out.splitlines(keepends=True)
    (told,) = (line for line in lines if line.startswith("told"))
    assert str(path) in told
    assert "full" in told
    kept = printed(lines)
    assert kept
    async with open_journal(path, "one") as journal:
        for number in kept:
            expected = Kept(answer=Answer(text=f"one {number} " + "x" * 20_000))
            assert await journal.find(f"k{number}") == expected
