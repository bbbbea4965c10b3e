"""Finds by value where the arguments of executed calls come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.base import Json
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values
from tools.spec import ToolSpec
from tools.trace import Step

_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?")
_LONGEST_INTEGER = 20


def normalised(value: Json) -> str:
    """A scalar as it is compared with text: numbers without a trailing zero, words in lower case and single spaces."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return " ".join(str(value).casefold().split())


def said_in(value: Json, text: str) -> bool:
    """Whether a text says a scalar, as a word of its own; ``1,200.00`` says 1200."""
    plain = " ".join(text.casefold().split())
    needle = normalised(value)
    if not needle:
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        return any(_as_number(item) == value for item in _NUMBER.findall(plain))
    return re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", plain) is not None


def infer_origins(
    steps: Sequence[Step], query: str, earlier: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> tuple[Step, ...]:
    """The steps with the origins of their arguments as far as values tell: the query first, then the observations of
    earlier groups, then earlier turns, then the schema's default. What is found nowhere is ``free_text``."""
    found = []
    for step in steps:
        seen = [item for item in steps if item.group < step.group]
        properties = specs[step.call.name].properties if step.call.name in specs else {}
        origins = {
            name: _origin(value, properties.get(name, {}), seen, query, earlier)
            for name, value in step.call.arguments.items()
        }
        found.append(step.model_copy(update={"origins": origins}))
    return tuple(found)


def _origin(
    value: Json, schema: Mapping[str, Json], seen: Sequence[Step], query: str, earlier: Sequence[Step]
) -> ArgumentOrigin:
    leaves = [leaf for _, leaf in leaf_values(value)]
    parts = [_leaf_origin(leaf, schema, seen, query, earlier) for leaf in leaves]
    if not parts:
        return ArgumentOrigin(kind="default")
    if len(parts) == 1:
        return parts[0]
    kinds = {part.kind for part in parts}
    return ArgumentOrigin(kind="query") if kinds == {"query"} else ArgumentOrigin(kind="composed", parts=tuple(parts))


def _leaf_origin(
    leaf: Json, schema: Mapping[str, Json], seen: Sequence[Step], query: str, earlier: Sequence[Step]
) -> ArgumentOrigin:
    if leaf is None:
        return ArgumentOrigin(kind="default")
    in_query = said_in(leaf, query) and not isinstance(leaf, bool)
    observed = None if in_query else _observed(leaf, seen, "observation") or _observed(leaf, earlier, "earlier_turn")
    if in_query:
        return ArgumentOrigin(kind="query")
    if observed is not None:
        return observed
    if "default" in schema and schema["default"] == leaf:
        return ArgumentOrigin(kind="default")
    return ArgumentOrigin(kind="query" if isinstance(leaf, bool) else "free_text")


def _observed(leaf: Json, steps: Sequence[Step], kind: str) -> ArgumentOrigin | None:
    for step in reversed(steps):
        for path, value in observed_values(step.observation.content):
            if value == leaf and _kind(value) is _kind(leaf):
                return ArgumentOrigin.model_validate({"kind": kind, "source": step.call.id, "path": path})
    return None


def _kind(value: Json) -> type:
    """300 and 300.0 are of one kind, True and 1 are not."""
    return float if type(value) is int else type(value)


def observed_values(content: Json) -> list[tuple[str, Json]]:
    """Every scalar that an observation shows, keys of objects included (a table keyed by ids shows the ids)."""
    return list(leaf_values(content)) + [(key, key) for key in sorted(_keys(content)) if key]


def _keys(content: Json) -> set[str]:
    if isinstance(content, dict):
        return {str(key) for key in content}.union(*(_keys(item) for item in content.values()))
    return set[str]().union(*(_keys(item) for item in content)) if isinstance(content, list) else set()


def _as_number(text: str) -> int | float:
    plain = text.replace(",", "")
    return int(plain) if len(plain) <= _LONGEST_INTEGER and "." not in plain else float(plain)
