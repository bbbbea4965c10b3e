"""The journal's file: its form, how it is opened, and what is wrong with one that cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import aiosqlite

from fr_agents.errors import RunFolderError

# "FRAJ": tells a journal from any other SQLite file.
APPLICATION = 0x4652414A
SCHEMA = 1
# Another process holds the file for the time of one transaction; a minute of it is something else.
_BUSY_SECONDS = 60.0
_CREATE = f"""
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    key TEXT UNIQUE,
    run TEXT NOT NULL,
    job INTEGER,
    role TEXT NOT NULL,
    stage TEXT NOT NULL,
    step INTEGER NOT NULL,
    requested TEXT NOT NULL,
    model TEXT NOT NULL,
    answer TEXT,
    refusal TEXT,
    calls INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    untold INTEGER NOT NULL,
    money REAL,
    charged_tokens INTEGER NOT NULL,
    charged_usd REAL NOT NULL,
    seconds REAL NOT NULL,
    tries INTEGER NOT NULL,
    faults TEXT NOT NULL
);
CREATE INDEX calls_of_run ON calls (run);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {SCHEMA};
"""
_ADVICE = {
    sqlite3.SQLITE_FULL: "The disk is full: free some space.",
    sqlite3.SQLITE_IOERR: "Is the disk full, or gone?",
    sqlite3.SQLITE_READONLY: "It is read-only: make the file and its folder writable, or name another `journal`.",
    sqlite3.SQLITE_PERM: "Make the file and its folder writable, or name another `journal`.",
    sqlite3.SQLITE_CANTOPEN: "Is its folder there, and may it be written?",
    sqlite3.SQLITE_BUSY: f"Another process has held it for {_BUSY_SECONDS:.0f} seconds: wait for it, or end it.",
    sqlite3.SQLITE_CORRUPT: "The file is damaged: restore it from a copy, or move it away.",
    sqlite3.SQLITE_NOTADB: "It is no journal, or damaged: restore it from a copy, or move it away.",
}
_MOVED = "Without it, a run buys the answers of unfinished jobs again, and forgets what it has spent."


def problem(path: Path, error: sqlite3.Error) -> str:
    """What is wrong with the journal at ``path``, and what to do."""
    code = getattr(error, "sqlite_errorcode", None)
    advice = _ADVICE.get((code or 0) & 0xFF, "Is the disk full, or the file damaged?")
    text = f"The journal of answers {path} cannot be read or written: {error}. {advice}"
    return f"{text} {_MOVED}" if "move it away" in advice else text


async def prepare(connection: aiosqlite.Connection, path: Path) -> None:
    """Make the file at the other end a journal, if it is new, and set how it is written.

    Raises:
        RunFolderError: it is something else, or of another version.
    """
    await connection.execute_fetchall(f"PRAGMA busy_timeout = {int(_BUSY_SECONDS * 1000)}")
    # Before anything is changed: the file may be somebody else's.
    if not await _is_empty(connection):
        await _refuse_others(connection, path)
    mode = next(iter(await connection.execute_fetchall("PRAGMA journal_mode = WAL")))[0]
    if mode != "wal":
        raise RunFolderError(f"{path} cannot be kept on this file system ({mode}): name another `journal`.")
    await connection.execute_fetchall("PRAGMA synchronous = FULL")
    await connection.execute("BEGIN IMMEDIATE")
    try:
        if await _is_empty(connection):  # again: another process may have been faster
            for statement in filter(str.strip, _CREATE.split(";")):
                await connection.execute(statement)
        await connection.execute("COMMIT")
    except BaseException:
        await connection.rollback()
        raise
    await _refuse_others(connection, path)


async def _is_empty(connection: aiosqlite.Connection) -> bool:
    return not await connection.execute_fetchall("SELECT 1 FROM sqlite_master LIMIT 1")


async def _refuse_others(connection: aiosqlite.Connection, path: Path) -> None:
    application = next(iter(await connection.execute_fetchall("PRAGMA application_id")))[0]
    version = next(iter(await connection.execute_fetchall("PRAGMA user_version")))[0]
    refuse_others(path, application, version)


def refuse_others(path: Path, application: int, version: int) -> None:
    """Raises RunFolderError for a file of somebody else, or of another version."""
    if application != APPLICATION:
        raise RunFolderError(f"{path} is no journal of answers, but some other SQLite file: name another `journal`.")
    if version != SCHEMA:
        raise RunFolderError(
            f"{path} is a journal of another version of fr-agents (schema {version}; this is {SCHEMA}): go on with the "
            "version that made it, or name another `journal`."
        )
