"""The file of what each finished job cost: beside the records, because the same record may cost more another time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from fr_agents.errors import RunFolderError
from fr_agents.files import whole_lines
from tools.base import Record


class JobUsage(Record):
    """What a job cost, by role (as ``graphs.usage`` counts it), and whether it gave a trajectory. A job's work that a
    kill took with it, and that was done once more, is not in it."""

    job: int
    accepted: bool
    usage: dict[str, dict[str, int]]


def read_usage(path: Path) -> Iterator[JobUsage]:
    """Each job's line, also of a live run, whose last line may be torn.

    Raises:
        RunFolderError: a line is something else; the text names file and line.
    """
    for number, line in whole_lines(path):
        try:
            yield JobUsage.model_validate_json(line)
        except ValueError:
            raise RunFolderError(f"{path}, line {number}: does not tell what a job cost. Restore the file.") from None


def without_unstored(path: Path, stored: Collection[int]) -> tuple[set[int], int]:
    """The jobs whose cost the file tells, and how many bytes they take, up to the first job that is not ``stored``.

    A job's cost is written before its record, so that no record is without it; a kill between the two leaves the cost
    of a job that will be decided, and told, again. Raises RunFolderError as ``read_usage`` does.
    """
    jobs: set[int] = set()
    size = 0
    for told, (_, line) in zip(read_usage(path), whole_lines(path), strict=True):
        if told.job not in stored:
            break
        jobs.add(told.job)
        size += len(line)
    return jobs, size
