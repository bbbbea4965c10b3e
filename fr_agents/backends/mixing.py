"""Several models for one role: one that stands in for another, and one of several, chosen by the job's number."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.calling import caller
from fr_agents.backends.faults import BackendFault
from fr_agents.config.models import ModelSettings
from tools.base import generator

_LOG = logging.getLogger(__name__)

# Who writes thoughts anew is the one who had them.
_DRAWS_AS = {"rewriting": "reasoning"}


def arranged(settings: ModelSettings, single: Callable[[ModelSettings], Backend]) -> Backend:
    """The backend that ``settings`` stand for, with their mix and their fallbacks.

    Args:
        settings: One model, or several.
        single: The open backend of one model; it is asked for each of ``settings.every()``, and for nothing else.
    """
    if settings.mix:
        members = [arranged(member, single) for member in settings.mix]
        first: Backend = MixedBackend(members, [member.weight for member in settings.mix])
    else:
        first = single(settings.alone())
    if not settings.fallbacks:
        return first
    return FallbackBackend([first, *(arranged(fallback, single) for fallback in settings.fallbacks)])


class FallbackBackend:
    """Asks the first of its backends that answers, and stays with it for the rest of a job.

    The next one is asked where the one before gave up for a reason that lies in its service: no access, an unknown
    model, no quota, tries used up. A request that a model cannot answer goes to no other: it is the request's fault.
    """

    def __init__(self, backends: Sequence[Backend]) -> None:
        self._backends = tuple(backends)
        self._left: dict[int, int] = {}  # by job, how many of the backends have given up on it
        self.name = ", else ".join(backend.name for backend in self._backends)

    async def complete(self, request: Request) -> Answer:
        """Answer; ``model`` tells who did. Raises UnanswerableRequest, and BackendFault where nobody is left."""
        here = caller()
        job = here.job if here is not None else None
        failed: list[BackendFault] = []
        first = 0 if job is None else self._left.get(job, 0)
        for index in range(first, len(self._backends)):
            try:
                return await _answered(self._backends[index], request)
            except BackendFault as fault:
                failed.append(fault)
                if index + 1 < len(self._backends):
                    self._next_for(job, index + 1, fault)
        raise _all_of(failed)

    def _next_for(self, job: int | None, index: int, fault: BackendFault) -> None:
        told = {"model": self._backends[index - 1].name, "fault": fault.kind}
        _LOG.warning("fallback taken", {**told, "instead": self._backends[index].name})
        if job is not None:
            self._left[job] = max(self._left.get(job, 0), index)


class MixedBackend:
    """Asks one of its backends: for each call of a job the same one, which follows from the role and the job's number.

    So a resumed job goes on with the model that it was begun with, and whatever is made of the jobs has a share of each
    model's habits. Calls outside of any job go to the first.
    """

    def __init__(self, backends: Sequence[Backend], weights: Sequence[float]) -> None:
        whole = sum(weights)
        named = zip(backends, weights, strict=True)
        self.name = "mix of " + " and ".join(f"{backend.name} ({weight / whole:.0%})" for backend, weight in named)
        self._backends = tuple(backends)
        self._weights = tuple(weights)

    async def complete(self, request: Request) -> Answer:
        """Answer; ``model`` tells who did. Raises what the chosen backend raises."""
        return await _answered(self._chosen(), request)

    def _chosen(self) -> Backend:
        here = caller()
        if here is None or here.job is None:
            return self._backends[0]
        draws = generator("mix", _DRAWS_AS.get(here.role, here.role), here.job)
        return draws.choices(self._backends, self._weights)[0]


async def _answered(backend: Backend, request: Request) -> Answer:
    answer = await backend.complete(request)
    return answer if answer.model else answer.model_copy(update={"model": backend.name})


def _all_of(failed: Sequence[BackendFault]) -> BackendFault:
    """One fault for several: the last one, which tells of those before it."""
    last = failed[-1]
    if len(failed) == 1:
        return last
    before = "; ".join(str(fault).rstrip(".") for fault in failed[:-1])
    return BackendFault(last.kind, last.where, f"{last.detail.rstrip('.')} (before it: {before})", last.retry_after)
