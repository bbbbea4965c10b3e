"""Plans: all calls of a turn in one answer, in which an argument may refer to the result of an earlier call.

A reference is ``{"$result": 2, "path": "items[0].id"}``: the value at that path in the result of the second call. It
may stand for an argument or anywhere inside of one. Brackets pick an entry of a list or table: by its position,
``items[0]``, by one of its fields, ``items[name=lamp]``, or as the one that is lowest or highest in a field,
``items[min price]``; what fits no entry or several is nothing.

A plan runs in rounds: each is one assistant message, whose calls have all that they need by then. The order of the
calls is kept, since they may depend on each other's effects.

    contents: dict[int, Json] = {}
    for indices in rounds(move):
        steps = ...  # of the calls of part(move, indices, contents); one whose arguments are unresolved() is refused
        contents |= shown(indices, steps)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from graphs.roles import Move, WantedCall
from tools.base import Json, JsonObject
from tools.origin import Selector
from tools.paths import entries_of, resolve, select
from tools.provenance import normalised
from tools.trace import Step

RESULT = "$result"
PATH = "path"

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_EXTREME = re.compile(r"(min|max)\s+(.+)")


def reference(number: int, path: str) -> JsonObject:
    """A reference to the result of call ``number``, counted from 1; an empty path stands for all of it."""
    return {RESULT: number, PATH: path}


def is_reference(value: Json) -> bool:
    """Whether a value is a reference, and nothing else."""
    if not isinstance(value, dict) or not {RESULT} <= value.keys() <= {RESULT, PATH}:
        return False
    return type(value[RESULT]) is int and isinstance(value.get(PATH, ""), str)


def rounds(move: Move) -> list[list[int]]:
    """The indices of a plan's calls, round by round: a new one begins where a call refers to one of the same round.

    A reference to the call itself, to a later one or to none waits for nothing; it is never resolved.
    """
    found: list[list[int]] = []
    for index, call in enumerate(move.calls):
        if not found or any(item[RESULT] - 1 in found[-1] for item in _references(call.arguments)):
            found.append([])
        found[-1].append(index)
    return found


def part(move: Move, indices: Sequence[int], contents: Mapping[int, Json]) -> Move:
    """One round of a plan as a message of its own, its calls filled; the plan's thought comes with the first round."""
    calls = [move.calls[index] for index in indices]
    made = tuple(call.model_copy(update={"arguments": filled(call, contents)}) for call in calls)
    return Move(thought=move.thought if 0 in indices else "", calls=made)


def shown(indices: Sequence[int], steps: Sequence[Step]) -> dict[int, Json]:
    """What the calls of a round returned, by their numbers in the plan; nothing for those that failed."""
    made = zip(indices, steps, strict=True)
    return {index + 1: step.observation.content for index, step in made if not step.observation.failed}


def filled(call: WantedCall, contents: Mapping[int, Json]) -> JsonObject:
    """The arguments of a call, with the values that its references stand for. ``contents`` are the results so far, by
    number. A reference that does not resolve stays as it is: ``unresolved`` tells."""
    return {name: _filled(value, contents) for name, value in call.arguments.items()}


def unresolved(arguments: JsonObject) -> str:
    """Why a call cannot be made, in words for the model: the first reference that is left in its arguments; empty where
    there is none."""
    for item in _references(arguments):
        where = f' at "{item[PATH]}"' if item.get(PATH) else ""
        return f"There is no value{where} in the result of call {item[RESULT]} of the plan."
    return ""


def _filled(value: Json, contents: Mapping[int, Json]) -> Json:
    if is_reference(value):
        try:
            return _at(contents[value[RESULT]], value.get(PATH, ""))
        except LookupError:
            return value
    if isinstance(value, dict):
        return {key: _filled(item, contents) for key, item in value.items()}
    return [_filled(item, contents) for item in value] if isinstance(value, list) else value


def _at(content: Json, path: str) -> Json:
    """The value at a path. Raises LookupError where there is none, or no single one."""
    for choice, key in _STEP.findall(path):
        choice = choice.strip(" \"'")
        if choice and not choice.isdecimal() and (selector := _selector(content, choice)):
            content = select(entries_of(content), selector)
        else:
            content = resolve(content, choice or key)
    return content


def _selector(content: Json, choice: str) -> Selector | None:
    """What brackets pick; None where they hold a key."""
    if extreme := _EXTREME.fullmatch(choice):
        return Selector.model_validate({"kind": extreme[1], "field": extreme[2]})
    field, equals, said = (part.strip(" \"'") for part in choice.partition("="))
    if not equals:
        return None
    rows = [entry for entry in entries_of(content) if isinstance(entry, dict) and field in entry]
    values = [row[field] for row in rows if normalised(row[field]) == normalised(said)]
    return Selector(kind="equals", field=field, value=values[0] if values else said)


def _references(value: Json) -> Iterator[JsonObject]:
    if is_reference(value):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _references(item)
