"""What the log tells of a run: how it began, and how it ended."""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio

import fr_agents
from fr_agents.config import RunConfig, configuration_hash
from fr_agents.draining import Drained
from fr_agents.folder import RunFolder
from fr_agents.journal.budget import BudgetReached
from fr_agents.logs import LOG_FILE, open_log
from fr_agents.logs_errors import told_of
from fr_agents.store import Store

_LOG = logging.getLogger(__name__)


class RunLog:
    """Tells the log how a run begins and ends; made by ``run_log``."""

    def __init__(self, folder: RunFolder, config: RunConfig, *, resumed: bool) -> None:
        self._folder = folder
        self._config = config
        self._resumed = resumed
        self._began = anyio.current_time()
        self._store: Store | None = None

    def begun(self, store: Store) -> None:
        """There are jobs to decide, from the store's position on."""
        self._store = store
        about = {
            "run": self._folder.id,
            "pid": os.getpid(),
            "version": fr_agents.__version__,
            "python": platform.python_version(),
            "world": self._config.world.name,
            "world_version": self._folder.versions["world_version"],
            "configuration": configuration_hash(self._config),
            "concurrency": self._config.limits.concurrency,
        }
        _LOG.info("run resumed" if self._resumed else "run begun", {**about, **self._position()})

    def done(self) -> None:
        """It went on to where it was to go; a run that had nothing left to do is not mentioned."""
        if self._store is None:
            return
        position, how = self._store.position, "stopped"
        if position.accepted >= self._config.count:
            how = "complete"
        elif position.jobs >= self._config.max_jobs:
            how = "exhausted"
        self.ended(how)

    def ended(self, how: str, level: int = logging.INFO, **why: Any) -> None:
        """It ended so."""
        seconds = round(anyio.current_time() - self._began, 3)
        _LOG.log(level, "run ended", {"how": how, "seconds": seconds, **self._position(), **why})

    def _position(self) -> dict[str, int]:
        if self._store is None:
            return {}
        position = self._store.position
        return {"jobs": position.jobs, "accepted": position.accepted, "wanted": self._config.count}


@contextmanager
def run_log(folder: RunFolder, config: RunConfig, *, resumed: bool) -> Iterator[RunLog]:
    """The log of a run in its folder. It is told in any case how the run ended; what ends it comes out as it is."""
    with open_log(folder.path / LOG_FILE, config.log):
        log = RunLog(folder, config, resumed=resumed)
        try:
            yield log
        except BudgetReached:
            log.ended("limit reached")
            raise
        except Drained:
            log.ended("stopped")
            raise
        except Exception as error:
            log.ended("failed", logging.ERROR, **told_of(error))
            raise
        except BaseException:
            log.ended("stopped")
            raise
        log.done()
