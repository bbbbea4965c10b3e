"""What holds for all tests."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """One cache of graphs for all tests, kept with pytest's own, so that each world is probed once in a checkout. The
    processes that tests start inherit it, and so do the workers of pytest-xdist."""
    cache = getattr(config, "cache", None)  # none with "-p no:cacheprovider"
    if "FR_AGENTS_CACHE" not in os.environ and cache is not None:
        os.environ["FR_AGENTS_CACHE"] = str(cache.mkdir("fr-agents"))
