"""The journal of answers: what was paid for is on the disk before anybody uses it, and is never bought again.

A refusal is found again by the run that got it alone. A resumed run has to go the way that it went; to another one, a
server that takes longer requests by now, or has another filter, may well answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread

from fr_agents.errors import FrAgentsError, InfrastructureError, RunFolderError
from fr_agents.journal.entry import COLUMNS, Entry, Kept
from fr_agents.journal.file import prepare, problem

_INSERT = f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our names
_FIND = "SELECT answer, refusal FROM calls WHERE key IN (?, ?) ORDER BY answer IS NULL LIMIT 1"
_HELD = "SELECT key, answer, refusal FROM calls WHERE key IN (SELECT value FROM json_each(?))"
_MOST_AT_ONCE = 1000


@dataclass
class _Waiting:
    """An entry that is to be written, and whoever waits for it."""

    entry: Entry
    done: anyio.Event = field(default_factory=anyio.Event)
    held: Kept | None = None
    failure: str = ""


class Journal:
    """An open journal, as one run uses it; made by ``open_journal``.

    One task writes: all entries that wait at a moment go into one transaction, so that a hundred answers cost one
    write to the disk.
    """

    def __init__(self, path: Path, run: str, reader: aiosqlite.Connection, writer: aiosqlite.Connection) -> None:
        self._path = path
        self._run = run
        self._reader = reader
        self._writer = writer
        self._waiting: list[_Waiting] = []
        self._wake = anyio.Event()
        self._closing = False

    async def find(self, key: str) -> Kept | None:
        """What is held under ``key``, by whichever run it was paid. Raises InfrastructureError."""
        try:
            rows = await self._reader.execute_fetchall(_FIND, (key, self._refusal_key(key)))
        except sqlite3.Error as error:
            raise InfrastructureError(problem(self._path, error)) from error
        return next((self._parsed(key, *row) for row in rows), None)

    async def keep(self, entry: Entry) -> Kept:
        """Keep an entry, and return when it is on the disk: what the journal now holds under its key, which is another
        run's answer where that came first.

        An entry that was handed over is written, even if the caller is cancelled while it waits.

        Raises:
            InfrastructureError: it could not be written.
        """
        if self._closing:
            raise RuntimeError("the journal is used outside of its context: open it with `async with`")
        waiting = _Waiting(entry)
        self._waiting.append(waiting)
        self._wake.set()
        await waiting.done.wait()
        if waiting.held is None:
            raise InfrastructureError(waiting.failure)
        return waiting.held

    async def write_all(self) -> None:
        """Write what is handed over, until ``close``; cancelled or not, since it is paid."""
        with anyio.CancelScope(shield=True):
            while self._waiting or not self._closing:
                await self._wake.wait()
                self._wake = anyio.Event()
                while self._waiting:
                    batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                    await self._settle(batch)

    def close(self) -> None:
        """Let ``write_all`` end, after what waits."""
        self._closing = True
        self._wake.set()

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except (sqlite3.Error, FrAgentsError) as error:
            text = problem(self._path, error) if isinstance(error, sqlite3.Error) else str(error)
            for waiting in batch:
                waiting.held, waiting.failure = None, text
        finally:
            for waiting in batch:
                waiting.done.set()

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """One transaction. It locks first and looks then: between the two, another process could add a key."""
        keys = [self._key(waiting.entry) for waiting in batch]
        await self._writer.execute("BEGIN IMMEDIATE")
        try:
            held = await self._held(key for key in keys if key is not None)
            rows = []
            for waiting, key in zip(batch, keys, strict=True):
                first = key is not None and key not in held
                waiting.held = waiting.entry.kept if key is None else held.setdefault(key, waiting.entry.kept)
                # Paid twice is paid twice: who comes second is in the ledger all the same, under no key.
                rows.append(waiting.entry.row(self._run, key if first else None, told=first))
            await self._writer.executemany(_INSERT, rows)
            await self._writer.execute("COMMIT")
        except BaseException:
            await self._writer.rollback()
            raise

    async def _held(self, keys: Iterable[str]) -> dict[str, Kept]:
        rows = await self._writer.execute_fetchall(_HELD, (json.dumps(list(keys)),))
        return {row[0]: self._parsed(*row) for row in rows}

    def _key(self, entry: Entry) -> str | None:
        if entry.key is None or entry.kept.answer is not None:
            return entry.key
        return self._refusal_key(entry.key)

    def _refusal_key(self, key: str) -> str:
        return f"{key} refused to {self._run}"

    def _parsed(self, key: str, answer: str | None, refusal: str | None) -> Kept:
        try:
            return Kept.parse(answer, refusal)
        except ValueError as error:
            raise InfrastructureError(
                f"The journal of answers {self._path} holds something that is no answer, under {key}: the file was "
                "changed or damaged. Restore it from a copy, or move it away and let the run buy that answer again."
            ) from error


@asynccontextmanager
async def open_journal(path: str | Path, run: str) -> AsyncIterator[Journal]:
    """The journal in the file ``path``, which is made where there is none, open until the context ends; everything that
    was handed over is written by then.

    Args:
        path: The file. Several runs may share one, also at the same time and from several processes.
        run: Who pays: no other run that shares the file may have the same name.

    Raises:
        RunFolderError: the file cannot be used; the text says why and what to do.
    """
    file = Path(path)
    async with AsyncExitStack() as stack:
        reader, writer = [await _connection(file, stack) for _ in range(2)]
        journal = Journal(file, run, reader, writer)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(journal.write_all)
                try:
                    yield journal
                finally:
                    journal.close()
        except ExceptionGroup as group:
            # The writer raises nothing, so this is what the body raised: it comes out as it was.
            (failure,) = group.exceptions
        else:
            return
        raise failure


async def _connection(path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
    """A connection that ``stack`` closes in any case: one that is left open keeps its thread."""
    try:
        with anyio.CancelScope(shield=True):
            # Tried first: an aiosqlite connection that cannot be opened leaves a thread, which outlives the event loop.
            await anyio.to_thread.run_sync(_try_open, path)
            connection = await aiosqlite.connect(path, isolation_level=None)
            stack.push_async_callback(_close, connection)
            await prepare(connection, path)
    except sqlite3.Error as error:
        raise RunFolderError(problem(path, error)) from error
    return connection


def _try_open(path: Path) -> None:
    sqlite3.connect(path).close()


async def _close(connection: aiosqlite.Connection) -> None:
    with anyio.CancelScope(shield=True):
        await connection.close()
