"""An API graph as a JSON document, to be kept, compared and read by other programs, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from tools.base import Json, JsonObject, Record
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

SCHEMA_VERSION = 1

_AnyRecord = TypeVar("_AnyRecord", bound=Record)


def graph_json(graph: ApiGraph, *, world: str, version: str, warnings: Iterable[Record] = ()) -> JsonObject:
    """The graph of a world in a given version as plain JSON, the same for the same graph.

    ``tools`` says what each tool needs: under ``state`` all of the needs, each a list of tools of which one is enough;
    under ``params`` the parameters whose value has to come from a tool, with all tools that give it. It follows from
    ``edges``, which hold everything that is known of each edge. ``specs`` makes the document complete.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "world": world,
        "version": version,
        "tools": _tools(graph),
        "edges": [edge.plain() for edge in graph.edges],
        "warnings": [warning.plain() for warning in warnings],
        "specs": [spec.plain() for spec in graph.specs.values()],
    }


def load_graph(document: Json) -> ApiGraph:
    """The graph that ``graph_json`` made a document of.

    Raises:
        ValueError: this is no such document, or one of another version, or its parts contradict each other.
    """
    if not isinstance(document, dict) or "schema_version" not in document:
        raise ValueError("this is no API graph: a JSON object with a schema_version was expected. Discover it again")
    if document["schema_version"] != SCHEMA_VERSION:
        raise ValueError(
            f"this API graph was written with schema version {document['schema_version']!r}, but version "
            f"{SCHEMA_VERSION} is needed: discover it again"
        )
    specs = _records(document, "specs", ToolSpec)
    edges = _records(document, "edges", Edge)
    _check_names(specs, edges)
    graph = ApiGraph(specs, edges)
    _check_tools(document.get("tools"), _tools(graph))
    return graph


def _tools(graph: ApiGraph) -> JsonObject:
    return {
        name: {
            "state": [list(need) for need in graph.state_needs(name)],
            "params": _params(graph, name),
            "effect": spec.effect,
        }
        for name, spec in graph.specs.items()
    }


def _params(graph: ApiGraph, tool: str) -> JsonObject:
    needed = {name: graph.required_sources(tool, name) for name in graph.specs[tool].properties}
    return {
        name: {"sources": list(dict.fromkeys(edge.producer for edge in edges)), "opaque": graph.opaque(tool, name)}
        for name, edges in needed.items()
        if edges
    }


def _records(document: JsonObject, part: str, kind: type[_AnyRecord]) -> list[_AnyRecord]:
    items = document.get(part)
    if not isinstance(items, list):
        raise ValueError(f"this API graph has no list of {part}: discover it again")
    return [_record(item, f"{part}[{number}]", kind) for number, item in enumerate(items)]


def _record(item: Any, place: str, kind: type[_AnyRecord]) -> _AnyRecord:
    try:
        return kind.model_validate(item)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(step) for step in (place, *first["loc"]))
        raise ValueError(f"this API graph cannot be read: {field}: {first['msg']}. Discover it again") from error


def _check_names(specs: list[ToolSpec], edges: list[Edge]) -> None:
    names = [spec.name for spec in specs]
    known = set(names)
    if len(known) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"this API graph describes the tool {twice!r} twice under specs: discover it again")
    for number, edge in enumerate(edges):
        for name in (edge.producer, edge.consumer):
            if name not in known:
                raise ValueError(
                    f"this API graph cannot be read: edges[{number}] names the tool {name!r}, which is not among its "
                    "specs. Discover it again"
                )


def _check_tools(stored: Json, expected: JsonObject) -> None:
    """``tools`` is derived: whoever changed it by hand would otherwise wonder why nothing came of it."""
    if stored == expected:
        return
    kept = stored if isinstance(stored, dict) else {}
    names = [name for name in (*expected, *kept) if kept.get(name) != expected.get(name)]
    raise ValueError(
        f"this API graph contradicts itself: what it says of {names[0]!r} under tools does not follow from its edges. "
        "Change the edges, or discover it again"
    )
