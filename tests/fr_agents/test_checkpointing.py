"""The file of checkpoints is free for the next run as soon as its saver is closed."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from fr_agents.checkpointing import open_checkpointer


async def _write(saver: AsyncSqliteSaver, thread: int) -> None:
    config = {"configurable": {"thread_id": str(thread), "checkpoint_ns": "", "checkpoint_id": "1"}}
    while True:
        await saver.aput_writes(config, [("calls", ["search"]), ("calls", ["book"])], task_id=str(thread))


async def test_writes_that_a_cancelled_job_left_behind_hold_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.sqlite"
    async with open_checkpointer("sqlite", file) as saver:
        assert isinstance(saver, AsyncSqliteSaver)
        # As LangGraph does: in tasks that nobody cancels.
        writers = [asyncio.create_task(_write(saver, thread)) for thread in range(8)]
        while not saver.conn.in_transaction:  # noqa: ASYNC110 - the saver tells nobody
            await asyncio.sleep(0)

    # What they raise when they find it closed keeps their frames alive, and the cursors in them.
    raised = await asyncio.gather(*writers, return_exceptions=True)
    assert len(raised) == len(writers)
    with sqlite3.connect(file, timeout=0) as other:
        other.execute("BEGIN IMMEDIATE")
    other.close()
