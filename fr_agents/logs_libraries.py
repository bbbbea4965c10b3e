"""What libraries and worlds tell by logging and warnings goes to the run's log, and not to the terminal."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import PurePath
from typing import Any

from fr_agents.logs import log_here
from fr_agents.logs_loggers import PACKAGES

_WARNINGS = "py.warnings"
_WARNING = re.compile(r"(?P<path>.*?):(?P<line>\d+): (?P<category>\w+): ")


def quiet_libraries() -> None:
    """Take over what would be printed; for a process that is a command line, since loggers belong to the whole process.

    Warnings of Python are left alone where somebody asked for them by ``-W`` or ``PYTHONWARNINGS``.
    """
    logging.getLogger().addHandler(_Libraries(logging.WARNING))
    if not sys.warnoptions:
        logging.captureWarnings(True)


class _Libraries(logging.Handler):
    """Notes who spoke, and where in its code. The words are left out: they may quote a prompt, an answer or a key."""

    def emit(self, record: logging.LogRecord) -> None:
        log = log_here()
        if log is None or record.levelno < log.level or record.name.partition(".")[0] in PACKAGES:
            return
        told = {"levelno": record.levelno, "levelname": record.levelname, "created": record.created}
        message = logging.makeLogRecord({**told, "msg": "library message", "args": _who(record)})
        log.acquire()
        try:
            log.emit(message)
        finally:
            log.release()


def _who(record: logging.LogRecord) -> dict[str, Any]:
    """Who told it, and the line of its code; the class of an exception, or the category of a warning."""
    warning = _WARNING.match(record.getMessage()) if record.name == _WARNINGS else None
    if warning is not None:
        return {"library": _WARNINGS, "at": _short(warning["path"], warning["line"]), "warning": warning["category"]}
    who: dict[str, Any] = {"library": record.name, "at": _short(record.pathname, record.lineno)}
    kind = record.exc_info[0] if record.exc_info else None
    return who if kind is None else {**who, "error": kind.__name__}


def _short(path: str, line: int | str) -> str:
    """A place in code, without where on this machine it is installed."""
    return f"{'/'.join(PurePath(path).parts[-2:])}:{line}"
