"""The application with all its commands, and what it ends with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import fr_agents
from fr_agents.cli import doctor, graph, inspecting, running
from fr_agents.cli.options import LeavingNumbersOut
from fr_agents.logs_libraries import quiet_libraries

app = typer.Typer(
    name="fr-agents",
    help="Verified multi-turn tool-use trajectories from real, executable tools.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables could show a key.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (
    running.run,
    running.resume,
    inspecting.status,
    running.preview,
    inspecting.validate,
    doctor.doctor,
    inspecting.verify,
    inspecting.show,
    graph.graph,
):
    app.command(cls=LeavingNumbersOut)(command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fr-agents {fr_agents.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Verified multi-turn tool-use trajectories from real, executable tools."""


def main() -> None:
    """Run the command line.

    The working directory goes to the end of the import path: a user's own worlds are found there, and a folder named
    ``tools`` in it never shadows ours. What libraries log goes to the log of a run, and never to the terminal.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    quiet_libraries()
    app()
