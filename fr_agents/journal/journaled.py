"""Answers from the journal what was paid for once, and keeps what is paid for now before anybody uses it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import anyio

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.calling import Caller, caller
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.backends.pacing.told import counting_tries
from fr_agents.config.models import ModelSettings
from fr_agents.journal.answers import Journal
from fr_agents.journal.entry import Entry, Kept
from fr_agents.journal.keys import request_key, shaping_text
from fr_agents.journal.paying import billing

_LOG = logging.getLogger(__name__)
_NOBODY = Caller("")


class JournaledBackend:
    """A role's model behind the journal. Calls of a job are found again; those without a job, such as probes, are only
    counted.

    An answer that the journal gives is the same as the one that was bought, and costs nothing. A request that a model
    refused (too long, filtered) is refused again in the same words, so that a resumed run goes the way that it went.

    Args:
        backend: What answers; ``PaidBackend`` is somewhere in it and tells the cost.
        journal: An open one.
        settings: The model that is asked, with all that may answer in its place.
        clock: Tells seconds.
    """

    def __init__(
        self,
        backend: Backend,
        journal: Journal,
        settings: ModelSettings,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._backend = backend
        self._journal = journal
        self._shaped = shaping_text(settings)
        self._clock = clock

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises UnanswerableRequest and InfrastructureError as the backend does; the latter also where the
        journal cannot be read or written."""
        who = caller() or _NOBODY
        key = None if who.job is None else request_key(who, request, self._shaped)
        kept = None if key is None else await self._journal.find(key)
        if kept is None:
            kept = await self._bought(request, who, key)
        else:
            _LOG.debug("answer found", {"model": self.name, "step": who.step})
        return kept.result()

    async def _bought(self, request: Request, who: Caller, key: str | None) -> Kept:
        """Ask, and keep what came of it: also what answers cost that are of no use to anybody, such as one that was
        cut off before its server went down."""
        with billing() as bill, counting_tries() as tries:
            began = self._clock()

            def counted() -> Entry:
                return replace(
                    Entry(None, who.job, who.role, who.stage, who.step, self.name, bill.model or self.name),
                    cost=bill.cost,
                    seconds=max(0.0, self._clock() - began - tries.waited),
                    tries=tries.tries,
                    faults=dict(tries.faults),
                )

            try:
                kept = await self._outcome(request)
            except BaseException:
                if bill.cost.calls:
                    await self._journal.keep(counted())
                raise
            entry = replace(counted(), key=key, kept=kept)
            _tell(entry)
            return await self._journal.keep(entry)

    async def _outcome(self, request: Request) -> Kept:
        try:
            return Kept(answer=await self._backend.complete(request))
        except UnanswerableRequest as error:
            return Kept(refusal=str(error))


def _tell(entry: Entry) -> None:
    told = {"model": entry.model, "step": entry.step, "seconds": round(entry.seconds, 3), "tries": entry.tries}
    tokens = {"prompt_tokens": entry.cost.prompt_tokens, "completion_tokens": entry.cost.completion_tokens}
    _LOG.debug("model answered", {**told, **tokens, "refused": entry.kept.refusal is not None})
