"""Writes that wait at the same moment share a transaction, and each caller learns what became of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiosqlite
import anyio
import pytest

from fr_agents.errors import InfrastructureError
from fr_agents.grouped import GroupedWriter, grouped


class Table:
    """Squares of numbers; how many were written at once."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.connection = connection
        self.batches: list[int] = []

    def write(self, connection: sqlite3.Connection, batch: Sequence[int]) -> list[int]:
        self.batches.append(len(batch))
        connection.executemany("INSERT INTO squares VALUES (?)", [(number**2,) for number in batch])
        if 13 in batch:
            raise sqlite3.OperationalError("thirteen")
        if 99 in batch:
            raise LookupError("nobody foresaw it")
        return [number**2 for number in batch]


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    async with aiosqlite.connect(tmp_path / "squares.sqlite", isolation_level=None) as connection:
        await connection.execute("CREATE TABLE squares (square INTEGER)")
        yield Table(connection)


def told(error: sqlite3.Error) -> str:
    return f"The squares cannot be written: {error}."


def stored(path: Path) -> list[int]:
    with sqlite3.connect(path) as connection:
        squares = [row[0] for row in connection.execute("SELECT square FROM squares")]
    connection.close()
    return squares


async def test_what_waits_at_a_moment_is_one_transaction_in_the_order_of_its_coming(
    table: Table, tmp_path: Path
) -> None:
    results: dict[int, int] = {}

    async def keep(writer: GroupedWriter[int, int], number: int) -> None:
        results[number] = await writer.keep(number)
        assert results[number] in stored(tmp_path / "squares.sqlite"), "it returned before it was there for others"

    async with grouped(table.connection, table.write, told) as writer, anyio.create_task_group() as tasks:
        for number in range(40, 60):
            tasks.start_soon(keep, writer, number)
    assert results == {number: number**2 for number in range(40, 60)}
    assert stored(tmp_path / "squares.sqlite") == [number**2 for number in range(40, 60)]
    assert sum(table.batches) == 20
    assert len(table.batches) < 5


async def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_goes_on(table: Table, tmp_path: Path) -> None:
    failures: list[str] = []

    async def keep(writer: GroupedWriter[int, int], number: int) -> None:
        with pytest.raises(InfrastructureError) as caught:
            await writer.keep(number)
        failures.append(str(caught.value))

    async with grouped(table.connection, table.write, told) as writer:
        async with anyio.create_task_group() as tasks:
            for number in (12, 13, 14):
                tasks.start_soon(keep, writer, number)
        assert await writer.keep(15) == 225
    assert failures == ["The squares cannot be written: thirteen."] * 3
    assert stored(tmp_path / "squares.sqlite") == [225]


async def test_what_was_handed_over_is_written_though_its_caller_and_everybody_else_is_cancelled(
    table: Table, tmp_path: Path
) -> None:
    with anyio.CancelScope() as scope:
        async with grouped(table.connection, table.write, told) as writer:
            scope.cancel()
            await writer.keep(7)
    assert scope.cancelled_caught
    assert stored(tmp_path / "squares.sqlite") == [49]


async def test_a_closed_writer_takes_nothing(table: Table) -> None:
    async with grouped(table.connection, table.write, told) as writer:
        pass
    with pytest.raises(RuntimeError, match="async with"):
        await writer.keep(1)


async def test_what_is_raised_inside_comes_out_as_it_is(table: Table) -> None:
    with pytest.raises(KeyboardInterrupt):
        async with grouped(table.connection, table.write, told):
            raise KeyboardInterrupt
    with pytest.raises(ExceptionGroup) as caught:
        async with grouped(table.connection, table.write, told):
            raise ExceptionGroup("two", [ValueError("a"), ValueError("b")])
    assert [str(error) for error in caught.value.exceptions] == ["a", "b"]


async def test_a_defect_of_whoever_writes_comes_out_and_leaves_nobody_waiting(table: Table) -> None:
    async def keep(writer: GroupedWriter[int, int]) -> None:
        with anyio.CancelScope(shield=True), pytest.raises(InfrastructureError, match="not written"):
            await writer.keep(99)
        await anyio.sleep_forever()

    async def use() -> None:
        async with grouped(table.connection, table.write, told) as writer:
            await keep(writer)

    with pytest.raises(LookupError, match="nobody foresaw it"):
        await use()
