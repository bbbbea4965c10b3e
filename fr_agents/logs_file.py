"""The file of a log: JSON lines, appended by one thread, and never a reason for anything to stop."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fr_agents.files import cut_torn_line

_MOST_AT_ONCE = 256


class LogFile(logging.Handler):
    """Appends records to a file, several in one write where several wait.

    What cannot be written (a full disk, a folder that may not be written) is counted, and told in a line of its own as
    soon as something can be written again. Nothing is raised and nothing printed: no run ends for its log.

    Args:
        path: The file, which is made where there is none. A last line that a kill has torn is cut off.
        more: Tells whether another record comes at once.

    Attributes:
        repaired: How many bytes of a torn line were cut off.
    """

    def __init__(self, path: Path, more: Callable[[], bool]) -> None:
        super().__init__()
        self._more = more
        self._lines: list[bytes] = []
        self._lost = 0
        self._descriptor, self.repaired = _opened(path)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or keep it until those are there that come at once."""
        try:
            self._lines.append(line_of(record))
        except (TypeError, ValueError):
            self._lost += 1
        if len(self._lines) >= _MOST_AT_ONCE or not self._more():
            self.flush()

    def flush(self) -> None:
        """Write what is kept."""
        lines, self._lines = self._lines, []
        if self._lost and not self._put([line_of(lost_record(self._lost))]):
            self._lost = 0
        self._lost += self._put(lines)

    def close(self) -> None:
        """Write what is kept, and close the file."""
        self.flush()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        super().close()

    def _put(self, lines: Sequence[bytes]) -> int:
        """Append lines. Returns how many of them are not in the file."""
        if self._descriptor is None:
            return len(lines)
        rest = memoryview(b"".join(lines))
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            _cut(self._descriptor)
        return bytes(rest).count(b"\n")


def line_of(record: logging.LogRecord) -> bytes:
    """A record as one line: when, how grave and what, and then the fields that were given with it.

    Raises:
        TypeError or ValueError: a field cannot be written as JSON.
    """
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    line: dict[str, Any] = {
        "time": moment.removesuffix("+00:00") + "Z",
        "level": record.levelname.lower(),
        "event": str(record.msg),
        **fields_of(record),
    }
    return json.dumps(line).encode() + b"\n"


def fields_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """What was given with an event: ``logger.info("job decided", {"turns": 3})``."""
    return record.args if isinstance(record.args, Mapping) else {}


def lost_record(lines: int) -> logging.LogRecord:
    """What tells that ``lines`` are missing in a log."""
    told = {"levelno": logging.WARNING, "levelname": "WARNING", "msg": "lines lost", "args": {"lines": lines}}
    return logging.makeLogRecord(told)


def _opened(path: Path) -> tuple[int | None, int]:
    """The file for appending, and how many bytes of a torn line were cut off it; none where it cannot be written."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    except OSError:
        return None, 0
    return descriptor, _cut(descriptor)


def _cut(descriptor: int) -> int:
    """Cut off what is left of a line; where that fails, it is cut when the log is opened again."""
    try:
        return cut_torn_line(descriptor)
    except OSError:
        return 0
