"""The one way to get a checkpointer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver

from fr_agents.checkpointing.changes import ChangeWriter
from fr_agents.checkpointing.file import FORM, give_back, refuse_damaged
from fr_agents.checkpointing.plain import PlainSerializer
from fr_agents.checkpointing.reading import CheckpointReader
from fr_agents.checkpointing.saver import GroupedSqliteSaver
from fr_agents.grouped import grouped


@asynccontextmanager
async def open_checkpointer(
    kind: Literal["sqlite", "memory"], path: Path, *, history: bool = False
) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """A checkpointer that is open until the context ends; what was handed over by then is written.

    Args:
        kind: In a file, or in memory alone.
        path: The file, which is made where there is none.
        history: Whether all checkpoints of a thread are kept in the file, or the last one. In memory, all are.

    Raises:
        RunFolderError: the file cannot be used; the text says why and what to do.
    """
    if kind == "memory":
        yield InMemorySaver(serde=PlainSerializer())
        return
    async with AsyncExitStack() as stack:
        reader, writer = [await FORM.connect(path, stack) for _ in range(2)]
        await refuse_damaged(writer, path)
        stack.push_async_callback(give_back, writer)
        changes = ChangeWriter(writer)
        async with grouped(writer, changes.write, partial(FORM.problem, path), changes.tidy_up) as group:
            yield GroupedSqliteSaver(CheckpointReader(path, reader), group, history=history)
