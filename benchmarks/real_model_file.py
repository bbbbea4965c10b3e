"""The output file: a line that says what was measured, then one for each job; a killed benchmark goes on from it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fr_agents.files import cut_torn_line, whole_lines
from tools.base import JsonObject

# What must be the same for two halves of a file to belong together.
_SAME = ("configuration", "hints", "roles", "version")


class Lines:
    """The lines of an open output file."""

    def __init__(self, handle: int, header: JsonObject, rows: list[JsonObject]) -> None:
        self._handle = handle
        self.header = header
        self.rows = rows

    def add(self, row: JsonObject) -> None:
        """Append a job's line; it is on the disk when this returns."""
        _append(self._handle, row)
        self.rows.append(row)


@contextmanager
def opened(path: Path, header: JsonObject) -> Iterator[Lines]:
    """The file, begun with ``header`` or gone on with. A last line that was torn by a kill is cut off.

    Raises:
        SystemExit: the file holds something else, or was made with other settings; the text says which.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        cut_torn_line(handle)
        lines = list(read(path))
        if lines:
            _refuse_another(path, lines[0], header)
        else:
            _append(handle, header)
        yield Lines(handle, lines[0] if lines else header, lines[1:])
    finally:
        os.close(handle)


def read(path: Path) -> Iterator[JsonObject]:
    """The header and the rows of a file, as far as they are whole.

    Raises:
        SystemExit: a line is no JSON object.
    """
    for number, line in whole_lines(path):
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict) or (number > 1) != ("job" in value):
            raise SystemExit(f"{path}, line {number}: this is no output of the benchmark. Give another --output.")
        yield value


def _refuse_another(path: Path, found: JsonObject, wanted: JsonObject) -> None:
    for key in _SAME:
        if found.get(key) != wanted[key]:
            raise SystemExit(
                f"{path} was measured with another {key} ({found.get(key)}, and now {wanted[key]}): figures of both do "
                "not belong together. Give another --output, or measure as before."
            )


def _append(handle: int, row: JsonObject) -> None:
    rest = memoryview(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    while rest:
        rest = rest[os.write(handle, rest) :]
    os.fsync(handle)
