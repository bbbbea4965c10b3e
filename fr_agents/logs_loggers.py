"""The loggers of our packages while logs are open: wide enough for the logs, and no louder for anybody else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

PACKAGES = ("fr_agents", "graphs", "envs")


class Taps:
    """Hands what our packages tell to the logs that are open; they may be opened and closed by several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._logs: list[logging.Handler] = []
        self._taps: list[_Tap] = []

    @property
    def logs(self) -> tuple[logging.Handler, ...]:
        """Those that are open."""
        return tuple(self._logs)

    def add(self, log: logging.Handler) -> None:
        """Let ``log`` hear everything from its level on."""
        with self._guard:
            if not self._logs:
                self._taps = [_Tap(logging.getLogger(name)) for name in PACKAGES]
            self._logs.append(log)
            for tap in self._taps:
                tap.logger.addHandler(log)
                tap.widen(self._logs)

    def remove(self, log: logging.Handler) -> None:
        """Let it hear nothing any more. After the last one all loggers are as they were before the first."""
        with self._guard:
            self._logs.remove(log)
            for tap in self._taps:
                tap.logger.removeHandler(log)
                tap.widen(self._logs)
            if not self._logs:
                while self._taps:
                    self._taps.pop().end()


class _Tap:
    """One logger while logs are open.

    A logger that lets a record through gives it to the handlers of the whole program, whatever level these were set up
    for. So while ours lets more through than before, nothing goes up by itself, and ``_Upwards`` passes on the rest.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self.logger = logger
        self._level, self._propagate = logger.level, logger.propagate
        self._upwards = _Upwards(logger)
        logger.addHandler(self._upwards)
        logger.propagate = False

    def widen(self, logs: Sequence[logging.Handler]) -> None:
        """Let through what any of the logs wants, and what went through before."""
        self.logger.setLevel(min([self._upwards.level, *(log.level for log in logs)]))

    def end(self) -> None:
        """Leave the logger as it was found."""
        self.logger.removeHandler(self._upwards)
        self.logger.propagate = self._propagate
        self.logger.setLevel(self._level)


class _Upwards(logging.Handler):
    """Passes on to the program's own handlers what they would get if no log were open."""

    def __init__(self, logger: logging.Logger) -> None:
        super().__init__(logger.getEffectiveLevel())
        self._above = logger.parent if logger.propagate else None

    def emit(self, record: logging.LogRecord) -> None:
        # Without handlers the standard library would print it.
        if self._above is not None and self._above.hasHandlers():
            self._above.handle(record)
