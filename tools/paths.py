"""Paths into JSON values: dotted keys, ``*`` for every entry of a list or table, ``@key`` for every key of a table, and
a selector that picks one entry."""

from __future__ import annotations

from collections.abc import Iterator

from tools.base import Json, JsonObject, Record, is_number
from tools.near_miss import closest
from tools.origin import Selector

_MAX_SCHEMA_DEPTH = 6
# In a path: not an entry of a table, but its key.
KEY = "@key"


class OutputLeaf(Record):
    """A scalar, or a list of scalars, that a result can hold, as its JSON Schema tells."""

    path: str
    schema_: JsonObject

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.path.split(".")) if self.path else ()

    @property
    def name(self) -> str:
        """The last named key of the path: the field's own name, or the list's where its entries are scalars."""
        return next((key for key in reversed(self.keys) if key != "*"), "")

    @property
    def parent(self) -> str:
        """The named key above the field, or an empty text."""
        named = [key for key in self.keys if key != "*"]
        return named[-2] if len(named) > 1 else ""

    @property
    def description(self) -> str:
        return str(self.schema_.get("description", ""))


def json_type(schema: JsonObject) -> str | None:
    """The type that a schema names, apart from null where it may be that too; None for none or for several."""
    kind = schema.get("type")
    if not isinstance(kind, list):
        return kind
    named = [item for item in kind if item != "null"]
    return str(named[0]) if len(named) == 1 else None


def schema_leaves(schema: JsonObject, path: str = "") -> Iterator[OutputLeaf]:
    """The scalar leaves of a result's schema, lists of scalars also as a whole."""
    if path.count(".") > _MAX_SCHEMA_DEPTH:
        return
    prefix = path + "." if path else ""
    kind = json_type(schema)
    if kind == "object":
        for key, inner in schema.get("properties", {}).items():
            yield from schema_leaves(inner, prefix + key)
    elif kind == "array":
        items = dict(schema.get("items", {}))
        if json_type(items) not in (None, "object", "array"):
            yield OutputLeaf(path=path, schema_=schema)
            items.setdefault("description", schema.get("description", ""))
        yield from schema_leaves(items, prefix + "*")
    elif kind is not None:
        yield OutputLeaf(path=path, schema_=schema)


def leaf_values(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every scalar of a JSON value with its path; list positions are numbers."""
    prefix = path + "." if path else ""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaf_values(item, prefix + str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaf_values(item, f"{prefix}{index}")
    else:
        yield path, value


def resolve(content: Json, path: str, selector: Selector | None = None) -> Json:
    """The value at ``path``; a ``*`` takes the entry that ``selector`` names.

    Raises:
        LookupError: nothing is there, or the selector fits no entry or more than one.
    """
    value = content
    for key in path.split(".") if path else ():
        if key == "*":
            value = select(entries_of(value), selector)
        elif key == KEY:
            value = _selected_key(value, selector)
        elif isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise LookupError(f"no {key!r} on the path {path!r}")
    return value


def entries_of(table: Json) -> list[Json]:
    """The entries of a list, or of an object that holds one under each key; none of anything else."""
    if isinstance(table, dict):
        return list(table.values())
    return table if isinstance(table, list) else []


def _selected_key(table: Json, selector: Selector | None) -> str:
    """The key of the one entry that the selector names."""
    if not isinstance(table, dict):
        raise LookupError("no table with keys")
    if selector is not None and selector.kind == "nearest":
        return str(_nearest(list(table), selector))
    chosen = select(list(table.values()), selector)
    return next(str(key) for key, entry in table.items() if entry is chosen)


def select(entries: Json, selector: Selector | None) -> Json:
    """The one entry of a list that ``selector`` names (raises LookupError where it is none, or tied)."""
    if not isinstance(entries, list) or not entries:
        raise LookupError("no list with entries")
    if selector is None or selector.kind == "only":
        if len(entries) > 1:
            raise LookupError(f"{len(entries)} entries where one was expected")
        return entries[0]
    if selector.kind == "first":
        return entries[0]
    if selector.kind == "nearest":
        return _nearest(entries, selector)
    rows = [entry for entry in entries if isinstance(entry, dict) and selector.field in entry]
    if selector.kind == "equals":
        wanted = selector.value
    else:
        numbers = [row[selector.field] for row in rows if is_number(row[selector.field])]
        if not numbers or len(numbers) != len(entries):
            raise LookupError(f"not every entry has a number {selector.field!r}")
        wanted = min(numbers) if selector.kind == "min" else max(numbers)
    found = [row for row in rows if row[selector.field] == wanted]
    if len(found) != 1:
        raise LookupError(f"{len(found)} entries with {selector.field} = {wanted!r}")
    return found[0]


def names_field(path: str) -> str | None:
    """The field that ``nearest`` compares for a path that ends in a list of names: empty where the list, or the keys of
    a table, are the names themselves. None for a path that does not end so."""
    *front, last = path.split(".")
    if last in ("*", KEY):
        return None if "*" in front else ""
    return last if front[-1:] == ["*"] and "*" not in front[:-1] else None


def _nearest(entries: list[Json], selector: Selector) -> Json:
    """The one entry whose field, or which itself, the selector's text is a slip of."""
    field = selector.field
    named = [(entry.get(field) if isinstance(entry, dict) else None, entry) for entry in entries] if field else []
    texts = [(name, entry) for name, entry in named or zip(entries, entries, strict=True) if isinstance(name, str)]
    meant = closest(str(selector.value), [name for name, _ in texts])
    found = [entry for name, entry in texts if name == meant]
    if len(found) != 1:
        raise LookupError(f"{len(found)} entries of which {selector.value!r} is a slip")
    return found[0]
