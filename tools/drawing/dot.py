"""A graph in Graphviz's language, for pictures of any size: ``dot -Tsvg``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tools.drawing.slots import Groups, Join, join_group, joins, links, members
from tools.graph import ApiGraph

_HEAD = """\
// Solid: the tool needs it (the label is a parameter, or a state). Arrows that meet in "or": one of them is enough.
// Dotted: offers a value that a user could say as well. Red with a bar: undoes what the tool needs.
digraph tools {
    rankdir=LR; ranksep=0.7; nodesep=0.18; fontname="Helvetica"; fontsize=13; newrank=true;
    node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, height=0.32, margin="0.12,0.05"];
    edge [fontname="Helvetica", fontsize=9, color="#5b6675", fontcolor="#374151", arrowsize=0.7];"""
_EFFECTS = {"read": 'fillcolor="#e8f0fb", color="#4a78b5"', "write": 'fillcolor="#fdf0dc", color="#b97f24"'}
_OR = 'label="or", shape=diamond, style=filled, fillcolor=white, color="#6b7280", fontsize=8, margin="0,0", height=0.3'
_OFFERS = "style=dotted, weight=0"
_BREAKS = 'color="#c62828", fontcolor="#c62828", arrowhead=tee, arrowsize=1.0, weight=0'


def to_dot(graph: ApiGraph, groups: Groups | None = None) -> str:
    """The graph in DOT, with a cluster for each of ``groups``.

    Tools that are alternatives for the same thing meet in one diamond, which all the tools that need it share.
    """
    return "\n".join((_HEAD, *_nodes(graph, groups), *_edges(graph), "}")) + "\n"


def _nodes(graph: ApiGraph, groups: Groups | None) -> Iterator[str]:
    placed = members(graph, groups)
    group_of = {name: group for group, names in placed.items() for name in names}
    hubs: dict[str, list[Join]] = {}
    for join in joins(graph):
        if len(join.producers) > 1:
            hubs.setdefault(join_group(join, group_of), []).append(join)
    for number, (group, names) in enumerate(placed.items()):
        indent = "        " if group else "    "
        if group:
            yield f"    subgraph cluster_{number} {{"
            yield f'{indent}label={_quoted(group)}; style=rounded; color="#b8c0cc"; fontcolor="#374151";'
        yield from (f"{indent}{_quoted(name)} [{_EFFECTS[graph.specs[name].effect]}];" for name in names)
        if group:
            yield from (f"{indent}{_hub(join)} [{_OR}];" for join in hubs.get(group, ()))
            yield "    }"
    yield from (f"    {_hub(join)} [{_OR}];" for join in hubs.get("", ()))


def _edges(graph: ApiGraph) -> Iterator[str]:
    for join in joins(graph):
        source = _hub(join) if len(join.producers) > 1 else _quoted(join.producers[0])
        if len(join.producers) > 1:
            yield from (f"    {_quoted(name)} -> {source} [arrowhead=none];" for name in join.producers)
        for consumer, labels in join.consumers.items():
            yield f"    {source} -> {_quoted(consumer)} [label={_lines(labels)}];"
    for link in links(graph, "offers"):
        yield f"    {_quoted(link.producer)} -> {_quoted(link.consumer)} [label={_lines(link.labels)}, {_OFFERS}];"
    for link in links(graph, "breaks"):
        yield f"    {_quoted(link.producer)} -> {_quoted(link.consumer)} [label={_lines(link.labels)}, {_BREAKS}];"


def _hub(join: Join) -> str:
    """The diamond's identifier; a line break keeps it apart from the names of tools."""
    return _quoted("or\n" + "\n".join(join.producers))


def _lines(labels: Iterable[str]) -> str:
    return _quoted("\n".join(labels))


def _quoted(text: str) -> str:
    """A DOT string. Backslashes are doubled, since Graphviz would take ``\\N`` in a label for the node's name."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n") + '"'
