"""Reads tools off a class: marked methods become specifications, their marks become edges of the API graph.

Faults in how a tool is written raise TypeError, which names the tool and what is wrong with it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_type_hints

from pydantic import TypeAdapter

from tools.base import Json, JsonObject
from tools.graph import Edge, EdgeKind
from tools.paths import schema_leaves
from tools.spec import Effect, ToolSpec

Method = TypeVar("Method", bound=Callable[..., Any])
_MARK = "__tool__"


def tool(
    *,
    effect: Effect,
    needs: Sequence[Sequence[str]] = (),
    sources: Mapping[str, str] | None = None,
    offers: Mapping[str, str] | None = None,
) -> Callable[[Method], Method]:
    """Mark a method as a tool.

    Args:
        effect: Whether a successful call can change what a user could observe.
        needs: State that must be established before: all of the needs, each by one of its tools.
        sources: For a parameter whose value a user would not know the ``tool:path`` of the outputs that give it,
            separated by spaces.
        offers: The same for parameters whose value a user could say as well.
    """

    def mark(method: Method) -> Method:
        values: dict[EdgeKind, Mapping[str, str]] = {"enables": sources or {}, "offers": offers or {}}
        setattr(method, _MARK, (effect, tuple(tuple(need) for need in needs), values))
        return method

    return mark


class Toolset(NamedTuple):
    """The tools of a class: the methods by name, their specifications, and the edges that their marks declare."""

    methods: dict[str, Callable[..., Any]]
    specs: tuple[ToolSpec, ...]
    edges: tuple[Edge, ...]


_TOOLSETS: dict[type, Toolset] = {}


def toolset(cls: type) -> Toolset:
    """The tools of a class, always in the same order. An override keeps the place of what it overrides, and one
    without the mark takes the tool away.

    Raises:
        TypeError: a tool lacks what its specification is made of, or names a source that does not exist.
    """
    if cls not in _TOOLSETS:
        members = {name: getattr(cls, name) for name in _member_names(cls)}
        methods = {name: member for name, member in members.items() if hasattr(member, _MARK)}
        specs = tuple(_spec(name, method) for name, method in methods.items())
        _TOOLSETS[cls] = Toolset(methods, specs, tuple(_edges(methods, specs)))
    return _TOOLSETS[cls]


def _member_names(cls: type) -> Iterator[str]:
    for base in cls.__bases__:
        yield from _member_names(base)
    yield from vars(cls)


def _spec(name: str, method: Callable[..., Any]) -> ToolSpec:
    summary, described = _docstring(name, method)
    hints = get_type_hints(method, include_extras=True)
    parameters = list(inspect.signature(method).parameters.values())[1:]
    for unknown in described.keys() - {parameter.name for parameter in parameters}:
        raise TypeError(f"tool {name!r}: Args describes {unknown!r}, which is no parameter of it")
    if "return" not in hints:
        raise TypeError(f"tool {name!r} has no annotation of what it returns")
    schemas = {item.name: _parameter(name, item, hints, described) for item in parameters}
    required = [item.name for item in parameters if item.default is inspect.Parameter.empty]
    return ToolSpec(
        name=name,
        description=summary,
        parameters={"type": "object", "properties": schemas, "required": required, "additionalProperties": False},
        returns=_schema(hints["return"]),
        effect=getattr(method, _MARK)[0],
    )


def _parameter(
    tool_name: str, parameter: inspect.Parameter, hints: Mapping[str, Any], described: Mapping[str, str]
) -> JsonObject:
    name = parameter.name
    if name not in hints:
        raise TypeError(f"tool {tool_name!r}: parameter {name!r} has no annotation")
    schema = _schema(hints[name])
    schema["description"] = described.get(name, schema.get("description", ""))
    if not schema["description"]:
        raise TypeError(f"tool {tool_name!r}: parameter {name!r} is not described under Args")
    if parameter.default is not inspect.Parameter.empty and parameter.default is not None:
        schema["default"] = parameter.default
    return schema


def _schema(annotation: Any) -> JsonObject:
    """The JSON Schema of a type, without titles and with references written out."""
    schema = TypeAdapter(annotation).json_schema()
    definitions = schema.pop("$defs", {})
    return dict(_tidy(schema, definitions))


def _tidy(node: Json, definitions: JsonObject) -> Json:
    if isinstance(node, list):
        return [_tidy(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        return _tidy({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    variants = [item for item in node.get("anyOf", ()) if item != {"type": "null"}]
    if len(variants) == 1 and len(node["anyOf"]) == 2:
        kept = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
        return _tidy({**variants[0], **kept}, definitions)
    return {key: _tidy(value, definitions) for key, value in node.items() if key != "title" or isinstance(value, dict)}


def _docstring(name: str, method: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """A Google docstring's text before its sections, and its ``Args`` by name."""
    text = inspect.getdoc(method) or ""
    head, *sections = re.split(r"^(Args|Returns|Raises):\s*$", text, flags=re.MULTILINE)
    if not head.strip():
        raise TypeError(f"tool {name!r} has no docstring that says what it does")
    body = dict(zip(sections[::2], sections[1::2], strict=True)).get("Args", "")
    entries = re.findall(r"^ +(\w+): ((?:.|\n(?! {0,4}\w+: ))+)", body, re.MULTILINE)
    return " ".join(head.split()), {parameter: " ".join(words.split()) for parameter, words in entries}


def _edges(methods: Mapping[str, Callable[..., Any]], specs: Sequence[ToolSpec]) -> Iterator[Edge]:
    known = {spec.name: spec for spec in specs}
    for name, method in methods.items():
        _, needs, values = getattr(method, _MARK)
        for index, need in enumerate(needs):
            yield from (Edge(producer=producer, consumer=name, need=index) for producer in need)
        for kind, sources in values.items():
            for parameter, places in sources.items():
                for place in places.split():
                    producer, _, path = place.partition(":")
                    edge = Edge(producer=producer, consumer=name, path=path, parameter=parameter, kind=kind)
                    _check_source(edge, known)
                    yield edge


def _check_source(edge: Edge, specs: Mapping[str, ToolSpec]) -> None:
    """Refuse a source that cannot be, as far as its producer is of the same environment and declares its fields."""
    if edge.parameter not in specs[edge.consumer].properties:
        raise TypeError(f"tool {edge.consumer!r}: sources names {edge.parameter!r}, which is no parameter of it")
    producer = specs.get(edge.producer)
    fields = {leaf.path for leaf in schema_leaves(producer.returns)} if producer else set()
    if fields and edge.path not in fields:
        raise TypeError(
            f"tool {edge.consumer!r}: the source of {edge.parameter!r} is {edge.path!r} of {edge.producer!r}, "
            "which returns no such field"
        )
