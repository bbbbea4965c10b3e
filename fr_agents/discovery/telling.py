"""A discovered graph as a person reads it: how it came about, what each tool needs, and what is wrong with some."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from envs.discovery import Discovery
from fr_agents.discovery.discovering import DiscoveredGraph
from fr_agents.discovery.run_graph import RunGraph
from fr_agents.funnel import counted
from tools.explaining import explain
from tools.graph import ApiGraph, Edge, Evidence

_NAMED = 3
_EVIDENCE: tuple[Evidence, ...] = ("probed", "observed", "declared", "schema")


class _Hanging:
    """A paragraph whose further lines are indented more than its first one, so that the first words stand out."""

    def __init__(self, text: str, indent: int = 2, style: str = "") -> None:
        self._text = text
        self._indent = indent
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        filled = textwrap.fill(
            self._text,
            width=options.max_width,
            initial_indent=" " * self._indent,
            subsequent_indent=" " * (self._indent + 2),
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield Text(filled, style=self._style)


def render_discovered(found: DiscoveredGraph) -> Group:
    """All that a person wants to know of a graph: the tools that need something in full, the others counted."""
    graph = found.graph
    parts: list[RenderableType] = [_Hanging(header_line(found), indent=0)]
    for group, names in _once(found.discovery):
        parts += [Text(""), *_group(graph, group, names)]
    if found.discovery.warnings:
        parts += [Text(""), Text(counted(len(found.discovery.warnings), "warning"), style="bold")]
        parts += [_Hanging(warning.text, style="yellow") for warning in found.discovery.warnings]
    return Group(*parts)


def header_line(found: DiscoveredGraph) -> str:
    """The graph in one line: tools, edges by their evidence (an edge can have several), what it took, and whether it
    comes from the cache."""
    discovery = found.discovery
    took = f"{discovery.calls:,} calls in {discovery.seconds:.1f} s"
    if discovery.cut_short:
        took += f", cut short by its bounds in {', '.join(discovery.cut_short)}: needs may be missing"
    origin = "from the cache (--refresh discovers it again)" if found.cached else "discovered now"
    tools = counted(len(discovery.specs), "tool")
    return f"{discovery.world} {discovery.version} · {tools} · {_counted_edges(discovery.edges)} · {took} · {origin}"


def graph_line(found: RunGraph) -> str:
    """The graph of a run in one line: edges by their evidence, where it comes from, what its bounds cut short, and the
    tools that are never targets."""
    parts = [f"graph: {_counted_edges(found.graph.edges)} {found.origin}"]
    if found.cut_short:
        parts.append(f"cut short by its bounds in {', '.join(found.cut_short)}: needs may be missing")
    if found.left_out:
        named = [f"{tool} ({reason.replace('_', ' ')})" for tool, reason in found.left_out.items()][:_NAMED]
        more = ", ..." if len(found.left_out) > _NAMED else ""
        parts.append(f"{counted(len(found.left_out), 'tool')} left out: {', '.join(named)}{more}")
    return " · ".join(parts)


def _counted_edges(edges: Sequence[Edge]) -> str:
    """Of their evidence an edge can have several kinds."""
    kinds = Counter(kind for edge in edges for kind in edge.evidence)
    evidence = ", ".join(f"{kinds[kind]} {kind}" for kind in _EVIDENCE if kinds[kind])
    return counted(len(edges), "edge") + (f" ({evidence})" if evidence else "")


def _group(graph: ApiGraph, group: str, names: Sequence[str]) -> Iterator[RenderableType]:
    needy = [name for name in names if _needs_something(graph, name)]
    free = len(names) - len(needy)
    verb = "needs" if len(needy) == 1 else "need"
    said = (
        f"{len(needy)} of {counted(len(names), 'tool')} {verb} something first" if needy else "no tool needs anything"
    )
    yield Text.assemble((group, "bold"), f" · {said}")
    for name in needy:
        yield _Hanging(explain(graph, name))
    if needy and free:
        other = "other needs" if free == 1 else "others need"
        yield _Hanging(f"The {'' if free == 1 else f'{free} '}{other} nothing first.", style="dim")


def _needs_something(graph: ApiGraph, tool: str) -> bool:
    """Also for a parameter that may be left out."""
    return bool(graph.state_needs(tool)) or any(
        graph.required_sources(tool, name) for name in graph.specs[tool].properties
    )


def _once(discovery: Discovery) -> Iterator[tuple[str, list[str]]]:
    """The groups, each tool in the first one that has it: groups of several environments can share some."""
    told: set[str] = set()
    for group, names in discovery.groups.items():
        fresh = [name for name in names if name not in told]
        told.update(fresh)
        if fresh:
            yield group, fresh
