"""Requests and tokens per minute, as far as a server's limits are known."""

from __future__ import annotations

import time
from collections.abc import Callable

from fr_agents.backends.backend import Request
from tools.base import canonical_json

_MINUTE = 60.0
# How much of a minute's allowance may be used at once: more would overrun a server that counts by shorter spans.
_BURST = 5.0 / _MINUTE
_CHARACTERS_A_TOKEN = 4
# Less than this is rounding, and would be waited for in steps that move no clock.
_NOTHING = 1e-6


class TokenBucket:
    """Fills evenly with ``per_minute``, and holds what five seconds bring, but at least one."""

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        self._rate = per_minute / _MINUTE
        self._size = max(1.0, per_minute * _BURST)
        self._clock = clock
        self._level = self._size
        self._filled: float | None = None

    def wait(self, amount: float) -> float:
        """Seconds until ``amount`` may be taken. More than the bucket holds may be taken from a full one, and leaves a
        debt."""
        self._fill()
        missing = min(amount, self._size) - self._level
        return missing / self._rate if missing > _NOTHING else 0.0

    def take(self, amount: float) -> None:
        """Take ``amount``; less than nothing gives back."""
        self._fill()
        self._level = min(self._size, self._level - amount)

    def _fill(self) -> None:
        now = self._clock()
        if self._filled is not None:
            self._level = min(self._size, self._level + (now - self._filled) * self._rate)
        self._filled = now


class RateLimit:
    """What a server allows in a minute; None allows anything.

    Tokens are estimated before a call, and put right once it has told what it used.
    """

    def __init__(
        self,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._per_minute: dict[str, float] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self.tighten(requests_per_minute, tokens_per_minute)

    def tighten(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        """Keep these limits too: of two for the same server the lower one holds."""
        for name, per_minute in (("requests", requests_per_minute), ("tokens", tokens_per_minute)):
            if per_minute is not None and per_minute < self._per_minute.get(name, float("inf")):
                self._per_minute[name] = per_minute
                self._buckets[name] = TokenBucket(per_minute, self._clock)

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a call takes."""
        return "tokens" in self._buckets

    def wait(self, tokens: int) -> float:
        """Seconds until a call that takes ``tokens`` may be sent."""
        return max((bucket.wait(self._amount(name, tokens)) for name, bucket in self._buckets.items()), default=0.0)

    def take(self, tokens: int) -> None:
        """Count a call that is sent now."""
        for name, bucket in self._buckets.items():
            bucket.take(self._amount(name, tokens))

    def correct(self, estimated: int, used: int) -> None:
        """A call that was taken for ``estimated`` tokens took ``used``."""
        if self.counts_tokens:
            self._buckets["tokens"].take(used - estimated)

    @staticmethod
    def _amount(name: str, tokens: int) -> float:
        return 1.0 if name == "requests" else float(tokens)


def estimated_tokens(request: Request, max_tokens: int | None) -> int:
    """What a request may take: a token for each four characters of it, and the longest answer it may get."""
    written = [*request.messages, *request.tools, *([request.output.json_schema] if request.output else [])]
    characters = sum(len(canonical_json(part)) for part in written)
    return characters // _CHARACTERS_A_TOKEN + (request.max_tokens or max_tokens or 0)
