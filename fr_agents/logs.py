"""The log of a run: what happened, as JSON lines in the run's folder, and nothing on the terminal.

Any module tells an event with the standard library's logging, and what varies as one mapping:

    _LOG = logging.getLogger(__name__)
    _LOG.info("job decided", {"accepted": True, "turns": 3})

The text is constant, so that a log can be searched. Where in the run it happened (job, turn, node, attempt, role) comes
from context variables. Fields hold numbers, names and kinds: never what a user, a model or a tool said.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

from fr_agents.backends.calling import caller
from fr_agents.logs_file import LogFile, fields_of, lost_record
from fr_agents.logs_loggers import Taps
from graphs.usage import spot

LogLevel = Literal["debug", "info", "warning"]
LOG_FILE = "log.jsonl"

_LOG = logging.getLogger(__name__)
_MOST_WAITING = 100_000
_TAPS = Taps()
_JOB: ContextVar[int | None] = ContextVar("fr_agents_job", default=None)
_OPEN: ContextVar[logging.Handler | None] = ContextVar("fr_agents_log", default=None)


@contextmanager
def open_log(path: Path, level: LogLevel = "info") -> Iterator[None]:
    """Write what is told in it, by tasks and threads that begin in it too, to the file at ``path``.

    A thread of its own writes, so that the event loop never waits for the disk; all is written when the context ends.
    Several logs may be open at the same time: each of them gets its own lines alone.

    Args:
        path: The file, which is appended to. Where it cannot be written, lines are dropped and nothing is raised.
        level: What is less grave is left out.
    """
    queue: SimpleQueue[Any] = SimpleQueue()
    file = LogFile(path, more=lambda: not queue.empty())
    log = _QueuedLog(queue)
    log.setLevel(level.upper())
    listener = QueueListener(queue, file)
    listener.start()
    token = _OPEN.set(log)
    _TAPS.add(log)
    try:
        if file.repaired:
            _LOG.info("torn line repaired", {"file": path.name, "bytes": file.repaired})
        yield
    finally:
        _TAPS.remove(log)
        listener.stop()
        file.close()
        _OPEN.reset(token)


@contextmanager
def about_job(number: int) -> Iterator[None]:
    """What is told in it is about the job ``number``."""
    token = _JOB.set(number)
    try:
        yield
    finally:
        _JOB.reset(token)


def log_here() -> logging.Handler | None:
    """The log of the run that the caller belongs to; where nobody can tell, as in a thread of a library, the only one
    that is open."""
    found = _OPEN.get()
    if found is None and len(_TAPS.logs) == 1:
        return _TAPS.logs[0]
    return found


def place() -> dict[str, Any]:
    """Where in a run the caller is, as far as that is known: job, turn (from 1), node, attempt (from 0), role."""
    here, who = spot(), caller()
    found: dict[str, Any] = {}
    if here is not None:
        found = {"job": here.job, "turn": here.turn + 1, "node": here.stage, "attempt": here.attempt}
    elif (job := _JOB.get()) is not None:
        found = {"job": job}
    return found if who is None else {**found, "role": who.role}


class _QueuedLog(QueueHandler):
    """Hands the records of one run to the thread that writes them, with the place in the run where they were made.

    What the disk does not take for long is dropped and counted, so that a log never fills the memory.
    """

    def __init__(self, queue: SimpleQueue[Any]) -> None:
        super().__init__(queue)
        self._waiting = queue
        self._dropped = 0
        self.addFilter(lambda record: _OPEN.get() is self)

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """A copy with all fields, and without what belongs to the thread that made it."""
        told = copy(record)
        told.args = {**place(), **fields_of(record)}
        told.exc_info = told.exc_text = None
        return told

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put it into the queue, if there is room."""
        if self._waiting.qsize() >= _MOST_WAITING:
            self._dropped += 1
            return
        if self._dropped:
            self._waiting.put(lost_record(self._dropped))
            self._dropped = 0
        self._waiting.put(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class's name
        """Count it; the base class would print a traceback."""
        self._dropped += 1
