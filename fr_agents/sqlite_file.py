"""Files that fr-agents keeps with SQLite: how one is opened and told from others, and what to do about a bad one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread

from fr_agents.errors import RunFolderError

# Another process holds a file for the time of one transaction; a minute of it is something else.
_BUSY_SECONDS = 60.0
# What the sqlite3 module raises; the second, where a damaged file has names in it that are no text.
FAILURES = (sqlite3.Error, UnicodeDecodeError)
_ADVICE = {
    sqlite3.SQLITE_FULL: "The disk is full: free some space.",
    sqlite3.SQLITE_IOERR: "Is the disk full, or gone?",
    sqlite3.SQLITE_READONLY: "It is read-only: make the file and its folder writable{instead}.",
    sqlite3.SQLITE_PERM: "Make the file and its folder writable{instead}.",
    sqlite3.SQLITE_CANTOPEN: "Is its folder there, and may it be written?",
    sqlite3.SQLITE_BUSY: f"Another process has held it for {_BUSY_SECONDS:.0f} seconds: wait for it, or end it.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: {remedy}",
    sqlite3.SQLITE_NOTADB: "It is no {short}, or damaged: {remedy}",
}


@dataclass(frozen=True)
class SqliteForm:
    """One kind of file, and the words in which a person is told of it.

    Attributes:
        name: What such a file is called, and ``short``, where it has just been named.
        application: Tells it from any other SQLite file, and ``schema`` from those of other versions of fr-agents.
        create: The statements that make its tables.
        pragmas: Settings of each connection, and ``lasting``, those that a file has from before its first table on.
        elsewhere: What to do where the file's place is the trouble.
        instead: Another way out than to make it writable.
        remedy: What to do with a damaged file, and what comes of it.
    """

    name: str
    short: str
    application: int
    schema: int
    create: str
    elsewhere: str
    remedy: str
    instead: str = ""
    pragmas: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()

    def problem(self, path: Path, error: Exception) -> str:
        """What is wrong with the file, and what to do; ``error`` is one of ``FAILURES``."""
        code = getattr(error, "sqlite_errorcode", None)
        advice = _ADVICE.get((code or 0) & 0xFF, "If the file is damaged: {remedy}")
        advice = advice.format(instead=self.instead, short=self.short, remedy=self.remedy)
        return f"The {self.name} {path} cannot be read or written: {error}. {advice}"

    def damaged(self, path: Path, what: str) -> str:
        """What to tell of a file that SQLite can read, but that holds what nobody has written."""
        return f"The {self.name} {path} is damaged, or was changed: {what}. {self.remedy[:1].upper()}{self.remedy[1:]}"

    def refuse_others(self, path: Path, application: int, version: int) -> None:
        """Raises RunFolderError for a file of somebody else, or of another version."""
        if application != self.application:
            raise RunFolderError(f"{path} is no {self.name}, but some other SQLite file: {self.elsewhere}")
        if version != self.schema:
            raise RunFolderError(
                f"{path} is a {self.short} of another version of fr-agents (schema {version}; this is {self.schema}): "
                f"go on with the version that made it, or {self.elsewhere}"
            )

    async def connect(self, path: Path, stack: AsyncExitStack) -> aiosqlite.Connection:
        """A connection to the file, which is made where there is none. ``stack`` closes it in any case: one that is
        left open keeps its thread.

        Raises:
            RunFolderError: the file cannot be used; the text says why and what to do. It stays as it was.
        """
        try:
            with anyio.CancelScope(shield=True):
                # Tried first: a connection that cannot be opened leaves a thread, which outlives the event loop.
                await anyio.to_thread.run_sync(self._try_open, path)
                connection = await aiosqlite.connect(path, isolation_level=None)
                stack.push_async_callback(_close, connection)
                await self._prepare(connection, path)
        except FAILURES as error:
            raise RunFolderError(self.problem(path, error)) from error
        return connection

    def _try_open(self, path: Path) -> None:
        sqlite3.connect(path).close()
        if not os.access(path, os.W_OK):  # SQLite tells that with the first write.
            advice = _ADVICE[sqlite3.SQLITE_READONLY].format(instead=self.instead)
            raise RunFolderError(f"The {self.name} {path} cannot be written. {advice}")

    async def _prepare(self, connection: aiosqlite.Connection, path: Path) -> None:
        await connection.execute_fetchall(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
        # Before anything is changed: the file may be somebody else's.
        new = await _is_empty(connection)
        if not new:
            await self._refuse_others(connection, path)
        for pragma in (*self.pragmas, *(self.lasting if new else ())):
            await connection.execute_fetchall(f"PRAGMA {pragma}")
        mode = await _first(connection, "PRAGMA journal_mode = WAL")
        if mode != "wal":
            raise RunFolderError(f"{path} cannot be kept on this file system ({mode}): {self.elsewhere}")
        await connection.execute_fetchall("PRAGMA synchronous = FULL")
        await self._create(connection)
        await self._refuse_others(connection, path)

    async def _create(self, connection: aiosqlite.Connection) -> None:
        marks = f"PRAGMA application_id = {self.application}; PRAGMA user_version = {self.schema}"
        await connection.execute("BEGIN IMMEDIATE")
        try:
            if await _is_empty(connection):  # again: another process may have been faster
                for statement in filter(str.strip, f"{self.create};{marks}".split(";")):
                    await connection.execute(statement)
            await connection.execute("COMMIT")
        except BaseException:
            await connection.rollback()
            raise

    async def _refuse_others(self, connection: aiosqlite.Connection, path: Path) -> None:
        application = await _first(connection, "PRAGMA application_id")
        version = await _first(connection, "PRAGMA user_version")
        self.refuse_others(path, int(application), int(version))


async def _first(connection: aiosqlite.Connection, statement: str) -> int | str:
    value: int | str = next(iter(await connection.execute_fetchall(statement)))[0]
    return value


async def _is_empty(connection: aiosqlite.Connection) -> bool:
    return not await connection.execute_fetchall("SELECT 1 FROM sqlite_master LIMIT 1")


async def _close(connection: aiosqlite.Connection) -> None:
    with anyio.CancelScope(shield=True):
        await connection.close()
