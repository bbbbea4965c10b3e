"""From the lines of a file to the problems of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from envs.world import ToolDefectError
from fr_agents.verification.record import verify_record
from graphs.records import SCHEMA_VERSION, Trajectory

# What code that trusts a record raises where the record's parts do not fit together, tools among it that find a state
# without what they need.
_MALFORMED = (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, ToolDefectError)
_LONGEST_TEXT = 200


def verify_file(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """For each line of a file of trajectories its number, the record's id, and what does not hold.

    A line that is no record is a problem of that line, also the last one where a kill tore it. A run that has stored
    nothing yet has no file. Raises OSError where the file cannot be read.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = Trajectory.model_validate_json(line)
            except ValidationError as error:
                yield number, "?", [_unreadable(error, torn=not line.endswith(b"\n"))]
            else:
                yield number, record.id, _problems(record)


def _problems(record: Trajectory) -> list[str]:
    """What does not hold; a record that cannot be checked to its end is one that does not hold."""
    found: list[str] = []
    try:
        found.extend(verify_record(record))
    except _MALFORMED as error:
        found.append(f"cannot be checked: its parts do not fit together ({type(error).__name__}: {_short(str(error))})")
    return found


def _unreadable(error: ValidationError, *, torn: bool) -> str:
    """Why a line is no record, by the first thing that is wrong with it."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        reason = str(first.get("ctx", {}).get("error", first["msg"]))
        return f"is cut off: the file ends in the middle of it ({reason})" if torn else f"is no JSON: {reason}"
    where = ".".join(str(key) for key in first["loc"])
    text = first["msg"][:1].lower() + first["msg"][1:]
    return f"is no trajectory of schema {SCHEMA_VERSION}: {f'{where}: ' if where else ''}{_short(text)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "..."
