"""Lets whoever waits for world code see which tool it calls and since when, and tell it that nobody waits any more.

World code cannot be interrupted from another thread. So it notes each call as it begins, and what was given up ends by
itself before it does anything else: at its next call, or when it wants to hand its world back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from tools.base import Json, JsonObject

Clock = Callable[[], float]
Result = TypeVar("Result")


class GivenUp(BaseException):
    """Nobody waits for this code any more. No Exception, so that neither a tool nor a world catches it."""


@dataclass(frozen=True)
class RunningCall:
    """A call that has not ended: its tool, and when it began."""

    tool: str
    since: float


class CallWatch:
    """What one thread does in worlds, as another one sees it: ``call`` is the call that it is in, if it is in one.

    Args:
        clock: Tells when calls begin, in seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self.call: RunningCall | None = None
        self._clock = clock
        self._given_up = False

    def run(self, function: Callable[[], Result]) -> Result:
        """What ``function`` gives; the calls that it makes in worlds are seen here."""
        token = _WATCH.set(self)
        try:
            return function()
        finally:
            _WATCH.reset(token)

    def give_up(self) -> None:
        """End the code that is watched as soon as it makes its next call or hands a world back."""
        self._given_up = True

    def check(self) -> None:
        """Raises GivenUp where nobody waits any more."""
        if self._given_up:
            raise GivenUp

    @contextmanager
    def calling(self, tool: str) -> Iterator[None]:
        """Note a call of ``tool`` while it runs. Raises GivenUp before it is made, where nobody waits for it."""
        self.check()
        outer, self.call = self.call, RunningCall(tool, self._clock())
        try:
            yield
        finally:
            self.call = outer


_WATCH: ContextVar[CallWatch | None] = ContextVar("fr_agents_call_watch", default=None)


def seen_call(function: Callable[[str, JsonObject], Json], tool: str, arguments: JsonObject) -> Json:
    """What ``function`` gives for a call of ``tool``, which whoever watches sees while it runs."""
    watch = _WATCH.get()
    if watch is None:
        return function(tool, arguments)
    with watch.calling(tool):
        return function(tool, arguments)


def check_wanted() -> None:
    """Raises GivenUp where the code that calls this was given up."""
    watch = _WATCH.get()
    if watch is not None:
        watch.check()
