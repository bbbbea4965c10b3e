"""What the commands share: where they write, and how errors end them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from fr_agents.errors import ConfigError, FrAgentsError
from fr_agents.files import write_atomically

UNFINISHED = 1
WRONG_INPUT = 2
INFRASTRUCTURE = 3
LIMIT_REACHED = 4
INTERRUPTED = 130

_WIDTH = 100


def say(line: str) -> None:
    """A line of result, on stdout."""
    typer.echo(line)


def tell(line: str) -> None:
    """A line about what goes on, on stderr."""
    typer.echo(line, err=True)


def output_console() -> Console:
    """Stdout for rich: as wide as the terminal, and of a fixed width where there is none."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)


def progress_console() -> Console:
    """Stderr for rich."""
    return Console(stderr=True, highlight=False)


def fail(text: str, code: int) -> NoReturn:
    """End with an error."""
    tell(text)
    raise typer.Exit(code)


def refuse_unwritable(output: Path, option: str) -> None:
    """End where a file cannot be put at ``output``, before there is anything to write."""
    if output.is_dir():
        fail(f"{output} is a folder: {option} names a file.", WRONG_INPUT)
    if not output.absolute().parent.is_dir():
        fail(f"{output} cannot be written: there is no folder {output.parent}.", WRONG_INPUT)


def write_output(output: Path, text: str) -> None:
    """Put a file there, or leave what is there. Raises ConfigError where it cannot be written."""
    try:
        write_atomically(output, text)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}.") from error


@contextmanager
def readable_errors() -> Iterator[None]:
    """Ends the command with the text and the exit code of an error that was raised on purpose."""
    try:
        yield
    except FrAgentsError as error:
        fail(str(error), error.exit_code)
