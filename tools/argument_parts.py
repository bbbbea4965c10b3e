"""What an argument is made of, each part beside the schema that it fills."""

from __future__ import annotations

from collections.abc import Iterator

from tools.base import Json, JsonObject


def argument_leaves(value: Json, schema: JsonObject) -> Iterator[tuple[JsonObject, Json]]:
    """Each scalar of an argument with its schema, empty where none is declared; the keys of an object, too, as far as
    the caller chose them. What is empty is left out."""
    if isinstance(value, dict):
        declared = schema.get("properties", {})
        for key, item in value.items():
            if key not in declared:
                yield {}, key
            yield from argument_leaves(item, declared.get(key) or _entries(schema))
    elif isinstance(value, list):
        for item in value:
            yield from argument_leaves(item, _entries(schema))
    elif value not in (None, ""):
        yield schema, value


def spoken_parts(value: Json, schema: JsonObject) -> Json:
    """What a text has to say in order to say an argument: a scalar itself, or all that a list or an object is made
    of."""
    return [leaf for _, leaf in argument_leaves(value, schema)] if isinstance(value, dict | list) else value


def is_choice(value: Json, schema: JsonObject) -> bool:
    """Whether a scalar is one of the few that there are, which a caller may choose by its own reading of a request."""
    return isinstance(value, bool) or any(value == choice for choice in schema.get("enum", ()))


def _entries(schema: JsonObject) -> JsonObject:
    inner = schema.get("items", schema.get("additionalProperties", {}))
    return inner if isinstance(inner, dict) else {}
