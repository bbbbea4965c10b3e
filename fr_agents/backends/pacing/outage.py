"""Notices that a server is down, keeps the calls back, and notices that it is there again."""

from __future__ import annotations

import logging

import anyio

from fr_agents.backends.faults import BackendFault, FaultKind
from fr_agents.backends.pacing.timing import Timing

_LOG = logging.getLogger(__name__)

_DOWN: frozenset[FaultKind] = frozenset({"refused", "unreachable", "reset", "timeout", "server"})
# So many failures in a row, and not one answer between them. They must be of two calls at least, unless they are such
# as no request can bring about.
_FAILURES = 5
_CALLS = 2
_NO_CONNECTION: frozenset[FaultKind] = frozenset({"refused", "unreachable"})
_LONGEST_WAIT = 30.0


class Outage:
    """A circuit breaker for one server.

    It is down once five tries in a row have failed in a way that servers fail that are down. Then all calls wait at
    ``wait_for_turn``, and one at a time is let through to see, after waits that double up to half a minute. The first
    sign of life opens it for all. Nothing is lost to an outage that ends within ``patience``.

    Args:
        patience: Seconds without an answer after which it gives up. With 0 it keeps no call back at all: each call then
            has its own tries, and no more.
        timing: Clock, sleep and jitter.
    """

    def __init__(self, patience: float, timing: Timing) -> None:
        self._patience = patience
        self._timing = timing
        self._failures = 0
        self._failed_calls: set[object] = set()
        self._since = 0.0
        self._last: BackendFault | None = None
        self._down = False
        self._probing = False
        self._probes = 0
        self._next_probe = 0.0
        self._changed = anyio.Event()

    @property
    def down(self) -> bool:
        """Whether the server counts as down."""
        return self._down

    @property
    def lasted(self) -> float:
        """Seconds since the first of the failures that no answer has followed; 0 where there is none."""
        return self._timing.clock() - self._since if self._failures else 0.0

    @property
    def last(self) -> BackendFault | None:
        """The latest of these failures."""
        return self._last

    async def wait_for_turn(self) -> None:
        """Returns at once while the server is up, and otherwise when it is, or when the next call may try it. To be
        called by one caller at a time, which then says ``begin``.

        Raises:
            BackendFault: of kind ``outage``, when the server has not answered for as long as there is patience.
        """
        while self._down:
            left = self._patience - self.lasted
            if left <= 0:
                raise self._given_up()
            wait = min(left, self._next_probe - self._timing.clock())
            if self._probing:
                await self._changed.wait()
            elif wait > 0:
                await self._timing.sleep_unless(self._changed, wait)
            else:
                return

    def begin(self) -> bool:
        """A call is sent. Returns whether it is the one that tries a server that is down; then it must say ``end``."""
        probe = self._down and not self._probing
        self._probing = self._probing or probe
        return probe

    def end(self) -> None:
        """The call that tried the server is over, whatever became of it."""
        self._probing = False
        self._notify()

    def failed(self, call: object, fault: BackendFault, probe: bool = False) -> None:
        """``call`` failed; whether that speaks for an outage depends on the kind of fault. The same call counts as the
        same one when it is tried again. ``probe``: it was the one that tried a server that is down."""
        if fault.kind not in _DOWN or not self._patience:
            return
        if not self._failures:
            self._since = self._timing.clock()
        self._failures += 1
        self._failed_calls.add(call)
        self._last = fault
        if not self._down and self._enough(fault):
            self._down = probe = True
            _LOG.warning("outage begun", {"server": fault.where, "fault": fault.kind, "seconds": round(self.lasted, 3)})
        if probe:
            ceiling = min(_LONGEST_WAIT, 2.0 ** min(self._probes, 30))
            self._probes += 1
            self._next_probe = self._timing.clock() + self._timing.jitter.uniform(0.0, ceiling)

    def _enough(self, fault: BackendFault) -> bool:
        several = len(self._failed_calls) >= _CALLS or fault.kind in _NO_CONNECTION
        return several and self._failures >= _FAILURES

    def answered(self) -> bool:
        """The server gave a sign of life. Returns whether that ended an outage."""
        ended = self._down
        if ended and self._last is not None:
            _LOG.warning("outage ended", {"server": self._last.where, "seconds": round(self.lasted, 3)})
        self._down = False
        self._failures = self._probes = 0
        self._failed_calls.clear()
        self._last = None
        if ended:
            self._notify()
        return ended

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _given_up(self) -> BackendFault:
        assert self._last is not None  # noqa: S101 - nothing is down without a failure
        return BackendFault(
            "outage",
            self._last.where,
            f"has not answered for {spell_seconds(self.lasted)}, which is as long as limits.outage lets a run wait. "
            f"At last it {self._last.detail}. Nothing is lost: resume the run when the server is there again.",
        )


def spell_seconds(seconds: float) -> str:
    """A duration for a person: ``40 seconds``, ``1 minute``, ``75 minutes``."""
    number, unit = (seconds, "second") if seconds < 60 else (seconds / 60, "minute")
    return f"{number:.0f} {unit}" + ("" if f"{number:.0f}" == "1" else "s")
