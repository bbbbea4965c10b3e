"""A graph as one HTML page that needs nothing else: no network, no server, no installed program but a browser."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from tools.drawing.cards import Cards, counted, joined
from tools.drawing.slots import Slot, members, tool_slots
from tools.graph import ApiGraph, Edge

_REST = "Other tools"


def to_html(
    graph: ApiGraph,
    title: str,
    groups: Mapping[str, Sequence[str]] | None = None,
    warnings: Sequence[str] = (),
) -> str:
    """The graph as a page to read: a list to search, what each tool needs in words, and drawings of it.

    Args:
        graph: What is shown.
        title: The page's heading.
        groups: The tools of each environment, by its name; each environment has an overview of its own.
        warnings: What is wrong with tools. One that begins with a tool's name, or has it in quotes, marks that tool.
    """
    rest = _REST if groups else title
    while groups and rest in groups:
        rest += " (in no environment)"
    placed = {group or rest: names for group, names in members(graph, groups).items()}
    by_tool = {name: [text for text in warnings if _concerns(text, name)] for name in graph.specs}
    anchors, places = _anchors([*graph.specs], [*placed])
    slots = tool_slots(graph)
    cards = Cards(graph, slots, anchors, by_tool)
    group_of = {name: group for group, names in placed.items() for name in names}
    return _template("page.html").substitute(
        title=escape(title),
        summary=escape(_summary(graph, placed)),
        style=_part("page.css"),
        list="\n".join(_list_group(group, names, places[group], cards) for group, names in placed.items()),
        warnings=_warnings(warnings),
        cards="\n".join(cards.card(name, group_of[name], places[group_of[name]]) for name in graph.specs),
        data=_script_json({"tools": _tools(graph, slots, anchors), "groups": _groups(graph, placed, places)}),
        script=_part("layout.js") + _part("page.js"),
    )


def _list_group(group: str, names: Sequence[str], anchor: str, cards: Cards) -> str:
    items = "\n".join(cards.list_item(name) for name in names)
    head = f'<a href="#{anchor}">{escape(group)} <span class="count">{len(names)}</span></a>'
    return f"<section><h2>{head}</h2><ul>\n{items}\n</ul></section>"


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in warnings)
    heading = counted(len(warnings), "warning")
    return f'<details class="warnings" open><summary>{heading}</summary><ul>{items}</ul></details>'


def _summary(graph: ApiGraph, placed: Mapping[str, Sequence[str]]) -> str:
    totals = Counter(edge.kind for edge in graph.edges)
    named = [
        counted(totals[kind], f"edge that {kind}", f"edges that {kind.removesuffix('s')}")
        for kind in ("enables", "offers", "breaks")
        if totals[kind]
    ]
    edges = joined(named) if named else "no edges"
    where = f" in {len(placed)} environments" if len(placed) > 1 else ""
    return f"{counted(len(graph.specs), 'tool')}{where}; {edges}"


def _tools(graph: ApiGraph, slots: Mapping[str, Sequence[Slot]], anchors: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each tool for the drawings, with its slots, and the numbers of the tools that fill or break them."""
    number = {name: place for place, name in enumerate(graph.specs)}

    def ends(edges: Sequence[Edge]) -> list[list[Any]]:
        return [[number[edge.producer], edge.path, list(edge.evidence)] for edge in edges]

    def slot(item: Slot) -> dict[str, Any]:
        kinds = {"enables": ends(item.enables), "offers": ends(item.offers), "breaks": ends(item.breaks)}
        return {"label": item.label, "state": item.parameter is None, "opaque": item.opaque, **kinds}

    return [
        {"name": name, "id": anchors[name], "effect": spec.effect, "slots": [slot(item) for item in slots[name]]}
        for name, spec in graph.specs.items()
    ]


def _groups(graph: ApiGraph, placed: Mapping[str, Sequence[str]], places: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each group for the drawings, with the numbers of its tools."""
    number = {name: place for place, name in enumerate(graph.specs)}
    return [
        {"name": group, "id": places[group], "tools": [number[name] for name in names]}
        for group, names in placed.items()
    ]


def _anchors(tools: Sequence[str], groups: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The fragments by which the page's address names each tool, and each group; no two are the same."""
    taken = {"overview", "main"}

    def anchor(name: str) -> str:
        stem = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-") or "tool"
        choices = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
        free = next(choice for choice in choices if choice not in taken)
        taken.add(free)
        return free

    return {name: anchor(name) for name in tools}, {name: anchor(f"group-{name}") for name in groups}


def _concerns(warning: str, tool: str) -> bool:
    name = re.escape(tool)
    return re.match(rf"{name}(?![\w-])", warning) is not None or re.search(rf"(['\"`]){name}\1", warning) is not None


def _script_json(data: object) -> str:
    """JSON that can stand inside a script element: no character in it ends the element or begins a comment."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _template(name: str) -> Template:
    return Template(_part(name))


def _part(name: str) -> str:
    return (files("tools.drawing") / name).read_text(encoding="utf-8")
