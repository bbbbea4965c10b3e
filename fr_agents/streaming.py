"""The async entry point ``stream``: a run as an async iterator of its trajectories."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from envs.discovery import Progress
from fr_agents.config import RunConfig, load_config
from fr_agents.discovery import RunGraph
from fr_agents.entry import Source, execute, folder_of
from fr_agents.models_now import ModelsNow
from fr_agents.store import Outcome
from graphs.records import Job, Trajectory


async def stream(config: Source, output: str | Path | None = None) -> AsyncGenerator[Trajectory]:
    """The run of ``synthesize``, which yields each trajectory as soon as it is stored. Raises as ``synthesize`` does.

    Closing the iterator stops the run, which can be resumed then. A loop that may be left early (``break``, ``return``
    or an exception) needs ``contextlib.aclosing`` around it, because Python closes what such a loop leaves at some
    later time, and until then the run goes on and is in use:

        async with aclosing(stream(config)) as records:
            async for record in records:
                break
    """
    loaded = load_config(config)
    folder = folder_of(loaded, output)
    send, receive = anyio.create_memory_object_stream[None](math.inf)
    # A task and not a task group: a generator may be closed from another task than the one that began it.
    running = asyncio.ensure_future(_announced(loaded, folder, send))
    async with receive:  # closed last: whoever still sends would fail
        try:
            async with aclosing(_read(folder / "trajectories.jsonl", receive)) as records:
                async for record in records:
                    yield record
            await running
        finally:
            if not running.cancelling():  # a second time would cut short how the first one is cleaned up after
                running.cancel()
            # Not `await running`: it would raise what ends the run, and could not be told from our own cancellation.
            await asyncio.wait({running})
            if not running.cancelled():
                running.exception()  # looked at, so that asyncio does not report it: whoever left wants no more


async def _read(path: Path, stored: MemoryObjectReceiveStream[None]) -> AsyncGenerator[Trajectory]:
    """A line of the file for each word that one was stored; so the run may be ahead and nothing waits in memory."""
    async for _ in stored:
        async with await anyio.open_file(path, encoding="utf-8") as file:
            yield Trajectory.model_validate_json(await file.readline())
            async for _ in stored:
                yield Trajectory.model_validate_json(await file.readline())


async def _announced(config: RunConfig, folder: Path, send: MemoryObjectSendStream[None]) -> None:
    async with send:
        await execute(config, folder, resume=False, observer=_Announcer(send))


class _Announcer:
    """An observer that sends a word for each trajectory that was stored."""

    def __init__(self, send: MemoryObjectSendStream[None]) -> None:
        self._send = send

    def discovering(self, told: Progress) -> None:
        """Nothing is announced while the world is probed."""

    def started(self, config: RunConfig, domain: Mapping[str, Any], graph: RunGraph | None) -> None:
        """Nothing is announced before the first trajectory."""

    def asking(self, now: Callable[[], ModelsNow]) -> None:
        """What models cost is not announced."""

    def decided(self, job: Job, outcome: Outcome, prefix: int) -> None:
        if isinstance(outcome, Trajectory):
            self._send.send_nowait(None)
