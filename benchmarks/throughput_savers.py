"""Runs with other checkpoints than a run can have: none at all, or watched ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from fr_agents import entry
from fr_agents.checkpointing import open_checkpointer

NONE = "none"


@contextmanager
def no_checkpoints() -> Iterator[None]:
    """Runs in it keep no checkpoints, as a preview does, and are the same in all else."""

    @asynccontextmanager
    async def opened(kind: Literal["sqlite", "memory"], path: Path) -> AsyncIterator[None]:
        yield None

    with patch.object(entry, "open_checkpointer", opened):
        yield


@contextmanager
def watched_checkpoints(on_put: Callable[[], None], on_open: Callable[[Path], None] | None = None) -> Iterator[None]:
    """Runs in it call ``on_put`` after each checkpoint, and ``on_open`` with the file before the first one."""

    @asynccontextmanager
    async def opened(kind: Literal["sqlite", "memory"], path: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
        async with open_checkpointer(kind, path) as saver:
            put = saver.aput

            async def watched(*given: Any) -> RunnableConfig:
                config = await put(*given)
                on_put()
                return config

            if on_open is not None:
                on_open(path)
            with patch.object(saver, "aput", watched):
                yield saver

    with patch.object(entry, "open_checkpointer", opened):
        yield
