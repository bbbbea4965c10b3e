"""What a trial call came to, comparable between calls with other arguments."""

from __future__ import annotations

import re
from typing import NamedTuple

from tools.base import Json, JsonObject
from tools.call import Observation
from tools.paths import leaf_values

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}")
_LISTED = re.compile(r"(?<=: )[\w-]+(?:, [\w-]+)+")
_NUMBER = re.compile(r"\b[\w-]*\d(?:[\w.-]*\w)?")
_SHORTEST = 3


class Outcome(NamedTuple):
    """Success, or the kind and wording of a failure without the values in it."""

    succeeded: bool
    wording: str = ""


SUCCESS = Outcome(succeeded=True)


def outcome_of(observation: Observation, arguments: JsonObject) -> Outcome:
    """The outcome of a call. Two failures are the same if they would be with other values."""
    if observation.error is None:
        return SUCCESS
    text = observation.error.message
    for value in _said(arguments):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "<>", text)
    for pattern in (_QUOTED, _LISTED, _NUMBER):
        text = pattern.sub("<>", text)
    return Outcome(succeeded=False, wording=f"{observation.error.kind}: {text}")


def _said(arguments: Json) -> list[str]:
    found = {str(value) for _, value in leaf_values(arguments) if len(str(value)) >= _SHORTEST}
    return sorted(found, key=len, reverse=True)
