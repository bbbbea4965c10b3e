"""Time and chance, as everything that waits takes them: a test gives its own, and waits for nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio


@dataclass(frozen=True)
class Timing:
    """A clock in seconds, what waits, and what draws jitter. Jitter changes when a request is sent, never what comes
    back. The clock can be read in any thread: who watches a run asks how long it waits already."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    jitter: random.Random = field(default_factory=random.Random)

    async def sleep_unless(self, event: anyio.Event, seconds: float) -> None:
        """Wait for ``seconds``, or for ``event`` if that comes first."""
        async with anyio.create_task_group() as group:

            async def _wait() -> None:
                await self.sleep(seconds)
                group.cancel_scope.cancel()

            group.start_soon(_wait)
            await event.wait()
            group.cancel_scope.cancel()
