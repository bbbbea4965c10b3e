"""The file of finished jobs: a small line for each, so that a run is counted without a look at its records.

The records stay the truth: where a line is missing or damaged, the record tells what it told, save what the job cost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from fr_agents.files import lines_from, replacing, whole_lines
from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts
from fr_agents.record_files import jobs_stored, parsed, record_lines, records_in_order


class JobReader:
    """Reads the finished jobs of a run: each once, and at the next reading those that came since.

    Attributes:
        problem: What is wrong with the file, if anything was found by now; the jobs are read from their records then.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._offset = 0
        self._jobs = 0
        self.problem = ""

    def read(self) -> Iterator[JobFacts]:
        """The jobs that have a record, in their order, and between them those that were set aside; also of a live run.

        Raises:
            RunFolderError: a record is needed and damaged.
        """
        stored = jobs_stored(self._folder)
        for facts, size in _facts_from(self._folder.jobs, self._offset):
            if not facts.surplus:
                if facts.job != self._jobs or facts.job >= stored:
                    break
                self._jobs += 1
            self._offset += size
            yield facts
        if self._jobs < stored:
            yield from self._from_records(stored)

    def _from_records(self, stored: int) -> Iterator[JobFacts]:
        self.problem = self.problem or (
            f"{self._folder.jobs} does not tell of job {self._jobs}: it was changed or damaged. The run is counted from"
            " its records; what its models cost is known in part."
        )
        for line in records_in_order(self._folder, before=stored):
            if line.job >= self._jobs:
                self._jobs += 1
                yield JobFacts.of(parsed(line))


def read_jobs(folder: RunFolder) -> Iterator[JobFacts]:
    """The finished jobs of a run, as ``JobReader`` reads them."""
    return JobReader(folder).read()


def size_of_stored(path: Path, kept: bytes, aside: Collection[int]) -> int | None:
    """How many bytes of the file tell of jobs that have a record; None where one of these is missing in it.

    A job's line is written before its record, so that a kill between the two leaves a line too many at the end.

    Args:
        path: The file.
        kept: For each job that has a record, in order, 1 for a trajectory and 0 for a rejection.
        aside: The jobs that were set aside.
    """
    size = jobs = 0
    found: set[int] = set()
    for facts, length in _facts_from(path, 0):
        if facts.surplus:
            if facts.job not in aside:
                break
            found.add(facts.job)
        elif jobs == len(kept):
            break
        elif (facts.job, facts.accepted) != (jobs, bool(kept[jobs])):
            return None
        else:
            jobs += 1
        size += length
    return size if jobs == len(kept) and found.issuperset(aside) else None


def rebuild(folder: RunFolder) -> int:
    """Make the file anew from the records, and from what is left of it. Returns how many jobs it did not tell of, whose
    cost is lost.

    Raises:
        RunFolderError: a record is damaged.
    """
    lost = 0
    aside = {facts.job: facts for facts in _left(folder.jobs) if facts.surplus}
    own = _ascending(facts for facts in _left(folder.jobs) if not facts.surplus)
    told = next(own, None)
    with replacing(folder.jobs) as file:
        for line in record_lines(folder.surplus):
            lost += line.job not in aside
            file.write((aside.get(line.job) or JobFacts.of(parsed(line), surplus=True)).line())
        for line in records_in_order(folder):
            while told is not None and told.job < line.job:
                told = next(own, None)
            if told is not None and (told.job, told.accepted) == (line.job, line.kept):
                file.write(told.line())
            else:
                lost += 1
                file.write(JobFacts.of(parsed(line)).line())
    return lost


def _facts_from(path: Path, offset: int) -> Iterator[tuple[JobFacts, int]]:
    """The facts in each line after ``offset``, with the line's length, up to the first one that holds none."""
    for line in lines_from(path, offset):
        try:
            yield JobFacts.model_validate_json(line), len(line)
        except ValueError:
            return


def _left(path: Path) -> Iterator[JobFacts]:
    """The facts in all lines that hold some."""
    for _, line in whole_lines(path):
        try:
            yield JobFacts.model_validate_json(line)
        except ValueError:
            continue


def _ascending(all_facts: Iterator[JobFacts]) -> Iterator[JobFacts]:
    """Without those whose job is not beyond the ones before it."""
    last = -1
    for facts in all_facts:
        if facts.job > last:
            last = facts.job
            yield facts
