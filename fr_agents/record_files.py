"""The files of records, walked without parsing them: which job each line is of, and whether all are there."""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from fr_agents.errors import RunFolderError
from fr_agents.files import last_line, whole_lines
from fr_agents.folder import RunFolder
from graphs.records import Rejection, Trajectory
from tools.base import JsonObject

# The end of a trajectory's line as it is written. A quote inside of a text is escaped, so that no text looks like it.
_LINEAGE = b',"lineage":{"run":'
_JOB = re.compile(rb',"lineage":\{"run":"(?:[^"\\]|\\.)*","job":(\d+),')


class RecordLine(NamedTuple):
    """A line of a file of records.

    Attributes:
        job: The job that it is of.
        kept: Whether it is a trajectory, and not a rejection.
        path: The file.
        number: The line's number in it, from 1.
        text: The line.
    """

    job: int
    kept: bool
    path: Path
    number: int
    text: bytes


def record_lines(path: Path) -> Iterator[RecordLine]:
    """The whole lines of a file of records.

    Raises:
        RunFolderError: a line is no record; the text names file and line.
    """
    for number, text in whole_lines(path):
        try:
            job, kept = _job(text)
        except (ValueError, KeyError, TypeError):
            raise damage(path, number, "is no record") from None
        yield RecordLine(job, kept, path, number, text)


def records_in_order(folder: RunFolder, before: int | None = None) -> Iterator[RecordLine]:
    """The records of a run in the order of jobs, one at a time; those of jobs ``before`` a number alone, as long as a
    live run writes more of them.

    Raises:
        RunFolderError: a line is no record, or a job is missing, there twice or out of order.
    """
    files = (record_lines(path) for path in (folder.trajectories, folder.rejections))
    for expected, line in enumerate(heapq.merge(*files, key=attrgetter("job"))):
        if before is not None and expected >= before:
            return
        if line.job != expected:
            raise damage(line.path, line.number, f"holds job {line.job} where job {expected} belongs")
        yield line


def jobs_stored(folder: RunFolder) -> int:
    """How many jobs have a record, told by the last line of each file alone; also of a live run.

    Raises:
        RunFolderError: a last line is no record.
    """
    stored = 0
    for path in (folder.trajectories, folder.rejections):
        if text := last_line(path):
            try:
                stored = max(stored, 1 + _job(text)[0])
            except (ValueError, KeyError, TypeError):
                raise damage(path, sum(1 for _ in whole_lines(path)), "is no record") from None
    return stored


def parsed(line: RecordLine) -> Trajectory | Rejection:
    """The record of a line.

    Raises:
        RunFolderError: it is none of this version; the text names file and line.
    """
    kind = Trajectory if line.kept else Rejection
    try:
        return kind.model_validate_json(line.text)
    except ValueError as error:
        what = f"is no {kind.__name__.lower()} of this version"
        raise damage(line.path, line.number, what) from error


def damage(path: Path, line: int, what: str) -> RunFolderError:
    """The error for a line of records that is not what belongs there."""
    return RunFolderError(f"{path}, line {line}: {what}. The file was changed or damaged; restore it, or begin anew.")


def _job(text: bytes) -> tuple[int, bool]:
    """The job of a line, and whether it is a trajectory. Only what does not end as a trajectory is parsed: rejections
    are short. Raises ValueError, KeyError or TypeError where it is no record."""
    end = text.rfind(_LINEAGE)
    found = _JOB.match(text, end) if end >= 0 and text.startswith(b"{") and text.endswith(b"}}\n") else None
    if found is not None:
        return int(found[1]), True
    data: JsonObject = json.loads(text)
    kept = "lineage" in data
    return int(data["lineage"]["job"] if kept else data["job"]), kept
