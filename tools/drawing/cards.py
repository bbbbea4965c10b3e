"""What the page says about each tool, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from tools.drawing.slots import Slot
from tools.graph import ApiGraph, Edge

_EFFECTS = {"read": "reads", "write": "changes something"}
_OPAQUE = ' <span class="note">(made by the system: nobody could guess it)</span>'


class Cards:
    """Writes the card and the list entry of each tool, as HTML in which every tool's name is a link to its card."""

    def __init__(
        self,
        graph: ApiGraph,
        slots: Mapping[str, Sequence[Slot]],
        anchors: Mapping[str, str],
        warnings: Mapping[str, Sequence[str]],
    ) -> None:
        self._graph = graph
        self._slots = slots
        self._anchors = anchors
        self._warnings = warnings
        self._outgoing: dict[str, list[Edge]] = {name: [] for name in graph.specs}
        for edge in graph.edges:
            self._outgoing[edge.producer].append(edge)

    def list_item(self, tool: str) -> str:
        """The tool's line in the list, with its badges."""
        needs = sum(bool(slot.enables) for slot in self._slots[tool])
        effect = self._graph.specs[tool].effect
        badges = [f'<span class="badge warn" title="{escape(" ".join(self._warnings[tool]))}">warning</span>']
        badges = badges if self._warnings[tool] else []
        if needs:
            badges.append(f'<span class="badge" title="{counted(needs, "need")}">{counted(needs, "need")}</span>')
        badges.append(f'<span class="badge {effect}" title="{_EFFECTS[effect]}">{effect}</span>')
        text = f"<span>{escape(tool)}</span>{''.join(badges)}"
        return f'<li><a href="#{self._anchors[tool]}">{text}</a></li>'

    def card(self, tool: str, group: str, group_anchor: str) -> str:
        """The tool's card: what it does, needs, takes, enables, offers, breaks, and what breaks it."""
        spec = self._graph.specs[tool]
        warnings = "".join(f'<p class="warning">{escape(text)}</p>' for text in self._warnings[tool])
        badge = f'<span class="badge {spec.effect}">{_EFFECTS[spec.effect]}</span>'
        place = f'<a href="#{group_anchor}">{escape(group)}</a>'
        sections = (
            ("What it needs", self._needs(tool)),
            ("What the user says", self._said(tool)),
            ("What it enables", self._gives(tool, "enables")),
            ("What it offers", self._gives(tool, "offers")),
            ("What it breaks", self._gives(tool, "breaks")),
            ("What breaks it", self._broken_by(tool)),
        )
        body = "".join(f"<section><h3>{heading}</h3>{text}</section>" for heading, text in sections if text)
        return (
            f'<article class="card" id="card-{self._anchors[tool]}" hidden>'
            f'<h2>{escape(tool)} {badge} <span class="place">in {place}</span></h2>{warnings}'
            f'<p class="description">{escape(spec.description)}</p><div class="sections">{body}</div></article>'
        )

    def _needs(self, tool: str) -> str:
        needs = [slot for slot in self._slots[tool] if slot.enables]
        if not needs:
            return "<p>Nothing from other tools: it can be called first.</p>"
        items = "".join(self._need(slot) for slot in needs)
        return f"<p>All of these:</p><ol>{items}</ol>" if len(needs) > 1 else f"<ul>{items}</ul>"

    def _need(self, slot: Slot) -> str:
        producers = {edge.producer for edge in slot.enables}
        source = "from any one of" if len(producers) > 1 else "from"
        state = "A <b>state</b> that must have been reached"
        text = f"<code>{escape(slot.parameter)}</code>" if slot.parameter else state
        opaque = _OPAQUE if slot.opaque else ""
        return f"<li>{text}{opaque}, {source}:{self._alternatives(slot.enables)}</li>"

    def _said(self, tool: str) -> str:
        spec = self._graph.specs[tool]
        produced = {slot.parameter for slot in self._slots[tool] if slot.enables}
        offers = {slot.parameter: slot.offers for slot in self._slots[tool]}
        items = []
        for name, schema in spec.properties.items():
            if name not in produced:
                optional = "" if name in spec.required else ", optional"
                about = f" {escape(str(schema.get('description', '')))}"
                offered = offers.get(name, ())
                sources = f"<div>Some tool offers it as well:</div>{self._alternatives(offered)}" if offered else ""
                kind = f'<span class="note">{escape(_type(schema))}{optional}.</span>'
                items.append(f"<li><code>{escape(name)}</code> {kind}{about}{sources}</li>")
        return f"<ul>{''.join(items)}</ul>" if items else ""

    def _gives(self, tool: str, kind: str) -> str:
        """The tools that ``tool`` has edges of ``kind`` to, by what it gives them or takes from them."""
        found: dict[str | None, list[Edge]] = {}
        for edge in self._outgoing[tool]:
            if edge.kind == kind:
                found.setdefault(edge.parameter, []).append(edge)
        items = []
        for parameter, edges in sorted(found.items(), key=lambda item: item[0] or ""):
            text = f"<code>{escape(parameter)}</code>" if parameter else "a <b>state</b>"
            text += " needed by" if kind == "breaks" else " for"
            items.append(f"<li>{text} {joined(self._consumers(edges))}</li>")
        return f"<ul>{''.join(items)}</ul>" if items else ""

    def _broken_by(self, tool: str) -> str:
        items = []
        for slot in self._slots[tool]:
            if slot.breaks:
                what = f"<code>{escape(slot.parameter)}</code>" if slot.parameter else "The <b>state</b> that it needs"
                items.append(f"<li>{what} is undone by:{self._alternatives(slot.breaks)}</li>")
        return f"<ul>{''.join(items)}</ul>" if items else ""

    def _alternatives(self, edges: Sequence[Edge]) -> str:
        """One entry for each producer, with the outputs that the value is at and how it is known."""
        by_producer: dict[str, list[Edge]] = {}
        for edge in edges:
            by_producer.setdefault(edge.producer, []).append(edge)
        items = "".join(f"<li>{self._producer(name, found)}</li>" for name, found in by_producer.items())
        return f'<ul class="or">{items}</ul>'

    def _producer(self, tool: str, edges: Sequence[Edge]) -> str:
        paths = dict.fromkeys(f"<code>{escape(_path(edge.path))}</code>" for edge in edges if edge.path)
        return f"{self._link(tool)}{f' (its {joined(paths)})' if paths else ''} {_chips(edges)}"

    def _consumers(self, edges: Sequence[Edge]) -> list[str]:
        names = dict.fromkeys(edge.consumer for edge in edges)
        return [f"{self._link(name)} {_chips([edge for edge in edges if edge.consumer == name])}" for name in names]

    def _link(self, tool: str) -> str:
        return f'<a href="#{self._anchors[tool]}">{escape(tool)}</a>'


def counted(number: int, noun: str, nouns: str = "") -> str:
    """``1 need``, ``2 needs``."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def joined(parts: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _chips(edges: Iterable[Edge]) -> str:
    """How the edges are known."""
    evidence = dict.fromkeys(kind for edge in edges for kind in edge.evidence)
    return " ".join(f'<span class="chip {kind}">{kind}</span>' for kind in evidence)


def _path(path: str) -> str:
    """A path as a person writes it: ``cities.*.city`` is ``cities[].city``."""
    return re.sub(r"(^|\.)\*(?=\.|$)", "[]", path)


def _type(schema: Mapping[str, Any]) -> str:
    """The schema's type in a word or two."""
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any value")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
