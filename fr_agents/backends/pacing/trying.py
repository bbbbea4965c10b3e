"""Whether one call is tried again, and after how long."""

from __future__ import annotations

from fr_agents.backends.faults import BackendFault
from fr_agents.backends.pacing.endpoint import Endpoint
from fr_agents.backends.pacing.outage import spell_seconds

_LONGEST_WAIT = 60.0
# A service that asks for more is not throttling but closed, unless there is more patience than that.
_LONGEST_RETRY_AFTER = 600.0
_LAST_WAITS = 8


class _Count:
    """How often something happened to a call, and since when."""

    def __init__(self) -> None:
        self.times = 0
        self.since = 0.0

    def add(self, now: float) -> None:
        if not self.times:
            self.since = now
        self.times += 1


class Trying:
    """The tries of one call.

    It is given up once it has failed ``attempts`` times *and* has been failing for the endpoint's patience: so neither
    a bad minute nor a short glitch ends a run, and a call that its server will never manage does. Throttling is counted
    apart from failures, and what fails while the server is down is not counted at all. After its attempts a call waits
    longer and longer, up to an eighth of the patience, so that a hopeless one costs little.
    """

    def __init__(self, attempts: int, endpoint: Endpoint) -> None:
        self._attempts = attempts
        self._endpoint = endpoint
        self._failures = _Count()
        self._throttles = _Count()

    def wait_after(self, fault: BackendFault) -> float:
        """How long to wait before the call is tried again; pauses of the whole endpoint come on top.

        Raises:
            BackendFault: it is given up. What waiting cannot help is given up at once.
        """
        if not fault.transient or (fault.retry_after or 0) > max(_LONGEST_RETRY_AFTER, self._endpoint.patience):
            raise fault
        if self._endpoint.outage.down:
            self._failures = _Count()
            return 0.0
        now = self._endpoint.timing.clock()
        count = self._throttles if fault.kind == "rate_limit" else self._failures
        count.add(now)
        if count.times >= self._attempts and now - count.since >= self._endpoint.patience:
            raise self._given_up(fault, count, now)
        if fault.retry_after:
            return 0.0
        return self._endpoint.timing.jitter.uniform(0.0, self._ceiling(count.times))

    def _ceiling(self, times: int) -> float:
        longest = _LONGEST_WAIT if times < self._attempts else max(_LONGEST_WAIT, self._endpoint.patience / _LAST_WAITS)
        return float(min(longest, 2.0 ** min(times - 1, 30)))

    def _given_up(self, fault: BackendFault, count: _Count, now: float) -> BackendFault:
        if count.times == 1:
            return fault
        over = f" over {spell_seconds(now - count.since)}" if self._endpoint.patience else ""
        return BackendFault(fault.kind, fault.where, f"{fault.detail} (tried {count.times} times{over})")
