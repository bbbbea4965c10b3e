"""How often a call had to be sent, told to whoever keeps the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Tries:
    """What answers took: requests that were sent, the faults that they met by kind, and the seconds in which nothing
    of them was in flight: waits between tries, for a slot, and for a server that throttles or is down."""

    tries: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    waited: float = 0.0


_TRIES: ContextVar[Tries | None] = ContextVar("fr_agents_tries", default=None)


@contextmanager
def counting_tries() -> Iterator[Tries]:
    """Counts the tries of the calls that are made in it. A count inside another one is apart."""
    tries = Tries()
    token = _TRIES.set(tries)
    try:
        yield tries
    finally:
        _TRIES.reset(token)


def tries_told() -> Tries:
    """Where to count the tries of the call under way; a count that nobody reads, where nobody asked for one."""
    return _TRIES.get() or Tries()
