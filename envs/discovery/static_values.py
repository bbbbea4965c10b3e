"""What schemas and names alone say about the values of a parameter."""

from __future__ import annotations

import random
import re

from envs.discovery.affinity import named, system_name
from envs.discovery.leaves import Leaf
from tools.base import Json, JsonObject, canonical_json
from tools.paths import json_type
from tools.plausible import plausible_values

_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])")
_LONGEST = 200


def fits(value: Json, schema: JsonObject) -> bool:
    """Whether a value is of a parameter's type, as far as the schema says."""
    kind = json_type(schema)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if kind in ("array", "object"):
        return isinstance(value, list if kind == "array" else dict)
    if isinstance(value, str) and len(value) > _LONGEST:
        return False
    if isinstance(value, bool | list | dict):
        return kind == "boolean" and isinstance(value, bool)
    return kind is None or isinstance(value, _TYPES.get(kind, ()))


def similar(one: str, other: str) -> bool:
    """Whether two names end in the same word, and, where that only says that both identify something, name the same."""
    first, second = named(one), named(other)
    if first[-1:] != second[-1:] or not first:
        return False
    return not system_name(one) or first[-2:] == second[-2:] or min(len(first), len(second)) == 1


def names_row(name: str, leaf: Leaf) -> bool:
    """Whether a parameter names a row of a table: a ``user_name`` one of ``users``."""
    return leaf.general.endswith("@key") and bool(set(named(leaf.name)) & set(named(name)))


def listed(schema: JsonObject) -> list[Json]:
    """What the schema lists: for an array of listed entries all of them, and each alone."""
    inner = schema.get("items", {})
    if isinstance(inner, dict) and inner.get("enum"):
        return [list(inner["enum"]), *([value] for value in inner["enum"])]
    default = [schema["default"]] if "default" in schema else []
    return [*schema.get("enum", ()), *schema.get("examples", ()), *default]


def switch(schema: JsonObject) -> list[Json]:
    """Both values of a boolean."""
    return [True, False] if json_type(schema) == "boolean" else []


def mentioned(schema: JsonObject) -> list[Json]:
    """Numbers that the description mentions, as bounds mostly are."""
    kind = json_type(schema)
    if kind not in ("integer", "number"):
        return []
    numbers = [float(text) for text in _NUMBER.findall(str(schema.get("description", "")))]
    return [int(number) if kind == "integer" or number.is_integer() else number for number in numbers]


def made_up(name: str, schema: JsonObject) -> list[Json]:
    """A few plausible values for a parameter, the same wherever its name occurs."""
    rng = random.Random(name)  # noqa: S311 - the same few values wherever the name occurs
    kind = json_type(schema)
    if kind == "array":
        return [[value] for value in made_up(name, dict(schema.get("items", {})))]
    if kind == "object":
        inner = {key: made_up(key, item) for key, item in schema.get("properties", {}).items()}
        return [{key: values[0] for key, values in inner.items() if values}]
    plausible = plausible_values(name, schema, rng)
    return plausible or (["Lorem", "ipsum dolor"] if kind in ("string", None) else [])


def unique(values: list[Json]) -> list[Json]:
    """The values, each once."""
    return list({canonical_json(value): value for value in values}.values())
