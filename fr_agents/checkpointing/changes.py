"""What is to be written in one transaction, put together before it is written.

A step writes what its node returned and, at once, the checkpoint that makes it superfluous. Where both are in one
transaction, the first of them never reaches the file.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import aiosqlite

from fr_agents.checkpointing.file import SPARE_PAGES, give_back
from fr_agents.checkpointing.rows import CheckpointKey, Row, ValueKey, WriteKey, sealed

_TABLES = ("checkpoints", "channel_values", "writes")
_FORGET = [f"DELETE FROM {table} WHERE thread_id = ?" for table in _TABLES]  # noqa: S608 - our names
# Not only older ones: identifiers begin with the time, and a clock may have been set back.
_DROP_CHECKPOINTS = "DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id <> ?"
# Those of the next step may be here already.
_DROP_WRITES = "DELETE FROM writes WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?"
_DROP_VALUES = "DELETE FROM channel_values WHERE thread_id = ? AND checkpoint_ns = ? AND channel = ?"
PUT_VALUE = "INSERT OR REPLACE INTO channel_values VALUES (?, ?, ?, ?, ?)"
PUT_CHECKPOINT = "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?)"
# A task that runs again writes the same: what came first stays, except LangGraph's own notes.
PUT_WRITE = (
    "INSERT INTO writes VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE SET "
    "task_path = excluded.task_path, channel = excluded.channel, data = excluded.data WHERE excluded.idx < 0"
)
_ORDER = (*_FORGET, _DROP_CHECKPOINTS, _DROP_WRITES, _DROP_VALUES, PUT_VALUE, PUT_CHECKPOINT, PUT_WRITE)
_THREADS_BETWEEN_TIDYING = 256


@dataclass(frozen=True)
class Put:
    """A checkpoint, and the values of the channels that ``changed`` with it; without ``history``, in the place of all
    others of its thread and namespace."""

    key: CheckpointKey
    data: bytes
    changed: Sequence[str]
    values: Mapping[ValueKey, bytes]
    history: bool


@dataclass(frozen=True)
class Writes:
    """What a task wrote."""

    rows: Mapping[WriteKey, bytes]


@dataclass(frozen=True)
class Forget:
    """A thread that is deleted."""

    thread_id: str


@dataclass(frozen=True)
class Statements:
    """Anything else: statements, each with the rows that it is run for."""

    statements: Sequence[tuple[str, Sequence[Row]]]


Change = Put | Writes | Forget | Statements


@dataclass
class _Thread:
    """All that is to be written of one thread: what is deleted goes first."""

    thread_id: str
    forgotten: bool = False
    newest: dict[str, str] = field(default_factory=dict)
    outdated: set[tuple[str, str]] = field(default_factory=set)
    checkpoints: dict[tuple[str, str], Row] = field(default_factory=dict)
    values: dict[ValueKey, Row] = field(default_factory=dict)
    writes: dict[tuple[str, str, str, int], Row] = field(default_factory=dict)

    def put(self, put: Put) -> None:
        key = put.key
        if not put.history:
            self._drop_others(key, put.changed)
        self.checkpoints[key.checkpoint_ns, key.checkpoint_id] = sealed(key, put.data)
        self.values |= {value: sealed(value, data) for value, data in put.values.items()}

    def _drop_others(self, key: CheckpointKey, changed: Iterable[str]) -> None:
        space = key.checkpoint_ns
        gone = {(space, channel) for channel in changed}
        self.newest[space] = key.checkpoint_id
        self.outdated |= gone
        self.checkpoints = {at: row for at, row in self.checkpoints.items() if at[0] != space}
        self.values = {at: row for at, row in self.values.items() if (at.checkpoint_ns, at.channel) not in gone}
        self.writes = {at: row for at, row in self.writes.items() if at[0] != space or at[1] >= key.checkpoint_id}

    def write(self, rows: Mapping[WriteKey, bytes]) -> None:
        for key, data in rows.items():
            place = (key.checkpoint_ns, key.checkpoint_id, key.task_id, key.idx)
            if key.idx < 0 or place not in self.writes:
                self.writes[place] = sealed(key, data)


class ChangeWriter:
    """Writes changes, as the one who writes the file."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._forgotten = 0

    def write(self, connection: sqlite3.Connection, batch: Sequence[Change]) -> list[None]:
        """Write a batch, inside of a transaction, with the outcome of one change after the other."""
        threads: dict[str, _Thread] = {}
        for change in batch:
            if isinstance(change, Statements):
                self._flush(connection, threads.values())
                threads = {}
                _run(connection, change.statements)
            else:
                _add(threads, change)
        self._flush(connection, threads.values())
        return [None] * len(batch)

    async def tidy_up(self) -> None:
        """Give back room, now and then. To be called outside of transactions."""
        if self._forgotten >= _THREADS_BETWEEN_TIDYING:
            self._forgotten = 0
            await give_back(self._connection, SPARE_PAGES)

    def _flush(self, connection: sqlite3.Connection, threads: Iterable[_Thread]) -> None:
        rows: dict[str, list[Row]] = defaultdict(list)
        for thread in threads:
            if thread.forgotten:
                self._forgotten += 1
                for statement in _FORGET:
                    rows[statement].append((thread.thread_id,))
            for space, newest in thread.newest.items():
                rows[_DROP_CHECKPOINTS].append((thread.thread_id, space, newest))
                rows[_DROP_WRITES].append((thread.thread_id, space, newest))
            rows[_DROP_VALUES] += [(thread.thread_id, *at) for at in thread.outdated]
            rows[PUT_VALUE] += thread.values.values()
            rows[PUT_CHECKPOINT] += thread.checkpoints.values()
            rows[PUT_WRITE] += thread.writes.values()
        _run(connection, [(statement, rows[statement]) for statement in _ORDER])


def _run(connection: sqlite3.Connection, statements: Iterable[tuple[str, Sequence[Row]]]) -> None:
    for statement, rows in statements:
        if rows:
            connection.executemany(statement, rows)


def _add(threads: dict[str, _Thread], change: Put | Writes | Forget) -> None:
    if isinstance(change, Forget):
        threads[change.thread_id] = _Thread(change.thread_id, forgotten=True)
    elif isinstance(change, Put):
        _thread(threads, change.key.thread_id).put(change)
    elif change.rows:
        _thread(threads, next(iter(change.rows)).thread_id).write(change.rows)


def _thread(threads: dict[str, _Thread], thread_id: str) -> _Thread:
    return threads.setdefault(thread_id, _Thread(thread_id))
