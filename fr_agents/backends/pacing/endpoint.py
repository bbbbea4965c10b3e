"""One server, as all models and roles of a run that use it share it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.pacing.concurrency import AdaptiveLimiter, Slot
from fr_agents.backends.pacing.outage import Outage, spell_seconds
from fr_agents.backends.pacing.queueing import PriorityQueue
from fr_agents.backends.pacing.rates import RateLimit
from fr_agents.backends.pacing.timing import Timing
from fr_agents.config.models import ModelSettings

_LOG = logging.getLogger(__name__)

DEFAULT_PATIENCE = 3600.0
_MOST = 4096
_LONGEST_PAUSE = 30.0


@dataclass(eq=False)
class Errand:
    """One call to a server, the same over all of its tries. Of those that wait, the lowest ``priority`` goes first.

    ``tokens`` is what it will take by estimate; whoever makes the call sets ``used`` to what it took.
    """

    priority: int = -1
    tokens: int = 0
    used: int | None = None


class Endpoint:
    """Decides when a call may be sent to a server, and learns from how it went.

    Args:
        concurrency: The most calls in flight.
        patience: Seconds for which a server that does not answer is waited for. With 0 no outage is waited for: each
            call has its own tries, and no more.
        requests_per_minute: None where it is not known.
        tokens_per_minute: None where it is not known.
        timing: Clock, sleep and jitter.
    """

    def __init__(
        self,
        concurrency: int = _MOST,
        patience: float = DEFAULT_PATIENCE,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.timing = timing or Timing()
        self.patience = patience
        self.limiter = AdaptiveLimiter(concurrency)
        self.rates = RateLimit(requests_per_minute, tokens_per_minute, self.timing.clock)
        self.outage = Outage(patience, self.timing)
        self._front = PriorityQueue(1)
        self._paused_until = float("-inf")
        self._cuts = 0
        self._throttler = ""

    @asynccontextmanager
    async def sending(self, errand: Errand) -> AsyncIterator[None]:
        """Waits until the errand may be sent, and holds a place among the calls in flight while it is under way.

        What is raised in it tells how the call went, and comes out as it is.

        Raises:
            BackendFault: of kind ``outage``, when the server has not answered for as long as there is patience.
        """
        async with self.limiter.slot(errand.priority) as slot:
            probe = await self._admitted(errand)
            self.limiter.sent(slot)
            try:
                yield
            except BackendFault as fault:
                self._failed(errand, slot, fault, probe)
                raise
            except UnanswerableRequest:
                self._answered()
                raise
            else:
                self._succeeded(errand, slot)
            finally:
                if probe:
                    self.outage.end()

    def trouble(self) -> str | None:
        """What keeps calls back now, for a person who watches a run; None where nothing does."""
        last = self.outage.last
        if self.outage.down and last is not None:
            return f"{last.where} {last.detail}; waiting for it for {spell_seconds(self.outage.lasted)}"
        pause = self._paused_until - self.timing.clock()
        return f"{self._throttler} throttles, for another {spell_seconds(pause)}" if pause >= 1 else None

    async def _admitted(self, errand: Errand) -> bool:
        """Waits out outages, pauses and rates. Returns whether the call tries a server that is down."""
        async with self._front.place(errand.priority):
            while True:
                await self.limiter.room()
                await self.outage.wait_for_turn()
                wait = max(self._paused_until - self.timing.clock(), self.rates.wait(errand.tokens))
                if wait <= 0 and self.limiter.in_flight < self.limiter.limit:
                    # Nothing is awaited between the looks and this, so nothing comes between them.
                    self.rates.take(errand.tokens)
                    return self.outage.begin()
                if wait > 0:
                    await self.timing.sleep(wait)

    def _succeeded(self, errand: Errand, slot: Slot) -> None:
        self._cuts = 0
        self._answered()
        self.limiter.succeeded(slot)
        if errand.used is not None:
            self.rates.correct(errand.tokens, errand.used)

    def _answered(self) -> None:
        if self.outage.answered():
            self.limiter.begin_anew()

    def _failed(self, errand: Errand, slot: Slot, fault: BackendFault, probe: bool) -> None:
        self.outage.failed(errand, fault, probe)
        if fault.shows_life:
            self._answered()
        if fault.kind == "rate_limit":
            self._throttled(slot, fault.where)
        if fault.transient and fault.retry_after:
            self._throttler = fault.where
            self._pause(fault.retry_after + self.timing.jitter.uniform(0.0, 1.0))

    def _throttled(self, slot: Slot, where: str) -> None:
        """Cuts the limit. A server that goes on throttling without one answer after a cut gets a pause, too."""
        if not self.limiter.throttled(slot):
            return
        self._throttler = where
        _LOG.warning("concurrency cut", {"server": where, "limit": self.limiter.limit})
        self._cuts += 1
        if self._cuts > 1:
            self._pause(self.timing.jitter.uniform(0.0, min(_LONGEST_PAUSE, 2.0 ** (self._cuts - 2))))

    def _pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self.timing.clock() + seconds)


class Endpoints:
    """The servers of a run, each of them one endpoint, however many models and roles use it.

    Args:
        concurrency: The most calls in flight to each server (``limits.concurrency``).
        patience: Seconds for which a server that does not answer is waited for (``limits.outage``).
        timing: Clock, sleep and jitter.
    """

    def __init__(
        self, concurrency: int = _MOST, patience: float = DEFAULT_PATIENCE, timing: Timing | None = None
    ) -> None:
        self._concurrency = concurrency
        self._patience = patience
        self._timing = timing
        self._endpoints: dict[tuple[str, str | None], Endpoint] = {}

    def of(self, settings: ModelSettings) -> Endpoint:
        """The endpoint of a model: the same for the same address and key. Where several of its models name rates, the
        lowest hold for all of them together."""
        key = ((settings.base_url or "").rstrip("/"), settings.key_variable)
        if key not in self._endpoints:
            self._endpoints[key] = Endpoint(self._concurrency, self._patience, timing=self._timing)
        endpoint = self._endpoints[key]
        endpoint.rates.tighten(settings.requests_per_minute, settings.tokens_per_minute)
        return endpoint

    def impatient(self) -> Endpoints:
        """The same servers for calls that go elsewhere when their own tries are used up, at a pace of their own."""
        return Endpoints(self._concurrency, 0.0, self._timing)

    def troubles(self) -> tuple[str, ...]:
        """What keeps calls back now, by endpoint, for a person who watches a run."""
        return tuple(text for endpoint in self._endpoints.values() if (text := endpoint.trouble()) is not None)
