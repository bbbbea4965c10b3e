"""A file of checkpoints with one in it, for the tests that open it after somebody changed it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from fr_agents.checkpointing import open_checkpointer

ADVICE = "begins its unfinished jobs anew and keeps all records"


def config(name: str = "job-0") -> Any:
    return {"configurable": {"thread_id": name, "checkpoint_ns": ""}}


async def put(path: Path, name: str = "job-0", size: int = 0) -> None:
    """One checkpoint, with a write on top of it, of a thread whose state tells its name."""
    async with open_checkpointer("sqlite", path) as saver:
        values = {"state": {"name": name, "ballast": "x" * size}}
        made: Any = {"v": 4, "id": f"{name}-1", "ts": "", "channel_values": values, "channel_versions": {"state": 1}}
        at = await saver.aput(config(name), made | {"versions_seen": {}, "updated_channels": None}, {}, {"state": 1})
        await saver.aput_writes(at, [("state", {"name": name})], f"task of {name}")


async def found(path: Path, name: str = "job-0") -> Any:
    """The state of a thread and what was written on top of it; nothing where it has to begin anew."""
    async with open_checkpointer("sqlite", path) as saver:
        item = await saver.aget_tuple(config(name))
        return None if item is None else (item.checkpoint["channel_values"]["state"], item.pending_writes)


def expected(name: str = "job-0", size: int = 0) -> Any:
    return {"name": name, "ballast": "x" * size}, [(f"task of {name}", "state", {"name": name})]


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()
