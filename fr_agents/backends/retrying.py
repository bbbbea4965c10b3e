"""The one owner of retries (law 2): the client below makes none, and no node of a graph does."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import anyio

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault
from fr_agents.errors import InfrastructureError

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
# A service that asks for more is not throttling but closed; whoever runs this decides then.
_LONGEST_RETRY_AFTER = 600.0


class RetryingBackend:
    """Waits and tries again where a fault is transient: no connection, a time-out, throttling, a server error.

    Waits double from one second to a minute, with jitter, and are never shorter than the ``Retry-After`` of the
    service.

    Args:
        backend: What answers.
        attempts: How often a request is sent at most.
        sleep: What waits.
        jitter: Draws the jitter. It changes when a request is sent, never what comes back.
    """

    def __init__(
        self,
        backend: Backend,
        attempts: int,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        jitter: random.Random | None = None,
    ) -> None:
        self._backend = backend
        self._attempts = max(1, attempts)
        self._sleep = sleep
        self._jitter = jitter or random.Random()  # noqa: S311 - timing, not cryptography

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises InfrastructureError once all attempts are used up, and at once where waiting cannot help."""
        last: BackendFault | None = None
        for attempt in range(self._attempts):
            if last is not None:
                await self._sleep(self._wait(last, attempt))
            try:
                return await self._backend.complete(request)
            except BackendFault as fault:
                if not fault.transient or (fault.retry_after or 0) > _LONGEST_RETRY_AFTER:
                    raise
                last = fault
        assert last is not None  # noqa: S101 - there is at least one attempt, and it failed
        if self._attempts == 1:
            raise last
        raise InfrastructureError(f"{last.where} {last.detail} (tried {self._attempts} times)")

    def _wait(self, fault: BackendFault, attempt: int) -> float:
        """How long to wait before the next attempt."""
        if fault.retry_after:
            return fault.retry_after + self._jitter.uniform(0.0, 1.0)
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (attempt - 1)) * self._jitter.uniform(0.5, 1.0)
