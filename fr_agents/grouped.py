"""Writes to an SQLite file that are on the disk before their callers go on, many of them for the price of one.

A transaction costs a flush of the disk, whatever is in it. So one task writes: everything that waits at a moment goes
into one transaction, and each caller returns when that is committed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

import aiosqlite
import anyio

from fr_agents.errors import FrAgentsError, InfrastructureError

Item = TypeVar("Item")
Result = TypeVar("Result")
# Writes a batch inside of a transaction, in the connection's thread, and gives a result for each of its items.
Write = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[Result]]
_MOST_AT_ONCE = 1000


@dataclass
class _Waiting(Generic[Item, Result]):
    """An item that is to be written, and whoever waits for it; ``result`` is there once it is on the disk."""

    item: Item
    done: anyio.Event = field(default_factory=anyio.Event)
    result: tuple[Result] | None = None
    failure: str = "It was not written: whatever writes has failed."


class GroupedWriter(Generic[Item, Result]):
    """The one writer of a file; made by ``grouped``."""

    def __init__(
        self,
        connection: aiosqlite.Connection,
        write: Write[Item, Result],
        told: Callable[[sqlite3.Error], str],
        between: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._connection = connection
        self._write = write
        self._told = told
        self._between = between
        self._waiting: list[_Waiting[Item, Result]] = []
        self._wake = anyio.Event()
        self._closing = False

    async def keep(self, item: Item) -> Result:
        """Hand an item over, and return when it is on the disk: what writing it gave.

        An item that was handed over is written, even if the caller is cancelled while it waits. Items are written in
        the order in which they were handed over.

        Raises:
            InfrastructureError: it could not be written; the text is for the person who runs this.
        """
        if self._closing:
            raise RuntimeError("the file is used outside of its context: open it with `async with`")
        waiting: _Waiting[Item, Result] = _Waiting(item)
        self._waiting.append(waiting)
        self._wake.set()
        await waiting.done.wait()
        if waiting.result is None:
            raise InfrastructureError(waiting.failure)
        return waiting.result[0]

    async def write_all(self) -> None:
        """Write what is handed over, until ``close``; cancelled or not, since somebody was promised that it is kept."""
        with anyio.CancelScope(shield=True):
            try:
                while self._waiting or not self._closing:
                    await self._wake.wait()
                    self._wake = anyio.Event()
                    while self._waiting:
                        batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
                        await self._settle(batch)
                    if self._between is not None:
                        await self._between()
            finally:
                self._closing = True
                for waiting in self._waiting:
                    waiting.done.set()

    def close(self) -> None:
        """Let ``write_all`` end, after what waits."""
        self._closing = True
        self._wake.set()

    async def _settle(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        try:
            results = await _in_thread(
                self._connection, partial(self._transaction, [waiting.item for waiting in batch])
            )
            for waiting, result in zip(batch, results, strict=True):
                waiting.result = (result,)
        except (sqlite3.Error, FrAgentsError) as error:
            text = self._told(error) if isinstance(error, sqlite3.Error) else str(error)
            for waiting in batch:
                waiting.failure = text
        finally:
            for waiting in batch:
                waiting.done.set()

    def _transaction(self, items: Sequence[Item], connection: sqlite3.Connection) -> Sequence[Result]:
        """It locks first and looks then: between the two, another process could write."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = self._write(connection, items)
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return results


async def _in_thread(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], Result]) -> Result:
    """What ``work`` gives in the connection's own thread. Its public calls take a way there and back for each
    statement, and back means to wait until the event loop has been once round all that is ready."""
    result: Result = await connection._execute(lambda: work(connection._conn))  # type: ignore[no-untyped-call]
    return result


@asynccontextmanager
async def grouped(
    connection: aiosqlite.Connection,
    write: Write[Item, Result],
    told: Callable[[sqlite3.Error], str],
    between: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[GroupedWriter[Item, Result]]:
    """A writer that works until the context ends; everything that was handed over is written by then.

    Args:
        connection: One that begins no transaction by itself (``isolation_level=None``), and that nobody else writes by.
        write: Writes a batch inside of an open transaction, and gives a result for each item of it. It is called in the
            connection's thread.
        told: What went wrong, in words for the person who runs this.
        between: Awaited after transactions, when nobody waits; for the upkeep of the file.
    """
    writer = GroupedWriter(connection, write, told, between)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.write_all)
            try:
                yield writer
            finally:
                writer.close()
    except BaseExceptionGroup as group:
        if len(group.exceptions) > 1:
            raise
        # The writer raises nothing that is foreseen, so this is what the body raised: it comes out as it was.
        (failure,) = group.exceptions
    else:
        return
    raise failure
