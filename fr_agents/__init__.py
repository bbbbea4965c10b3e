"""fr-agents: verified multi-turn tool-use trajectories from real, executable tools.

``await synthesize(config)`` and ``await resume(folder)`` return a summary; ``stream(config)`` is an async iterator of
records; ``await discover_graph(world)`` tells what the tools of a world need. They are loaded when they are first used,
so that ``import fr_agents`` is cheap.
"""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fr_agents.installation import check_installation

if TYPE_CHECKING:
    from fr_agents.config import RunConfig
    from fr_agents.discovery import DiscoveredGraph, discover_graph
    from fr_agents.entry import resume, synthesize
    from fr_agents.streaming import stream

check_installation(Path(__file__).resolve().parent.parent)

# Else the standard library prints warnings, where nobody has set up its logging.
logging.getLogger(__name__).addHandler(logging.NullHandler())

try:
    __version__ = version("fr-agents")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"

__all__ = ["DiscoveredGraph", "RunConfig", "__version__", "discover_graph", "resume", "stream", "synthesize"]

_HOMES = {
    "DiscoveredGraph": "fr_agents.discovery",
    "RunConfig": "fr_agents.config",
    "discover_graph": "fr_agents.discovery",
    "resume": "fr_agents.entry",
    "stream": "fr_agents.streaming",
    "synthesize": "fr_agents.entry",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
