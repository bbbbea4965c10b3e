"""Finds by value where the arguments of executed calls come from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tools.base import Json
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values
from tools.spec import ToolSpec
from tools.trace import Step

# A word or a number ends where neither a letter or digit follows nor a mark that joins one: "BK" does not stand in
# "BK-3382", nor 3 in "2026-05-03" or 30 in "10:30".
_BEGINS = r"(?<!\w)(?<!\w[-:/.@])"
_ENDS = r"(?!\w)(?![-:/.@]\w)"
_NUMBER = re.compile(rf"{_BEGINS}-?(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?{_ENDS}")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-\d{2}")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORT_WORD = 2
_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"
_LONGEST_INTEGER = 20


def normalised(value: Json) -> str:
    """A scalar as it is compared with text: numbers without a trailing zero, words in lower case and single spaces."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return " ".join(str(value).casefold().split())


def said_in(value: Json, text: str) -> bool:
    """Whether a text says a scalar, as a word of its own; ``1,200.00`` says 1200, "May 3, 2026" says 2026-05-03."""
    plain = " ".join(text.casefold().split())
    needle = normalised(value)
    if not needle:
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        return any(_as_number(item) == value for item in _NUMBER.findall(plain))
    if len(needle) <= _SHORT_WORD and needle.isalpha():
        return _short_word_in(str(value), text)
    if _DATE.fullmatch(needle) and re.search(_written_date(needle), plain):
        return True
    begins = _BEGINS if needle[0].isalnum() else ""
    ends = _ENDS if needle[-1].isalnum() else ""
    return re.search(f"{begins}{re.escape(needle)}{ends}", plain) is not None


def _written_date(date: str) -> str:
    """A pattern of the ways to write a date in English words, year included: "14 October 2026", "Oct 14th, 2026"."""
    year, month, day = date.split("-")
    name = _MONTHS[int(month) - 1]
    spelled = rf"{name[:3]}(?:{name[3:]})?\.?"
    number = rf"{int(day)}(?:st|nd|rd|th)?"
    return rf"(?<!\w)(?:{number} (?:of )?{spelled},? {year}|{spelled} {number},? {year})(?!\w)"


def _short_word_in(value: str, text: str) -> bool:
    """Whether a text says one or two letters on purpose: in quotation marks, or in the same capitals."""
    quoted = re.search(f"[{_QUOTES}]{re.escape(value)}[{_QUOTES}]", text, re.IGNORECASE)
    capital = value.isupper() and re.search(f"{_BEGINS}{re.escape(value)}{_ENDS}", text)
    return bool(quoted or capital)


def infer_origins(
    steps: Sequence[Step], query: str, earlier: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> tuple[Step, ...]:
    """The steps with the origins of their arguments as far as values tell: the query first, then the observations of
    earlier groups, then earlier turns, then the schema's default. What is found nowhere is ``free_text``."""
    found = []
    for step in steps:
        seen = [item for item in steps if item.group < step.group]
        properties = specs[step.call.name].properties if step.call.name in specs else {}
        known = _Known(query, seen, earlier, specs)
        origins = {name: known.origin(value, properties.get(name, {})) for name, value in step.call.arguments.items()}
        found.append(step.model_copy(update={"origins": origins}))
    return tuple(found)


@dataclass(frozen=True)
class _Known:
    """What a caller knew when it made a call."""

    query: str
    seen: Sequence[Step]
    earlier: Sequence[Step]
    specs: Mapping[str, ToolSpec]

    def origin(self, value: Json, schema: Mapping[str, Json]) -> ArgumentOrigin:
        """Where an argument comes from: what its scalars have in common, or each of them."""
        parts = [self._leaf(leaf, schema) for _, leaf in leaf_values(value)]
        if not parts:
            return ArgumentOrigin(kind="default" if schema.get("default", value) == value else "free_text")
        if len(parts) == 1:
            return parts[0]
        if {part.kind for part in parts} == {"query"}:
            return ArgumentOrigin(kind="query")
        return ArgumentOrigin(kind="composed", parts=tuple(parts))

    def _leaf(self, leaf: Json, schema: Mapping[str, Json]) -> ArgumentOrigin:
        if leaf is None:
            return ArgumentOrigin(kind="default")
        if said_in(leaf, self.query) and not isinstance(leaf, bool):
            return ArgumentOrigin(kind="query")
        observed = self._observed(leaf, self.seen, "observation") or self._observed(leaf, self.earlier, "earlier_turn")
        if observed is not None:
            return observed
        if "default" in schema and schema["default"] == leaf:
            return ArgumentOrigin(kind="default")
        return ArgumentOrigin(kind="query" if isinstance(leaf, bool) else "free_text")

    def _observed(self, leaf: Json, steps: Sequence[Step], kind: str) -> ArgumentOrigin | None:
        for step in reversed(steps):
            spec = self.specs.get(step.call.name)
            fields = property_names(spec.returns) if spec else frozenset()
            for path, value in observed_values(step.observation.content, fields):
                if value == leaf and _kind(value) is _kind(leaf):
                    return ArgumentOrigin.model_validate({"kind": kind, "source": step.call.id, "path": path})
        return None


def _kind(value: Json) -> type:
    """300 and 300.0 are of one kind, True and 1 are not."""
    return float if type(value) is int else type(value)


def observed_values(content: Json, fields: Collection[str] = ()) -> list[tuple[str, Json]]:
    """Every scalar that an observation shows, keys of objects included (a table keyed by ids shows the ids) but for the
    names of ``fields``, which show nothing."""
    return list(leaf_values(content)) + [(key, key) for key in sorted(_keys(content) - {*fields}) if key]


def property_names(schema: Json) -> frozenset[str]:
    """The names of all fields that a JSON Schema declares, at any depth."""
    if isinstance(schema, list):
        return frozenset(name for item in schema for name in property_names(item))
    if not isinstance(schema, dict):
        return frozenset()
    own = frozenset(schema.get("properties", {}))
    return own.union(*(property_names(item) for item in schema.values()))


def _keys(content: Json) -> set[str]:
    if isinstance(content, dict):
        return {str(key) for key in content}.union(*(_keys(item) for item in content.values()))
    return set[str]().union(*(_keys(item) for item in content)) if isinstance(content, list) else set()


def _as_number(text: str) -> int | float:
    plain = text.replace(",", "")
    return int(plain) if len(plain) <= _LONGEST_INTEGER and "." not in plain else float(plain)
