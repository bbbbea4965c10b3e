"""What can be read and counted in the result of a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tools.base import Json, is_number


def strings_in(content: Json) -> list[str]:
    """All texts of a result, the keys of its objects included."""
    found: list[str] = []
    _collect(content, found)
    return found


def _collect(content: Json, found: list[str]) -> None:
    if isinstance(content, str):
        found.append(content)
    elif isinstance(content, dict):
        for key, item in content.items():
            found.append(str(key))
            _collect(item, found)
    elif isinstance(content, list):
        for item in content:
            _collect(item, found)


def _tables(content: Json) -> Iterator[list[Json]]:
    """The lists in a content, and its tables: objects that hold an object under each key."""
    if isinstance(content, dict | list):
        entries = list(content.values()) if isinstance(content, dict) else content
        if isinstance(content, list) or all(isinstance(entry, dict) for entry in entries):
            yield entries
        for entry in entries:
            yield from _tables(entry)


def _columns(entries: list[Json]) -> dict[str, list[Json]]:
    """The values of each field, over the entries that have it."""
    rows = [entry for entry in entries if isinstance(entry, dict)]
    fields = dict.fromkeys(field for row in rows for field in row)
    return {field: [row[field] for row in rows if field in row] for field in fields}


def counts_in(content: Json) -> Iterator[int]:
    """How long each list and table of a result is, and how many of its entries have the same text in a field."""
    for entries in _tables(content):
        yield len(entries)
        for column in _columns(entries).values():
            yield from Counter(value for value in column if isinstance(value, str)).values()


def totals_in(content: Json) -> Iterator[int | float]:
    """The sum of each list of numbers in a result, and of each field over a list or table."""
    for entries in _tables(content):
        for column in (entries, *_columns(entries).values()):
            numbers = [value for value in column if is_number(value)]
            if len(numbers) > 1:
                yield sum(numbers)
