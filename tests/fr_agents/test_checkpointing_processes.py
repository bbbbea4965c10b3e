"""Checkpoints under kill -9 and on a full disk: what was put before is there, whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fr_agents.checkpointing import open_checkpointer

CHILD = """
import resource, signal, sys
from itertools import count
from pathlib import Path
import anyio
from fr_agents.checkpointing import open_checkpointer
from fr_agents.errors import FrAgentsError

path, size, room = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
if room:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

async def work(saver, name):
    config = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
    for step in count(1):
        values = {"step": step, "text": str(step) * size}
        versions = dict.fromkeys(values, step)
        made = {"v": 4, "id": f"{step:08}", "ts": "", "channel_values": values, "channel_versions": versions}
        at = {"configurable": config["configurable"] | {"checkpoint_id": f"{step:08}"}}
        await saver.aput_writes(at, [("text", str(step))], "task")
        await saver.aput(config, made | {"versions_seen": {}}, {"step": step}, versions)
        print(name, step, flush=True)

async def main():
    async with open_checkpointer("sqlite", path) as saver, anyio.create_task_group() as tasks:
        for number in range(8):
            tasks.start_soon(work, saver, f"job-{number}")

try:
    anyio.run(main)
except* FrAgentsError as group:
    print("told", group.exceptions[0], flush=True)
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints.sqlite"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Starts a process in which eight threads put one checkpoint after the other, and print each that was put."""
    with ExitStack() as stack:

        def starting(size: int, room: int = 0) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", CHILD, str(path), str(size), str(room)]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            return process

        yield starting


def last_steps(lines: list[str]) -> dict[str, int]:
    """The last step of each thread that a process printed in full."""
    words = [line.split() for line in lines if line.endswith("\n") and line.startswith("job-")]
    return {name: int(step) for name, step in words}


async def assert_whole(path: Path, put: dict[str, int], size: int) -> None:
    """Each thread is at the last step that was printed, or at the next one, with all that belongs to it."""
    assert put
    async with open_checkpointer("sqlite", path) as saver:
        for name, step in put.items():
            config: Any = {"configurable": {"thread_id": name, "checkpoint_ns": ""}}
            found = await saver.aget_tuple(config)
            assert found is not None
            values = found.checkpoint["channel_values"]
            assert values["step"] in (step, step + 1)
            assert values["text"] == str(values["step"]) * size
            assert found.metadata["step"] == values["step"]
            assert found.pending_writes == [("task", "text", str(values["step"]))]


async def test_each_checkpoint_that_was_put_before_a_kill_is_there_after_it(path: Path, start: Start) -> None:
    process = start(500)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(200)]
    process.kill()
    lines += process.stdout.readlines()
    await assert_whole(path, last_steps(lines), 500)


async def test_a_full_disk_is_told_and_what_was_put_before_stays(path: Path, start: Start) -> None:
    out, _ = start(20_000, 1_500_000).communicate()
    lines = out.splitlines(keepends=True)
    (told,) = (line for line in lines if line.startswith("told"))
    assert str(path) in told
    assert "full" in told
    await assert_whole(path, last_steps(lines), 20_000)
