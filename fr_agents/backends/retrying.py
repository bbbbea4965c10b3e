"""The one owner of retries (law 2): the client below makes none, and no node of a graph does."""

from __future__ import annotations

import logging

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.calling import caller
from fr_agents.backends.faults import BackendFault
from fr_agents.backends.pacing.endpoint import Endpoint, Errand
from fr_agents.backends.pacing.rates import estimated_tokens
from fr_agents.backends.pacing.told import Tries, tries_told
from fr_agents.backends.pacing.trying import Trying

_LOG = logging.getLogger(__name__)
_OUTSIDE_OF_JOBS = -1


class RetryingBackend:
    """Sends a request when its endpoint lets it, and again where a fault is transient: no connection, a time-out,
    throttling, a server error.

    Waits are drawn evenly from nothing up to a ceiling that doubles from one second to a minute; while it waits, a call
    holds no place among those in flight. Jobs that began first go first, and what belongs to no job before them.

    Args:
        backend: What answers.
        attempts: How often a request is sent at least before it is given up; see ``Trying`` for when it is.
        endpoint: The server that the backend calls, shared with all who call it. Without one the backend has its own,
            which knows no patience: a request is sent ``attempts`` times and not more.
        max_tokens: The longest answer of the model, for requests that name none.
    """

    def __init__(
        self, backend: Backend, attempts: int, endpoint: Endpoint | None = None, max_tokens: int | None = None
    ) -> None:
        self._backend = backend
        self._attempts = max(1, attempts)
        self._endpoint = endpoint or Endpoint(patience=0.0)
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer.

        Raises:
            BackendFault: the request was given up, or its server; at once where waiting cannot help.
            UnanswerableRequest: only another request can be answered.
        """
        trying = Trying(self._attempts, self._endpoint)
        errand = self._errand(request)
        tries = tries_told()
        clock = self._endpoint.timing.clock
        waiting_since = clock()
        while True:
            try:
                async with self._endpoint.sending(errand):
                    tries.waited += clock() - waiting_since
                    return await self._sent(request, errand, tries)
            except BackendFault as fault:
                waiting_since = clock()
                wait = trying.wait_after(fault)
                self._tell(fault, tries.tries, wait)
            await self._endpoint.timing.sleep(wait)

    async def _sent(self, request: Request, errand: Errand, tries: Tries) -> Answer:
        tries.tries += 1
        try:
            answer = await self._backend.complete(request)
        except BackendFault as fault:
            tries.faults[fault.kind] += 1
            raise
        errand.used = answer.prompt_tokens + answer.completion_tokens or None
        return answer

    def _tell(self, fault: BackendFault, tries: int, wait: float) -> None:
        told = {"model": self.name, "fault": fault.kind, "tries": tries, "wait": round(wait, 3)}
        _LOG.warning("try failed", told if fault.retry_after is None else {**told, "retry_after": fault.retry_after})

    def _errand(self, request: Request) -> Errand:
        who = caller()
        job = None if who is None else who.job
        tokens = estimated_tokens(request, self._max_tokens) if self._endpoint.rates.counts_tokens else 0
        return Errand(_OUTSIDE_OF_JOBS if job is None else job, tokens)
