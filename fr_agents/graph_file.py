"""A run's ``graph.json``: the graph that its first record was made on, for all that follow."""

from __future__ import annotations

import json
from pathlib import Path

from fr_agents.discovery.run_graph import RunGraph
from fr_agents.errors import RunFolderError
from fr_agents.files import write_atomically

NAME = "graph.json"


def write_graph(folder: Path, graph: RunGraph) -> None:
    """Keep the graph in a run's folder. Raises OSError."""
    write_atomically(folder / NAME, json.dumps(graph.document, ensure_ascii=False) + "\n")


def read_graph(folder: Path, digest: str | None) -> RunGraph:
    """The graph that was kept in a run's folder and has this digest.

    Raises:
        RunFolderError: there is none, or it is another one or damaged; the text says what to do.
    """
    file = folder / NAME
    if digest is None:
        raise RunFolderError(
            f"{folder} was begun without a graph of its tools, so it cannot be gone on with. Begin a new run."
        )
    try:
        graph = RunGraph(json.loads(file.read_text(encoding="utf-8")), "from the run's folder")
    except FileNotFoundError:
        raise RunFolderError(f"{file} is missing: {_ADVICE}") from None
    except (OSError, RecursionError) as error:
        raise RunFolderError(f"{file} cannot be read: {error}.") from None
    except ValueError:  # no text, no JSON or no graph; what is wrong in it does not help whoever wants to go on
        raise RunFolderError(f"{file} is damaged: {_ADVICE}") from None
    if graph.digest != digest:
        raise RunFolderError(f"{file} was changed after the run began: {_ADVICE}")
    return graph


_ADVICE = (
    "on another graph the next records would not fit those that are there. Put back the file that the run began with, "
    "or begin a new run."
)
