"""What a result's schema tells of the values that a path leads to."""

from __future__ import annotations

from tools.base import JsonObject
from tools.paths import KEY


def schema_at(schema: JsonObject, path: str) -> JsonObject:
    """The schema of the values at ``path``; empty where nothing is declared."""
    node = schema
    for key in path.split(".") if path else ():
        if key == KEY:
            return {"type": "string"}
        node = entries_schema(node) if key == "*" else node.get("properties", {}).get(key, {})
    return node


def fields_through(schema: JsonObject, path: str) -> JsonObject:
    """The schemas of the fields of the entries that a path goes through, by their names; none for a path through no
    list or table, or where its entries are not declared."""
    keys = path.split(".") if path else []
    choices = [position for position, key in enumerate(keys) if key in ("*", KEY)]
    if not choices:
        return {}
    table = schema_at(schema, ".".join(keys[: choices[0]]))
    return dict(entries_schema(table).get("properties", {}))


def entries_schema(schema: JsonObject) -> JsonObject:
    """The schema of the entries of a list, or of an object that holds one under each key."""
    inner = schema.get("items", schema.get("additionalProperties", {}))
    return inner if isinstance(inner, dict) else {}
