"""Arguments and options that several commands take."""

from __future__ import annotations

import re
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

# What an option stands for that is given without its number.
_NUMBERS = {"--forecast": 3, "--watch": 2}
_NUMBER = re.compile(r"\d+(\.\d+)?")

ConfigPath = Annotated[Path, typer.Argument(metavar="CONFIG", help="A configuration file.", show_default=False)]
RunPath = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="The folder of a run.", show_default=False)]
RecordsPath = Annotated[
    Path, typer.Argument(metavar="FILE", help="A file of trajectories, or a run's folder.", show_default=False)
]
NumberArgument = Annotated[int, typer.Argument(metavar="N", min=1, help="Which one, from 1.")]

SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY.PATH=VALUE", help="Change a key of the configuration.")
]
SeedOption = Annotated[int | None, typer.Option(help="The seed that everything drawn follows from.")]
CountOption = Annotated[int | None, typer.Option(help="Accepted trajectories that are wanted.")]
LimitsOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="limits.KEY=VALUE", help="Change a limit, such as limits.budget_usd=20."),
]
ForecastOption = Annotated[
    int | None,
    typer.Option(
        "--forecast",
        metavar="[N]",
        min=1,
        help="Make only the first N trajectories (3 unless given), keep them, and tell what the rest will take.",
    ),
]
OutputOption = Annotated[Path | None, typer.Option(help="The run's folder; runs/NAME unless given.")]
PromptsOption = Annotated[
    bool, typer.Option("--show-prompts", help="Show each request as a model gets it, instead of the trajectory.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page of its own, for a browser.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")]
WatchOption = Annotated[
    float | None,
    typer.Option(
        "--watch",
        metavar="[SECONDS]",
        min=0.01,
        help="Tell it again every so many seconds (2 unless given), until the run ends.",
    ),
]
CoverageOption = Annotated[
    bool,
    typer.Option("--coverage", help="The whole table: each tool and edge, what was asked for and what came of it."),
]


WorldArgument = Annotated[
    str,
    typer.Argument(
        metavar="WORLD", help="A world, package.module:Name, or the configuration of a run.", show_default=False
    ),
]
DrawingFormat = Literal["mermaid", "dot", "html"]
FormatOption = Annotated[DrawingFormat | None, typer.Option("--format", help="Draw it.")]
FileOption = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="A file for the JSON or the drawing, instead of stdout.")
]
RefreshOption = Annotated[bool, typer.Option("--refresh", help="Discover it again, whatever the cache holds.")]
OutsideOption = Annotated[
    bool,
    typer.Option("--allow-outside-effects", help="Probe a world also if its calls act outside of the process."),
]


class LeavingNumbersOut(TyperCommand):
    """A command whose ``--forecast`` or ``--watch`` may stand without its number, which typer has no word for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, with the number put where none follows."""
        given: list[str] = []
        for argument, following in zip_longest(args, args[1:]):
            given.append(argument)
            if argument in _NUMBERS and not _NUMBER.fullmatch(following or ""):
                given.append(str(_NUMBERS[argument]))
        return super().parse_args(ctx, given)


def overrides(given: list[str] | None, **named: int | None) -> list[str]:
    """``--set`` in its order, then the options that have a name of their own."""
    return [*(given or ()), *(f"{key}={value}" for key, value in named.items() if value is not None)]
