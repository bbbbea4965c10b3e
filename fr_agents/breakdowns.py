"""Tools that break on a call, which a defect in their code does: each costs its job, and too many in a row the run.

A model may call a tool in ways that nobody thought of. One such call must not end a night's run, nor come back with
each resume; but a world in which every job ends so is to be mended first.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from envs.world import ToolDefectError
from fr_agents.logs_errors import told_of

BROKE = "a tool broke"
_MOST_IN_A_ROW = 10
_LOG = logging.getLogger(__name__)


class Breakdowns:
    """Counts the jobs that end so, one after the other."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def none(self) -> None:
        """A job has ended in another way."""
        self._in_a_row = 0

    def rejected(self, error: ToolDefectError, state: Mapping[str, Any]) -> dict[str, Any]:
        """The last state of a job as that of a rejected one.

        Raises:
            ToolDefectError: it is the tenth in a row.
        """
        self._in_a_row += 1
        if self._in_a_row >= _MOST_IN_A_ROW:
            raise error
        _LOG.warning("a tool broke", told_of(error))
        rejection = {"stage": _stage(state), "reason": BROKE, "detail": str(error)}
        return {"turns": [], **state, "status": "rejected", "rejection": rejection}


def _stage(state: Mapping[str, Any]) -> str:
    if state.get("cleaning"):
        return "cleaner"
    if not state.get("trace"):
        return "sampler"
    return "refiner" if state.get("query") else "author"
