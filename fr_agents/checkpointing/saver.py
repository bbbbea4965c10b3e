"""A LangGraph checkpoint saver on SQLite for many threads at once.

A step of a graph costs it no flush of the disk of its own: whatever waits at a moment is one transaction. It writes the
channels that changed, not the whole state, and, unless it is to keep the history, drops what a new checkpoint replaces.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any, NoReturn

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)

from fr_agents.checkpointing.changes import Change, Forget, Put, Writes
from fr_agents.checkpointing.plain import PlainSerializer, pack, pack_write
from fr_agents.checkpointing.reading import CheckpointReader, config_of
from fr_agents.checkpointing.rows import CheckpointKey, ValueKey, WriteKey
from fr_agents.checkpointing.upkeep import copied, pruned, without
from fr_agents.grouped import GroupedWriter

_ASYNC_ONLY = (
    "these checkpoints are read and written by LangGraph's asynchronous methods alone: `await graph.ainvoke(...)`, "
    "`await graph.aget_state(...)`"
)
_RANDOM_BITS = 32


class GroupedSqliteSaver(BaseCheckpointSaver[int]):
    """Checkpoints in the file of an open reader and writer; made by ``open_checkpointer``.

    Each method that writes returns when what it wrote is on the disk, so that ``durability="sync"`` means what it says.
    All raise InfrastructureError where the file cannot be used, with advice, and TypeError for what is not plain data.

    Args:
        history: Whether all checkpoints are kept, for tools that go back in them. Without it a thread has one
            checkpoint in each namespace, the last that was put.
    """

    def __init__(self, reader: CheckpointReader, writer: GroupedWriter[Change, None], *, history: bool) -> None:
        super().__init__(serde=PlainSerializer())
        self._reader = reader
        self._writer = writer
        self._history = history

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint that ``config`` names, or the latest one of its thread and namespace."""
        return await self._reader.find(*_place(config), config["configurable"].get("checkpoint_id") or None)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints, the newest first; ``filter`` names values that the metadata must have."""
        named = config["configurable"] if config else {}
        older = before["configurable"].get("checkpoint_id") if before else None
        thread_id = str(named["thread_id"]) if config else None
        found = await self._reader.listed(thread_id, named.get("checkpoint_ns"), named.get("checkpoint_id"), older)
        left = len(found) if limit is None else limit
        for place in found:
            if left <= 0:
                return
            item = await self._reader.find(*place)
            if item is not None and _has(item.metadata, filter or {}):
                left -= 1
                yield item

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint, and of the values of its channels those whose versions are new."""
        thread_id, space = _place(config)
        values, versions = checkpoint["channel_values"], checkpoint["channel_versions"]
        at = {name: ValueKey(thread_id, space, name, str(versions.get(name, checkpoint["id"]))) for name in values}
        changed = [*new_versions, *(name for name in values if name not in versions)]
        held = json.dumps([[name, key.version] for name, key in at.items()])
        body = {name: value for name, value in checkpoint.items() if name != "channel_values"}
        put = Put(
            CheckpointKey(thread_id, space, checkpoint["id"], config["configurable"].get("checkpoint_id"), held),
            pack([body, get_serializable_checkpoint_metadata(config, metadata)]),
            changed,
            {at[name]: pack(values[name]) for name in changed if name in values},
            self._history,
        )
        await self._writer.keep(put)
        return config_of(thread_id, space, checkpoint["id"])

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a task wrote on top of the checkpoint that ``config`` names."""
        place = (*_place(config), str(config["configurable"]["checkpoint_id"]), task_id)
        rows: dict[WriteKey, bytes] = {}
        for index, (channel, value) in enumerate(writes):
            key = WriteKey(*place, WRITES_IDX_MAP.get(channel, index), task_path, channel)
            rows[key] = pack_write(value)
        await self._writer.keep(Writes(rows))

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete all of a thread."""
        await self._writer.keep(Forget(str(thread_id)))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints of such runs of graphs, and what is on top of them."""
        places = []
        async for item in self.alist(None):
            if item.metadata.get("run_id") in run_ids:
                places.append((*_place(item.config), item.checkpoint["id"]))
        await self._writer.keep(without(places))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all of a thread to another one."""
        await self._writer.keep(copied(await self._reader.thread(str(source_thread_id)), str(target_thread_id)))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete all of some threads (``delete``), or all but the latest checkpoint of each namespace
        (``keep_latest``)."""
        await self._writer.keep(pruned([str(thread_id) for thread_id in thread_ids], strategy))

    def get_next_version(self, current: int | None, channel: None) -> int:
        """A higher version. Where all checkpoints are kept, the branches of a thread that go on from the same one give
        their channels different versions, so that none has the values of another."""
        if not self._history:
            return (current or 0) + 1
        return (((current or 0) >> _RANDOM_BITS) + 1 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)

    def get_tuple(self, config: RunnableConfig) -> NoReturn:
        """Raises NotImplementedError, as ``list``, ``put``, ``put_writes`` and ``delete_thread`` do."""
        raise NotImplementedError(_ASYNC_ONLY)

    def list(self, *arguments: Any, **named: Any) -> NoReturn:
        raise NotImplementedError(_ASYNC_ONLY)

    def put(self, *arguments: Any, **named: Any) -> NoReturn:
        raise NotImplementedError(_ASYNC_ONLY)

    def put_writes(self, *arguments: Any, **named: Any) -> NoReturn:
        raise NotImplementedError(_ASYNC_ONLY)

    def delete_thread(self, thread_id: str) -> NoReturn:
        raise NotImplementedError(_ASYNC_ONLY)


def _place(config: RunnableConfig) -> tuple[str, str]:
    """The thread and the namespace that are meant."""
    named = config["configurable"]
    return str(named["thread_id"]), str(named.get("checkpoint_ns", ""))


def _has(metadata: CheckpointMetadata, wanted: dict[str, Any]) -> bool:
    held: dict[str, Any] = {**metadata}
    return all(held.get(name) == value for name, value in wanted.items())
