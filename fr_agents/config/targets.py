"""What a run asks for: which tools as targets, how often at least, and which tools a model is shown."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from graphs.settings import Settings

_SHOWN = re.compile(r"needed\+(\d{1,6})")
_FORMS = "must be all, a list of tools, or a mapping of tools to weights"


class QuotaSettings(Settings):
    """The least number of turns that ask for each reachable target (``per_tool``), and for each edge of the API graph
    into one (``per_edge``). A turn that asks for an edge asks for its target too."""

    per_tool: Annotated[int, Field(ge=0)] = 0
    per_edge: Annotated[int, Field(ge=0)] = 0


def _read_targets(value: Any) -> Any:
    """One text for whatever is wrong, where the union below would give one for each of its members."""
    if value == "all":
        return value
    if isinstance(value, dict):
        return {str(name): _weight(name, weight) for name, weight in value.items()}
    if not isinstance(value, list | tuple):
        raise ValueError(_FORMS)
    wrong = [name for name in value if not isinstance(name, str)]
    if wrong:
        raise ValueError(f"{_FORMS}; {wrong[0]!r} is no name of a tool")
    if not value:
        raise ValueError("names no tool: leave it out, or write all")
    return tuple(dict.fromkeys(value))


def _weight(name: str, weight: Any) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise ValueError(f"the weight of {name} must be a number; it is {weight!r}")
    if weight < 0:
        raise ValueError(f"the weight of {name} must be 0 or more; it is {weight}")
    return float(weight)


def _read_shown(value: str) -> str:
    if value != "all" and not _SHOWN.fullmatch(value):
        raise ValueError(f"must be all, or needed+K with a number of distractors, such as needed+5; it is {value!r}")
    return value


Targets = Annotated[Literal["all"] | tuple[str, ...] | dict[str, float], BeforeValidator(_read_targets)]
ToolsShown = Annotated[str, AfterValidator(_read_shown)]


def distractors(shown: str) -> int | None:
    """K of ``needed+K``; none where all tools are shown."""
    found = _SHOWN.fullmatch(shown)
    return int(found[1]) if found else None
