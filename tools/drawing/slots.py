"""What all drawings show: the slots of each tool, the joins that fill them, and how tools lie in groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.graph import ApiGraph, Edge

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Slot:
    """One thing that a tool's call rests on: a parameter's value, or (without a parameter) a state that it checks.

    A tool needs all of its slots that have ``enables``; of the edges of one slot each is enough.
    """

    consumer: str
    parameter: str | None
    enables: tuple[Edge, ...]
    offers: tuple[Edge, ...]
    breaks: tuple[Edge, ...]

    @property
    def label(self) -> str:
        """The parameter's name, or ``state``."""
        return self.parameter or "state"

    @property
    def opaque(self) -> bool:
        """Whether the system makes the value, so that nobody could guess it."""
        return any(edge.opaque for edge in self.enables)


@dataclass(frozen=True)
class Join:
    """Tools of which any one is enough, and for which consumers: by name, with the slots that it fills there."""

    producers: tuple[str, ...]
    consumers: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Link:
    """One arrow of an edge kind without alternatives, with the slots that it touches."""

    producer: str
    consumer: str
    labels: tuple[str, ...]


def tool_slots(graph: ApiGraph) -> dict[str, tuple[Slot, ...]]:
    """The slots of every tool: states first, then parameters in the order of the tool's schema."""
    found: dict[str, dict[tuple[str | None, int], list[Edge]]] = {name: {} for name in graph.specs}
    for edge in graph.edges:
        key = (edge.parameter, 0 if edge.parameter else edge.need)
        found[edge.consumer].setdefault(key, []).append(edge)
    slots = {}
    for tool, by_key in found.items():
        rank = {parameter: place for place, parameter in enumerate(graph.specs[tool].properties, start=1)}
        keys = sorted(by_key, key=lambda key: (rank.get(key[0], len(rank) + 1) if key[0] else 0, key[0] or "", key[1]))
        slots[tool] = tuple(_slot(tool, key[0], by_key[key]) for key in keys)
    return slots


def joins(graph: ApiGraph) -> tuple[Join, ...]:
    """All enabling edges, brought together where the same tools are alternatives for several slots or consumers."""
    found: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
    order = {name: place for place, name in enumerate(graph.specs)}
    for tool, slots in tool_slots(graph).items():
        for slot in slots:
            producers = tuple(sorted({edge.producer for edge in slot.enables}, key=order.__getitem__))
            if producers:
                consumers = found.setdefault(producers, {})
                consumers[tool] = tuple(dict.fromkeys((*consumers.get(tool, ()), slot.label)))
    return tuple(Join(producers, consumers) for producers, consumers in found.items())


def links(graph: ApiGraph, kind: str) -> tuple[Link, ...]:
    """The edges of one kind, one for each pair of tools."""
    found: dict[tuple[str, str], list[str]] = {}
    for edge in graph.edges:
        if edge.kind == kind:
            found.setdefault((edge.producer, edge.consumer), []).append(edge.parameter or "state")
    return tuple(Link(*pair, tuple(dict.fromkeys(labels))) for pair, labels in found.items())


def members(graph: ApiGraph, groups: Groups | None) -> dict[str, tuple[str, ...]]:
    """The graph's tools by group, each in the first group that names it; the rest under an empty name, last."""
    rest: dict[str, None] = dict.fromkeys(graph.specs)
    placed: dict[str, tuple[str, ...]] = {}
    for group, names in (groups or {}).items():
        own = tuple(name for name in dict.fromkeys(names) if name in rest)
        if group and own:
            placed[group] = own
            rest = {name: None for name in rest if name not in own}
    return {**placed, "": tuple(rest)} if rest else placed


def join_group(join: Join, group_of: Mapping[str, str]) -> str:
    """The group whose tools alone are joined or fed by ``join``; empty where it ties groups together."""
    touched = {group_of[name] for name in (*join.producers, *join.consumers)}
    return touched.pop() if len(touched) == 1 else ""


def _slot(tool: str, parameter: str | None, edges: Iterable[Edge]) -> Slot:
    ranked = sorted(edges, key=lambda edge: -edge.score)
    kinds = {kind: tuple(edge for edge in ranked if edge.kind == kind) for kind in ("enables", "offers", "breaks")}
    return Slot(tool, parameter, kinds["enables"], kinds["offers"], kinds["breaks"])
