"""Joins what was found with what an environment's author declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.graph import Edge


def with_declared(found: Sequence[Edge], declared: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges that were found, with a declaration as evidence where there is one, and those that are only declared.

    A declared alternative of a need that was found belongs to that need; other declared needs are needs of their own.
    """
    known = {_meaning(edge) for edge in declared}
    marked = [
        edge.model_copy(update={"evidence": ("declared", *edge.evidence)}) if _meaning(edge) in known else edge
        for edge in found
    ]
    new = [edge for edge in dict.fromkeys(declared) if _meaning(edge) not in {_meaning(item) for item in found}]
    return (*marked, *_numbered(new, found, declared))


def _meaning(edge: Edge) -> tuple[str, str, str | None, str]:
    """What an edge says, wherever in the output its value stands and whatever number its need has."""
    return edge.producer, edge.consumer, edge.parameter, edge.kind


def _numbered(new: Sequence[Edge], found: Sequence[Edge], declared: Sequence[Edge]) -> Iterator[Edge]:
    """The edges with the numbers that their needs have among those that were found."""
    numbers: dict[tuple[str, int], int] = {}
    for edge in new:
        if edge.parameter is not None:
            yield edge
            continue
        need = (edge.consumer, edge.need)
        if need not in numbers:
            alternatives = {
                item.producer for item in declared if _is_state(item, edge.consumer) and item.need == need[1]
            }
            own = [item for item in found if _is_state(item, edge.consumer)]
            same = (item.need for item in own if item.producer in alternatives)
            taken = [
                *(item.need for item in own),
                *(number for (name, _), number in numbers.items() if name == need[0]),
            ]
            numbers[need] = next(same, max(taken, default=-1) + 1)
        yield edge.model_copy(update={"need": numbers[need]})


def _is_state(edge: Edge, consumer: str) -> bool:
    return edge.consumer == consumer and edge.parameter is None and edge.kind == "enables"
