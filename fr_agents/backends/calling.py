"""Who calls a model, and where in the run: what a journal and a ledger file a call under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from graphs.usage import spot


@dataclass(frozen=True)
class Caller:
    """One call of a model: the role that makes it, the job and the node it is made in, and which of the job's calls for
    that role it is (the logical step). A call outside of any job, such as a probe, has the job None."""

    role: str
    job: int | None = None
    stage: str = ""
    step: int = 0


_CALLER: ContextVar[Caller | None] = ContextVar("fr_agents_caller", default=None)


@contextmanager
def calling(role: str) -> Iterator[Caller]:
    """Says who makes the calls in it, to every backend below."""
    here = spot()
    caller = Caller(role) if here is None else Caller(role, here.job, here.stage, here.calls(role))
    token = _CALLER.set(caller)
    try:
        yield caller
    finally:
        _CALLER.reset(token)


def caller() -> Caller | None:
    """Who makes the call that is under way; None where nobody said so."""
    return _CALLER.get()
