"""Which values an output holds at a path, each with the words by which a user could mean it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from tools.base import Json, JsonObject, is_number
from tools.origin import ArgumentOrigin, Selector
from tools.paths import KEY, entries_of, resolve
from tools.pools import OPAQUE_WORDS
from tools.trace import Step
from tools.wording import words

_LONGEST_SAYABLE = 60
# "The first one" of a long list says nothing to anybody.
_LONGEST_WITH_A_FIRST = 8


def values_at(
    step: Step, path: str, kind: Literal["observation", "earlier_turn"], wanted: str | None, *, opaque: bool
) -> Iterator[tuple[Json, ArgumentOrigin]]:
    """Every value that ``path`` can take from a step's observation, with its origin; ``wanted`` is the JSON type that
    the parameter takes."""
    for selector in _ways(step.observation.content, path, opaque=opaque):
        try:
            value = resolve(step.observation.content, path, selector)
        except LookupError:
            continue
        if value is None or value in ("", [], {}):
            continue
        origin = ArgumentOrigin(kind=kind, source=step.call.id, path=path, selector=selector)
        if wanted == "array" and not isinstance(value, list):
            yield [value], ArgumentOrigin(kind="composed", parts=(origin,))
        elif wanted == "array" or not isinstance(value, list | dict):
            yield value, origin


def plain_value(step: Step, path: str, wanted: str | None) -> Iterator[tuple[Json, ArgumentOrigin]]:
    """A value of an earlier turn that needs no selector to be meant."""
    for value, origin in values_at(step, path, "earlier_turn", wanted, opaque=True):
        if all(part.selector is None or part.selector.kind == "only" for part in origin.observed):
            yield value, origin


def entry_at(content: Json, path: str, selector: Selector | None) -> JsonObject:
    """The entry of a list or table that a value was taken from, or else the object that it stands in; empty where there
    is none."""
    keys = path.split(".") if path else []
    end = keys.index("*") + 1 if "*" in keys else len(keys) - 1
    if end < 0 or KEY in keys:
        return {}
    try:
        entry = resolve(content, ".".join(keys[:end]), selector)
    except LookupError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _ways(content: Json, path: str, *, opaque: bool) -> Iterator[Selector | None]:
    """The selectors that a user could say for the entry that the path goes through; none for a path through several
    lists."""
    keys = path.split(".") if path else []
    choices = [position for position, key in enumerate(keys) if key in ("*", KEY)]
    if not choices:
        yield None
    elif len(choices) == 1:
        try:
            table = resolve(content, ".".join(keys[: choices[0]]))
        except LookupError:
            return
        # Of a table nobody can tell which entry is the first: JSON objects have no order.
        ordered = isinstance(table, list)
        for selector in _selectors(entries_of(table), keys[-1], opaque=opaque):
            if ordered or selector.kind != "first":
                yield selector


def _selectors(entries: list[Json], leaf: str, *, opaque: bool) -> Iterator[Selector]:
    """The ways to name one entry of a list: by an extreme number, or by a field that tells it from the others."""
    if not entries:
        return
    if len(entries) == 1:
        yield Selector(kind="only")
        return
    rows = [entry for entry in entries if isinstance(entry, dict)]
    if len(rows) != len(entries):
        if opaque or len(entries) <= _LONGEST_WITH_A_FIRST:
            yield Selector(kind="first")
        return
    for field in rows[0]:
        if field == leaf or OPAQUE_WORDS.intersection(words(field)[-1:]) or not all(field in row for row in rows):
            continue
        yield from _field_selectors(field, [row[field] for row in rows])


def _field_selectors(field: str, values: list[Json]) -> Iterator[Selector]:
    if all(is_number(value) for value in values):
        if values.count(min(values)) == 1:
            yield Selector(kind="min", field=field)
        if values.count(max(values)) == 1:
            yield Selector(kind="max", field=field)
        return
    for value in values:
        if isinstance(value, str) and values.count(value) == 1 and _sayable(value):
            yield Selector(kind="equals", field=field, value=value)


def _sayable(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_SAYABLE and '"' not in value and "\n" not in value
