"""The values that an output shows, each with where it stands and how the place is called in general."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from tools.base import Json

_MAX_LEAVES = 400
_CODE = re.compile(r"[^\s]*\d[^\s]*|[A-Z]{2,6}|[0-9a-fA-F]{12,}|[A-Z]{1,5} \d[\w-]*")
_PLAIN_FORMATS = (
    re.compile(r"\d{1,4}[-/.]\d{1,2}([-/.]\d{1,4})?([T ].*)?"),
    re.compile(r"\d{1,2}:\d{2}.*"),
    re.compile(r"[^@\s]+@[^@\s]+"),
    re.compile(r".*\.[a-z]{1,4}\d?"),
    re.compile(r"-?\d+(\.\d+)?"),
)
_LEAST_NUMERIC_CODE = 1000
_LONGEST = 80


class Leaf(NamedTuple):
    """A scalar in an output, or the key of a table in it (``@key``, counted from 0 in ``path``)."""

    path: str
    general: str
    value: Json

    @property
    def name(self) -> str:
        """The last named key: the field's own name, or that of the list or table."""
        return next((key for key in reversed(self.general.split(".")) if key not in ("*", "@key", "")), "")


def leaves(content: Json, fields: Collection[str] = ()) -> list[Leaf]:
    """The scalars of an output, keys of tables included. ``fields`` are names that the tool's schema declares: an
    object with other keys is a table."""
    found = []
    for leaf in _leaves(content, fields, "", ""):
        found.append(leaf)
        if len(found) >= _MAX_LEAVES:
            break
    return found


def table_keys(state: Json, name: str = "") -> Iterator[Leaf]:
    """The keys of all tables in a state, by the table's name: what its rows are called."""
    if isinstance(state, dict):
        if name and state and all(isinstance(item, dict | list) for item in state.values()):
            yield from (Leaf(name, f"{name}.@key", key) for key in state)
        for key, item in state.items():
            yield from table_keys(item, key)


def at(content: Json, path: str) -> Json:
    """The value of a leaf's ``path``. Raises LookupError where nothing is there."""
    value = content
    for key in path.split(".") if path else ():
        if key.startswith("@") and isinstance(value, dict):
            value = list(value)[int(key[1:])]
        elif isinstance(value, list):
            value = value[int(key)]
        elif isinstance(value, dict):
            value = value[key]
        else:
            raise LookupError(path)
    return value


def code_like(value: Json) -> bool:
    """Whether a value looks made by a system: a text with digits or in capitals, or a large number; no date, time,
    address or file name, which people say."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return False
    if isinstance(value, int):
        return abs(value) >= _LEAST_NUMERIC_CODE
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        return False
    if value.isdigit():
        return len(value) > 3
    return bool(_CODE.fullmatch(value)) and not any(form.fullmatch(value) for form in _PLAIN_FORMATS)


def _leaves(value: Json, fields: Collection[str], path: str, general: str) -> Iterator[Leaf]:
    if isinstance(value, dict):
        table = _is_table(value, fields)
        for index, (key, item) in enumerate(value.items()):
            if table:
                yield Leaf(_join(path, f"@{index}"), _join(general, "@key"), key)
            if "." not in key:
                yield from _leaves(item, fields, _join(path, key), _join(general, "*" if table else key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, fields, _join(path, str(index)), _join(general, "*"))
    elif value is not None and not isinstance(value, bool):
        yield Leaf(path, general, value)


def _is_table(value: dict[str, Json], fields: Collection[str]) -> bool:
    if not value or any(key in fields for key in value):
        return False
    nested = all(isinstance(item, dict | list) for item in value.values())
    return (nested and bool(fields)) or all(code_like(key) for key in value)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
