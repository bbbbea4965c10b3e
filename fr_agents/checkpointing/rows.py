"""The tables of checkpoints, row by row: what is a key, and what seals a row.

    checkpoints     a thread's checkpoint, without the values of its channels
    channel_values  the value that a channel had from some version on
    writes          what a task wrote on top of a checkpoint, before the next one

A row is its key and, last, its data with a seal over both. SQLite finds a damaged page of its own, but not a damaged
byte within a value or a name: with the seal, that is an error and never another state to go on from.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

Row = tuple[str | int | bytes | None, ...]
_SEAL_BYTES = 4
CREATE = """
CREATE TABLE checkpoints (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    parent_id TEXT,
    held TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
) WITHOUT ROWID;
CREATE TABLE channel_values (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    channel TEXT NOT NULL,
    version TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_ns, channel, version)
) WITHOUT ROWID;
CREATE TABLE writes (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL,
    checkpoint_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    idx INTEGER NOT NULL,
    task_path TEXT NOT NULL,
    channel TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
) WITHOUT ROWID
"""


class CheckpointKey(NamedTuple):
    """``held`` lists, as JSON, the channels that have a value, each with the version of it."""

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    parent_id: str | None
    held: str


class ValueKey(NamedTuple):
    thread_id: str
    checkpoint_ns: str
    channel: str
    version: str


class WriteKey(NamedTuple):
    """``idx`` is the place of the write among those of its task, or a number below 0 for LangGraph's own notes."""

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    task_id: str
    idx: int
    task_path: str
    channel: str


Key = CheckpointKey | ValueKey | WriteKey
# How the tables are named in what ``reading`` selects.
KEYS: dict[str, type[CheckpointKey] | type[ValueKey] | type[WriteKey]] = {
    "checkpoint": CheckpointKey,
    "value": ValueKey,
    "write": WriteKey,
}


def sealed(key: Key, data: bytes) -> Row:
    """A row as it is stored."""
    return (*key, data + _seal(key, data))


def opened(key: Key, stored: object) -> bytes:
    """The data of a stored row. Raises ValueError where it is not what was stored under this key."""
    if isinstance(stored, bytes) and len(stored) >= _SEAL_BYTES:
        data, seal = stored[:-_SEAL_BYTES], stored[-_SEAL_BYTES:]
        if seal == _seal(key, data):
            return data
    raise ValueError(f"a row of the thread {key.thread_id} is not as it was written")


def _seal(key: Key, data: bytes) -> bytes:
    text = "\0".join(map(str, key)).encode("utf-8", "surrogatepass")
    return zlib.crc32(data, zlib.crc32(text)).to_bytes(_SEAL_BYTES, "big")
