"""A graph as a Mermaid flowchart, for documents that show up to about 25 tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tools.drawing.slots import Groups, Join, join_group, joins, links, members
from tools.graph import ApiGraph

_HEAD = """\
flowchart LR
    %% Solid: the tool needs it (the label is a parameter, or a state). Arrows that meet in "or": one of them is enough.
    %% Dotted: offers a value that a user could say as well. Red with a cross: undoes what the tool needs."""
_STYLES = """\
    classDef read fill:#e8f0fb,stroke:#4a78b5,color:#12263f
    classDef write fill:#fdf0dc,stroke:#b97f24,color:#3d2a08
    classDef or fill:#ffffff,stroke:#6b7280,color:#374151,font-size:11px"""
_PLAIN = re.compile(r"[\w .,()/-]", re.ASCII)


def to_mermaid(graph: ApiGraph, groups: Groups | None = None) -> str:
    """The graph as the text of a Mermaid flowchart, with a subgraph for each of ``groups``.

    Tools that are alternatives for the same thing meet in one diamond, which all the tools that need it share.
    """
    return "\n".join((_HEAD, *_Flowchart(graph, groups).lines(), _STYLES)) + "\n"


class _Flowchart:
    """The lines of one flowchart; counts its arrows, since Mermaid styles arrows by their number."""

    def __init__(self, graph: ApiGraph, groups: Groups | None) -> None:
        self._graph = graph
        self._members = members(graph, groups)
        self._ids = _identifiers(graph.specs)
        group_of = {name: group for group, names in self._members.items() for name in names}
        self._joins = joins(graph)
        shared = [join for join in self._joins if len(join.producers) > 1]
        self._hubs = {join.producers: f"or_{number}" for number, join in enumerate(shared, start=1)}
        self._hub_groups = {join.producers: join_group(join, group_of) for join in shared}
        self._arrows = 0

    def lines(self) -> Iterator[str]:
        for number, (group, names) in enumerate(self._members.items(), start=1):
            yield from self._group(group, names, number)
        if "" not in self._members:
            yield from self._diamonds("", "    ")
        for join in self._joins:
            yield from self._join(join)
        for link in links(self._graph, "offers"):
            yield self._arrow(self._ids[link.producer], "-.->", self._ids[link.consumer], link.labels)
        first_break = self._arrows
        for link in links(self._graph, "breaks"):
            yield self._arrow(self._ids[link.producer], "--x", self._ids[link.consumer], _broken(link.labels))
        if self._arrows > first_break:
            numbers = ",".join(str(number) for number in range(first_break, self._arrows))
            yield f"    linkStyle {numbers} stroke:#c62828,color:#c62828"

    def _group(self, group: str, names: Iterable[str], number: int) -> Iterator[str]:
        indent = "        " if group else "    "
        if group:
            yield f"    subgraph group_{number} [{_quoted(group)}]"
            yield f"{indent}direction LR"
        for name in names:
            yield f"{indent}{self._ids[name]}[{_quoted(name)}]:::{self._graph.specs[name].effect}"
        yield from self._diamonds(group, indent)
        if group:
            yield "    end"

    def _diamonds(self, group: str, indent: str) -> Iterator[str]:
        for producers, hub in self._hubs.items():
            if self._hub_groups[producers] == group:
                yield f'{indent}{hub}{{"or"}}:::or'

    def _join(self, join: Join) -> Iterator[str]:
        source = self._hubs.get(join.producers)
        if source is None:
            source = self._ids[join.producers[0]]
        else:
            for name in join.producers:
                yield self._arrow(self._ids[name], "---", source)
        for consumer, labels in join.consumers.items():
            yield self._arrow(source, "-->", self._ids[consumer], labels)

    def _arrow(self, source: str, arrow: str, target: str, labels: Iterable[str] = ()) -> str:
        self._arrows += 1
        text = ", ".join(labels)
        return f"    {source} {arrow}|{_quoted(text)}| {target}" if text.strip() else f"    {source} {arrow} {target}"


def _broken(labels: Iterable[str]) -> tuple[str, ...]:
    return (f"breaks {', '.join(labels)}",)


def _identifiers(names: Iterable[str]) -> dict[str, str]:
    """For each name an identifier of letters, digits and underscores that no word of Mermaid's begins."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        stem = "tool_" + re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
        identifier, number = stem, 2
        while identifier in taken:
            identifier, number = f"{stem}_{number}", number + 1
        taken.add(identifier)
        given[name] = identifier
    return given


def _quoted(text: str) -> str:
    """Text in quotes, in which all that Mermaid or Markdown could take for syntax is an entity."""
    shown = " ".join(text.split())
    return '"' + "".join(char if _PLAIN.match(char) else f"#{ord(char)};" for char in shown) + '"'
