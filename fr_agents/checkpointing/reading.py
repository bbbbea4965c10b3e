"""Reads checkpoints, each with its values and writes as they were at one moment of the file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple, writes_sort_key

from fr_agents.checkpointing.file import FORM
from fr_agents.checkpointing.plain import unpack
from fr_agents.checkpointing.rows import KEYS, CheckpointKey, Key, ValueKey, WriteKey, opened
from fr_agents.errors import InfrastructureError
from fr_agents.sqlite_file import FAILURES

# One statement, so that no transaction comes between a checkpoint and what belongs to it.
_ROWS = """
WITH found AS (SELECT * FROM checkpoints WHERE {where})
SELECT 'checkpoint', data, thread_id, checkpoint_ns, checkpoint_id, parent_id, held, NULL, NULL FROM found
UNION ALL
SELECT 'value', v.data, v.thread_id, v.checkpoint_ns, v.channel, v.version, NULL, NULL, NULL
FROM found, json_each(found.held) AS h JOIN channel_values AS v
ON v.thread_id = found.thread_id AND v.checkpoint_ns = found.checkpoint_ns
AND v.channel = json_extract(h.value, '$[0]') AND v.version = json_extract(h.value, '$[1]')
UNION ALL
SELECT 'write', w.data, w.thread_id, w.checkpoint_ns, w.checkpoint_id, w.task_id, w.idx, w.task_path, w.channel
FROM found JOIN writes AS w
ON w.thread_id = found.thread_id AND w.checkpoint_ns = found.checkpoint_ns AND w.checkpoint_id = found.checkpoint_id
"""
_ONE = _ROWS.format(where="thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?")
_LATEST = _ROWS.format(
    where="thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = (SELECT max(checkpoint_id) FROM checkpoints "
    "WHERE thread_id = ? AND checkpoint_ns = ?)"
)
_THREAD = _ROWS.format(where="thread_id = ?")
_LIST = """
SELECT thread_id, checkpoint_ns, checkpoint_id FROM checkpoints
WHERE (? IS NULL OR thread_id = ?) AND (? IS NULL OR checkpoint_ns = ?) AND (? IS NULL OR checkpoint_id = ?)
AND (? IS NULL OR checkpoint_id < ?) ORDER BY checkpoint_id DESC
"""


class CheckpointReader:
    """Reads the file at ``path``; what is not as it was written is an InfrastructureError that says what to do."""

    def __init__(self, path: Path, connection: aiosqlite.Connection) -> None:
        self._path = path
        self._connection = connection

    async def find(self, thread_id: str, space: str, checkpoint_id: str | None) -> CheckpointTuple | None:
        """A checkpoint with all that belongs to it; the latest of its thread and namespace where none is named."""
        if checkpoint_id is None:
            rows = await self._rows(_LATEST, (thread_id, space, thread_id, space))
        else:
            rows = await self._rows(_ONE, (thread_id, space, checkpoint_id))
        try:
            return _tuple(rows)
        except (ValueError, TypeError) as error:
            raise self._damaged(str(error)) from error

    async def listed(
        self, thread_id: str | None, space: str | None, checkpoint_id: str | None, before: str | None
    ) -> Sequence[tuple[str, str, str]]:
        """Thread, namespace and identifier of what is there, the newest first; None stands for any."""
        chosen = [value for value in (thread_id, space, checkpoint_id, before) for _ in range(2)]
        return [(row[0], row[1], row[2]) for row in await self._select(_LIST, chosen)]

    async def thread(self, thread_id: str) -> dict[Key, bytes]:
        """All rows of a thread that a checkpoint refers to."""
        return dict(await self._rows(_THREAD, (thread_id,)))

    async def _rows(self, statement: str, parameters: Sequence[str]) -> list[tuple[Key, bytes]]:
        rows = await self._select(statement, parameters)
        try:
            return [_opened(*row) for row in rows]
        except (ValueError, TypeError) as error:
            raise self._damaged(str(error)) from error

    async def _select(self, statement: str, parameters: Sequence[str | None]) -> Iterable[sqlite3.Row]:
        try:
            return await self._connection.execute_fetchall(statement, parameters)
        except FAILURES as error:
            raise InfrastructureError(FORM.problem(self._path, error)) from error

    def _damaged(self, what: str) -> InfrastructureError:
        return InfrastructureError(FORM.damaged(self._path, what))


def _opened(kind: str, stored: object, *columns: Any) -> tuple[Key, bytes]:
    form = KEYS[kind]
    key = form(*columns[: len(form._fields)])
    return key, opened(key, stored)


def _tuple(rows: Sequence[tuple[Key, bytes]]) -> CheckpointTuple | None:
    """A checkpoint of its rows. Raises ValueError or TypeError for what nobody has put."""
    found = [(key, data) for key, data in rows if isinstance(key, CheckpointKey)]
    if not found:
        return None
    ((key, data),) = found
    checkpoint, metadata = unpack(data)
    values = {row.channel: unpack(data) for row, data in rows if isinstance(row, ValueKey)}
    held = [channel for channel, _ in json.loads(key.held)]
    if len(values) != len(held):
        raise ValueError(f"values of channels of the thread {key.thread_id} are missing")
    checkpoint["channel_values"] = {channel: values[channel] for channel in held}
    return CheckpointTuple(
        config=config_of(key.thread_id, key.checkpoint_ns, key.checkpoint_id),
        checkpoint=checkpoint,
        metadata=metadata,
        parent_config=config_of(key.thread_id, key.checkpoint_ns, key.parent_id) if key.parent_id else None,
        pending_writes=[(row.task_id, row.channel, unpack(data)) for row, data in _writes(rows)],
    )


def _writes(rows: Sequence[tuple[Key, bytes]]) -> list[tuple[WriteKey, bytes]]:
    writes = [(key, data) for key, data in rows if isinstance(key, WriteKey)]
    return sorted(writes, key=lambda write: writes_sort_key(write[0].task_path, write[0].task_id, write[0].idx))


def config_of(thread_id: str, space: str, checkpoint_id: str) -> RunnableConfig:
    """What names a checkpoint to LangGraph."""
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": space, "checkpoint_id": checkpoint_id}}
