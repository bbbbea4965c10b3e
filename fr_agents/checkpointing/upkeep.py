"""What is done to threads as a whole: pruned, copied, freed of the checkpoints of some runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fr_agents.checkpointing.changes import PUT_CHECKPOINT, PUT_VALUE, PUT_WRITE, Statements
from fr_agents.checkpointing.rows import CheckpointKey, Key, Row, ValueKey, WriteKey, sealed

_DELETE = "DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
_DELETE_ALL = "DELETE FROM checkpoints WHERE thread_id = ?"
_DELETE_OLDER = """
DELETE FROM checkpoints WHERE thread_id = ? AND checkpoint_id < (
    SELECT max(other.checkpoint_id) FROM checkpoints AS other
    WHERE other.thread_id = checkpoints.thread_id AND other.checkpoint_ns = checkpoints.checkpoint_ns
)
"""
_SWEEP_WRITES = """
DELETE FROM writes WHERE thread_id = ? AND NOT EXISTS (
    SELECT 1 FROM checkpoints AS c WHERE c.thread_id = writes.thread_id
    AND c.checkpoint_ns = writes.checkpoint_ns AND c.checkpoint_id = writes.checkpoint_id
)
"""
_SWEEP_VALUES = """
DELETE FROM channel_values WHERE thread_id = ? AND NOT EXISTS (
    SELECT 1 FROM checkpoints AS c, json_each(c.held) AS h
    WHERE c.thread_id = channel_values.thread_id AND c.checkpoint_ns = channel_values.checkpoint_ns
    AND json_extract(h.value, '$[0]') = channel_values.channel
    AND json_extract(h.value, '$[1]') = channel_values.version
)
"""
_STRATEGIES = {"keep_latest": _DELETE_OLDER, "delete": _DELETE_ALL}
_PUT: dict[type[Key], str] = {CheckpointKey: PUT_CHECKPOINT, ValueKey: PUT_VALUE, WriteKey: PUT_WRITE}


def pruned(thread_ids: Sequence[str], strategy: str) -> Statements:
    """Deletes by a strategy of LangGraph's. Raises ValueError for another one."""
    if strategy not in _STRATEGIES:
        raise ValueError(f"{strategy!r} is no strategy for pruning: {' or '.join(map(repr, _STRATEGIES))}")
    return _deleting(_STRATEGIES[strategy], [(thread_id,) for thread_id in thread_ids], thread_ids)


def without(places: Sequence[tuple[str, str, str]]) -> Statements:
    """Deletes the checkpoints at ``places`` (thread, namespace, identifier)."""
    return _deleting(_DELETE, places, {thread_id for thread_id, _, _ in places})


def _deleting(statement: str, rows: Sequence[Row], thread_ids: Sequence[str] | set[str]) -> Statements:
    """Deletes checkpoints, and what no checkpoint refers to after that."""
    threads = [(thread_id,) for thread_id in sorted(thread_ids)]
    return Statements([(statement, rows), (_SWEEP_WRITES, threads), (_SWEEP_VALUES, threads)])


def copied(rows: Mapping[Key, bytes], thread_id: str) -> Statements:
    """Writes the rows of a thread once more, for another one."""
    made = [(_PUT[type(key)], sealed(key._replace(thread_id=thread_id), data)) for key, data in rows.items()]
    return Statements([(put, [row for statement, row in made if statement == put]) for put in _PUT.values()])
