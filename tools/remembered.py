"""A bounded memory of what was worked out before."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MISSING: Any = object()


class Remembered(Generic[Key, Value]):
    """The values that were asked for last, each worked out once as long as it is kept.

    Threads may share one. A value that two of them ask for at the same time may be worked out twice: nobody waits for
    somebody else's computation, which may never end.

    Args:
        capacity: How many values are kept; with 0 none is, and each is worked out anew.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: dict[Key, Value] = {}
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of ``key``, made by ``make`` where it is not kept. What ``make`` raises is not kept."""
        with self._lock:
            value: Value = self._kept.pop(key, _MISSING)
            if value is not _MISSING:
                self._kept[key] = value
                return value
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._capacity:
                del self._kept[next(iter(self._kept))]
        return value
