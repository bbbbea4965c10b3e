"""The journal of answers: what was paid for is on the disk before anybody uses it, and is never bought again.

A refusal is found again by the run that got it alone. A resumed run has to go the way that it went; to another one, a
server that takes longer requests by now, or has another filter, may well answer.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import aiosqlite

from fr_agents.errors import InfrastructureError
from fr_agents.grouped import GroupedWriter, grouped
from fr_agents.journal.entry import COLUMNS, Entry, Kept
from fr_agents.journal.file import FORM, problem

_INSERT = f"INSERT INTO calls ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - our names
_FIND = "SELECT answer, refusal FROM calls WHERE key IN (?, ?) ORDER BY answer IS NULL LIMIT 1"
_HELD = "SELECT key, answer, refusal FROM calls WHERE key IN (SELECT value FROM json_each(?))"


class Journal:
    """An open journal, as one run uses it; made by ``open_journal``."""

    def __init__(self, calls: _Calls, reader: aiosqlite.Connection, writer: GroupedWriter[Entry, Kept]) -> None:
        self._calls = calls
        self._reader = reader
        self._writer = writer

    async def find(self, key: str) -> Kept | None:
        """What is held under ``key``, by whichever run it was paid. Raises InfrastructureError."""
        try:
            rows = await self._reader.execute_fetchall(_FIND, (key, self._calls.refusal_key(key)))
        except sqlite3.Error as error:
            raise InfrastructureError(problem(self._calls.path, error)) from error
        return next((self._calls.parsed(key, *row) for row in rows), None)

    async def keep(self, entry: Entry) -> Kept:
        """Keep an entry, and return when it is on the disk: what the journal now holds under its key, which is another
        run's answer where that came first.

        An entry that was handed over is written, even if the caller is cancelled while it waits.

        Raises:
            InfrastructureError: it could not be written.
        """
        return await self._writer.keep(entry)


class _Calls:
    """The table of calls, as one run writes it."""

    def __init__(self, path: Path, run: str) -> None:
        self.path = path
        self._run = run

    def write(self, connection: sqlite3.Connection, batch: Sequence[Entry]) -> list[Kept]:
        """Add entries, inside of a transaction; what is held for each by then."""
        keys = [self._key(entry) for entry in batch]
        held = self._held(connection, (key for key in keys if key is not None))
        rows, results = [], []
        for entry, key in zip(batch, keys, strict=True):
            first = key is not None and key not in held
            results.append(entry.kept if key is None else held.setdefault(key, entry.kept))
            # Paid twice is paid twice: who comes second is in the ledger all the same, under no key.
            rows.append(entry.row(self._run, key if first else None, told=first))
        connection.executemany(_INSERT, rows)
        return results

    def _held(self, connection: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Kept]:
        rows = connection.execute(_HELD, (json.dumps(list(keys)),))
        return {row[0]: self.parsed(*row) for row in rows}

    def _key(self, entry: Entry) -> str | None:
        if entry.key is None or entry.kept.answer is not None:
            return entry.key
        return self.refusal_key(entry.key)

    def refusal_key(self, key: str) -> str:
        return f"{key} refused to {self._run}"

    def parsed(self, key: str, answer: str | None, refusal: str | None) -> Kept:
        """What a row holds. Raises InfrastructureError."""
        try:
            return Kept.parse(answer, refusal)
        except ValueError as error:
            raise InfrastructureError(
                f"The journal of answers {self.path} holds something that is no answer, under {key}: the file was "
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
        reader, writer = [await FORM.connect(file, stack) for _ in range(2)]
        calls = _Calls(file, run)
        async with grouped(writer, calls.write, partial(problem, file)) as group:
            yield Journal(calls, reader, group)
