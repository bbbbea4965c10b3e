"""What a run has come to, kept up to date while it goes on by reading what was added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fr_agents.errors import RunFolderError
from fr_agents.folder import RunFolder
from fr_agents.funnel import RunSummary, Tally, of_folder
from fr_agents.job_file import JobReader

if TYPE_CHECKING:
    from fr_agents.coverage import Coverage, CoverageTable


class RunStatus:
    """A run's numbers and its coverage, as of the last ``update``.

    Without what its turns asked for there is no coverage, which is an error only where it is ``needed``.

    Raises:
        RunFolderError: the coverage is needed, and cannot be told.
    """

    def __init__(self, folder: RunFolder, *, needed: bool = False) -> None:
        self.folder = folder
        self._jobs = JobReader(folder)
        self._tally = Tally()
        self._coverage = _coverage(folder, needed)

    @property
    def problem(self) -> str:
        """Why the numbers could not be had from the file that is meant for it; empty where they could."""
        return self._jobs.problem

    def update(self) -> None:
        """Count the jobs that ended since the last time. Raises RunFolderError where a record is needed and damaged."""
        for facts in self._jobs.read():
            self._tally.add(facts)
            if self._coverage is not None:
                self._coverage.add(facts)

    def summary(self) -> RunSummary:
        """The numbers. Raises RunFolderError where the journal cannot be read."""
        return of_folder(self._tally, self.folder)

    def coverage(self) -> CoverageTable | None:
        """What was asked for and what came of it; None where that cannot be told."""
        return None if self._coverage is None else self._coverage.table()


def _coverage(folder: RunFolder, needed: bool) -> Coverage | None:
    from fr_agents.coverage import coverage_of_run  # noqa: PLC0415 - loads worlds, others do without

    try:
        return coverage_of_run(folder)
    except RunFolderError:
        if needed:
            raise
        return None
