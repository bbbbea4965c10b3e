"""Where jobs are checkpointed: SQLite, or memory. A checkpoint holds plain data; nothing else is ever read from one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiosqlite
import anyio
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

_PLAIN = frozenset({"msgpack", "null", "bytes", "bytearray"})


class PlainSerializer(JsonPlusSerializer):
    """Refuses what could turn into code: any type tag but plain ones, and any type that msgpack is extended by.

    LangGraph's default revives objects of named classes when a checkpoint is read, so that a crafted file runs code.
    """

    def __init__(self) -> None:
        super().__init__(pickle_fallback=False, allowed_msgpack_modules=None)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        if data[0] not in _PLAIN:
            raise ValueError(f"a checkpoint holds data of the kind {data[0]!r}, which fr-agents never writes")
        return super().loads_typed(data)


@asynccontextmanager
async def open_checkpointer(kind: Literal["sqlite", "memory"], path: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """A checkpointer that is open until the context ends; ``path`` is the SQLite file, made where there is none."""
    if kind == "memory":
        yield InMemorySaver(serde=PlainSerializer())
        return
    async with _connected(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=PlainSerializer())
        await saver.setup()
        yield saver


@asynccontextmanager
async def _connected(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A connection that is closed in any case: one that a cancelled task leaves open keeps its thread, which then calls
    into an event loop that is gone."""
    with anyio.CancelScope(shield=True):
        connection = await aiosqlite.connect(path)
    try:
        yield connection
    finally:
        with anyio.CancelScope(shield=True):
            await connection.close()
