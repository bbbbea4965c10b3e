"""What the log tells of each job: whether it began or went on, and what it came to."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anyio

from fr_agents.draining import Drained
from fr_agents.logs import about_job
from fr_agents.logs_errors import told_of

_LOG = logging.getLogger(__name__)


@contextmanager
def job_log(number: int) -> Iterator[None]:
    """Whatever is told in it is about the job ``number``, and so is what is raised."""
    with about_job(number):
        try:
            yield
        except Drained:
            raise
        except Exception as error:
            _LOG.error("job failed", told_of(error))
            raise


class JobRun:
    """A job that is worked on by this process.

    Args:
        turns: How many turns it is to have.
        found: The state in its checkpoint; empty where it begins anew.
    """

    def __init__(self, turns: int, found: Mapping[str, Any]) -> None:
        self._began = anyio.current_time()
        if found:
            _LOG.info("job resumed", {"turns": turns, "from_turn": found["turn"] + 1})
        else:
            _LOG.info("job begun", {"turns": turns})

    def decided(self, state: Mapping[str, Any]) -> None:
        """It ended in ``state``. The seconds are those of this process."""
        seconds = round(anyio.current_time() - self._began, 3)
        _LOG.info("job decided", {**_decision(state), "seconds": seconds})


def found_decided(state: Mapping[str, Any]) -> None:
    """By its checkpoint a job had ended already: nothing of it runs again."""
    _LOG.info("job found decided", _decision(state))


def _decision(state: Mapping[str, Any]) -> dict[str, Any]:
    turns, rejection = state["turns"], state.get("rejection") or {}
    told = {
        "accepted": state["status"] == "accepted",
        "turns": len(turns),
        "attempts": sum(len(turn["attempts"]) for turn in turns) + len(state.get("attempts") or ()),
    }
    return {**told, **{key: rejection[key] for key in ("stage", "reason") if key in rejection}}
