"""What makes no story: calls that nobody would ask for, although each of them is legal and needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tools.base import Json, canonical_json, is_number
from tools.paths import leaf_values
from tools.provenance import normalised, said_in
from tools.reference import made_ids
from tools.relation import takes_back
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words

_NOTHING = frozenset({"", "none", "null", "0", "false", "true"})
# What ends a thing or says it again: nobody does it in the breath in which the thing is made.
_ENDS = frozenset({"resolve", "complete", "finish", "archive", "retweet", "repost"})
# A number that differs by less than this from one that is known (14 gallons, there and back) is no news.
_SAME = 1e-3


def takes_back_own(steps: Sequence[Step], specs: Mapping[str, ToolSpec]) -> bool:
    """Whether a call takes back or changes what another call of the same turn has just made or done."""
    return any(
        (takes_back(specs[step.call.name]) or _ENDS.intersection(words(step.call.name))) and _touches(step, write)
        for index, step in enumerate(steps)
        if step.changed_state
        for write in steps[:index]
        if write.changed_state
    )


def tells_something_new(step: Step, before: Sequence[Step], told: str) -> bool:
    """Whether a result holds anything that was neither said nor shown before it: nobody asks to be read back what he
    has just written.

    Args:
        step: The call whose result is asked for.
        before: The calls of the turn before it.
        told: All text of earlier turns.
    """
    if not before and not told:
        return True
    shown = [value for item in before for value in _values([item.call.arguments, item.observation.content])]
    # A number that is among those asked about may well be the answer: the smallest of them. A text is an echo.
    echoed = [value for value in _values(step.call.arguments) if isinstance(value, str)]
    known = {normalised(value) for value in (*shown, *echoed)} | _NOTHING
    numbers = [value for value in shown if is_number(value)]
    return any(
        normalised(value) not in known and not _is_about(value, numbers) and not said_in(value, told)
        for value in _values(step.observation.content)
    )


def _is_about(value: Json, numbers: Sequence[float]) -> bool:
    return is_number(value) and any(math.isclose(value, number, rel_tol=_SAME) for number in numbers)


def _values(content: Json) -> list[Json]:
    return [value for _, value in leaf_values(content) if value is not None]


def _touches(step: Step, write: Step) -> bool:
    """Whether a call takes what another one made, or the very thing that it was about."""
    taken = {normalised(value) for value in _values(step.call.arguments)}
    ids = {name.rpartition(" = ")[2] for name in made_ids(write)}
    if write.call.id in step.sources() or taken & ids:
        return True
    said = {
        canonical_json(write.call.arguments[name]) for name, origin in write.origins.items() if origin.kind == "query"
    }
    return any(
        canonical_json(step.call.arguments[name]) in said
        for name, origin in step.origins.items()
        if origin.kind == "query" and isinstance(step.call.arguments[name], str)
    )
