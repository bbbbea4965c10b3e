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

_PLAIN = frozenset({"msgpack", "null"})
_SCALARS = frozenset({str, int, float, bool})


class PlainSerializer(JsonPlusSerializer):
    """Writes plain JSON values alone, and refuses to read what could turn into code: any type tag but plain ones, and
    any type that msgpack is extended by.

    LangGraph's default revives objects of named classes when a checkpoint is read, so that a crafted file runs code;
    and what it does not revive comes back as something else than it was, so that a resumed job goes another way.
    """

    def __init__(self) -> None:
        super().__init__(pickle_fallback=False, allowed_msgpack_modules=None)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Raises TypeError for anything but plain JSON values, and names where it is."""
        if isinstance(obj, BaseException):
            # LangGraph notes what a node raised. Nothing reads it back but a person.
            return super().dumps_typed(repr(obj))
        _refuse_objects(obj, "")
        return super().dumps_typed(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        if data[0] not in _PLAIN:
            raise ValueError(f"a checkpoint holds data of the kind {data[0]!r}, which fr-agents never writes")
        return super().loads_typed(data)


def _refuse_objects(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise _not_plain(key, f"a key of {where or 'the whole'}")
            _refuse_objects(item, f"{where}.{key}" if where else key)
    elif type(value) is list:
        for index, item in enumerate(value):
            _refuse_objects(item, f"{where}.{index}" if where else str(index))
    elif value is not None and type(value) not in _SCALARS:
        raise _not_plain(value, where or "the whole")


def _not_plain(value: Any, where: str) -> TypeError:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    return TypeError(f"a checkpoint holds plain JSON values alone, and {where} is a {kind}: nodes return plain data")


@asynccontextmanager
async def open_checkpointer(kind: Literal["sqlite", "memory"], path: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """A checkpointer that is open until the context ends; ``path`` is the SQLite file, made where there is none."""
    if kind == "memory":
        yield InMemorySaver(serde=PlainSerializer())
        return
    async with _sqlite_saver(path) as saver:
        yield saver


@asynccontextmanager
async def _sqlite_saver(path: Path) -> AsyncIterator[AsyncSqliteSaver]:
    """A saver whose connection is closed in any case: one that a cancelled task leaves open keeps its thread, which
    then calls into an event loop that is gone.

    LangGraph writes checkpoints in tasks of its own, which go on when a job is cancelled. Closed between a statement
    and its commit, the file would stay locked for as long as anything refers to the cursor. So the connection is closed
    under the saver's lock, after what waits for it; whatever comes later finds it closed.
    """
    with anyio.CancelScope(shield=True):
        connection = await aiosqlite.connect(path)
    saver = AsyncSqliteSaver(connection, serde=PlainSerializer())
    try:
        await saver.setup()
        yield saver
    finally:
        with anyio.CancelScope(shield=True):
            async with saver.lock:
                await connection.close()
