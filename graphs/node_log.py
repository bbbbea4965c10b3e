"""Tells a run's log of each node how long it took; which node of which job it is, the log knows from ``usage.spot``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import anyio

_LOG = logging.getLogger(__name__)


@contextmanager
def noted() -> Iterator[None]:
    """Notes that the node in it is done, or what it failed of, where a log is that fine. One that is cancelled is not
    noted: it runs again."""
    if not _LOG.isEnabledFor(logging.DEBUG):
        yield
        return
    began = anyio.current_time()  # the event loop's clock, and for the log alone
    try:
        yield
    except Exception as error:
        _LOG.debug("node failed", {"seconds": _since(began), "error": type(error).__name__})
        raise
    _LOG.debug("node done", {"seconds": _since(began)})


def _since(began: float) -> float:
    return round(anyio.current_time() - began, 4)
