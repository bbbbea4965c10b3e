"""Turns BFCL's function documents into tool specifications with proper JSON Schema."""

from __future__ import annotations

import json
import re
from functools import cache

from envs.bfcl import corrections
from envs.bfcl.classes import load_documents
from envs.bfcl.effects import effect_of
from tools.base import Json, JsonObject
from tools.spec import ToolSpec

_TYPES = {"dict": "object", "float": "number", "list": "array", "tuple": "array"}
_MARKER = "Tool description: "
_ENUM = re.compile(r"(?:\[Enum\]:|\b[Oo]ptions(?: are)?:|\bmust be one of:?)\s*(?P<values>\[[^\]]*\]|[^\[\].]+)\.?\s*$")
_LONGEST_ENUM_VALUE = 3


@cache
def tool_specs(class_name: str) -> tuple[ToolSpec, ...]:
    """The tools of a class, in the order of its document. Raises MissingBfclError or UnknownWorldError."""
    return tuple(
        _spec(class_name, document)
        for document in load_documents(class_name)
        if document["name"] not in corrections.LEFT_OUT
    )


def _spec(class_name: str, document: JsonObject) -> ToolSpec:
    name = document["name"]
    properties = {
        key: _with_enum(_schema(schema), corrections.ENUMS.get(f"{name}.{key}"))
        for key, schema in document["parameters"]["properties"].items()
    }
    return ToolSpec(
        name=name,
        description=" ".join(document["description"].split(_MARKER, 1)[-1].split()),
        parameters={
            "type": "object",
            "properties": properties,
            "required": list(document["parameters"]["required"]),
            "additionalProperties": False,
        },
        returns=_returns(name, _schema(document["response"])),
        effect=effect_of(class_name, name),
    )


def _schema(node: JsonObject) -> JsonObject:
    """The JSON Schema of a documented node: ``dict`` is object, ``float`` is number, the default "None" is none."""
    schema: JsonObject = {"type": _TYPES.get(node["type"], node["type"])}
    description = str(node.get("description", "")).strip()
    if description:
        schema["description"] = description
    if "items" in node:
        schema["items"] = _schema(node["items"])
    if "properties" in node:
        schema["properties"] = {key: _schema(inner) for key, inner in node["properties"].items()}
    if node.get("default", "None") != "None":
        schema["default"] = node["default"]
    return _with_enum(schema, _enum(description))


def _enum(description: str) -> tuple[str, ...] | None:
    """The values that a description lists at its end as the only ones, or none where that is not clear."""
    found = _ENUM.search(description)
    if found is None:
        return None
    text = found["values"]
    values = json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",")]
    clear = len(values) > 1 and all(0 < len(value.split()) <= _LONGEST_ENUM_VALUE for value in values)
    return tuple(values) if clear else None


def _with_enum(schema: JsonObject, values: tuple[str, ...] | None) -> JsonObject:
    """The schema, restricted to ``values``; for a list its entries are restricted."""
    if values is None:
        return schema
    if schema["type"] == "array":
        return {**schema, "items": {**schema["items"], "enum": list(values)}}
    return {**schema, "enum": list(values)}


def _returns(name: str, documented: JsonObject) -> JsonObject:
    """The schema of what the tool really returns."""
    if name in corrections.RESULTS:
        return corrections.RESULTS[name]
    schema = documented
    if name in corrections.LIFTED:
        schema = schema["properties"][corrections.LIFTED[name]]
    if name in corrections.KEYED:
        schema = _keyed(name, schema, corrections.KEYED[name])
    if "properties" in schema:
        schema = {**schema, "properties": _fields(name, schema["properties"])}
    return {"type": "array", "items": schema} if name in corrections.LISTED else schema


def _fields(name: str, properties: JsonObject) -> JsonObject:
    renamed = corrections.RENAMED.get(name, {})
    absent = corrections.ABSENT.get(name, frozenset())
    kept = {renamed.get(key, key): schema for key, schema in properties.items() if key not in absent}
    return {**kept, **corrections.FIELDS.get(name, {})}


def _keyed(name: str, schema: JsonObject, field: str) -> JsonObject:
    documented = schema["properties"][field]
    entry: Json = {"type": "object", "properties": _fields(f"{name}.*", documented["properties"])}
    mapping = {"type": "object", "description": documented["description"], "additionalProperties": entry}
    return {**schema, "properties": {field: mapping}}
