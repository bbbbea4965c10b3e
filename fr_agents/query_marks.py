"""The text of a query cut into pieces, each with what it says: for a page that marks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from graphs.records import Turn
from graphs.records.query import Mention
from tools.origin import ArgumentOrigin


@dataclass(frozen=True)
class Mark:
    """Characters ``start`` to ``end`` of a query, and what they say: an input, a task, or an argument."""

    start: int
    end: int
    says: str


@dataclass(frozen=True)
class Piece:
    """A piece of a query. ``says`` is empty for words that no mark covers; ``starts`` tells that a mark begins here."""

    text: str
    start: int
    says: tuple[str, ...]
    starts: bool


def query_pieces(turn: Turn) -> list[Piece]:
    """The query of a turn in pieces, which together are the whole of it. Marks may overlap."""
    marks = [mark for mark in _marks(turn) if 0 <= mark.start < mark.end <= len(turn.query)]
    edges = sorted({0, len(turn.query), *(mark.start for mark in marks), *(mark.end for mark in marks)})
    return [
        Piece(
            text=turn.query[start:end],
            start=start,
            says=tuple(dict.fromkeys(mark.says for mark in marks if mark.start <= start and end <= mark.end)),
            starts=any(mark.start == start for mark in marks),
        )
        for start, end in pairwise(edges)
    ]


def _marks(turn: Turn) -> Iterator[Mark]:
    labels = {item.name: item.label for item in turn.advanced_tool.inputs}
    tasks = {sink.call_id: sink.task for sink in turn.advanced_tool.sinks}
    for mention in turn.hard_query.mentions:
        yield from _of_mention(mention, f"says: {labels.get(mention.of, mention.of)}", turn.query)
    for sink in turn.hard_query.sinks:
        yield from _of_mention(sink, f"asks to {tasks.get(sink.of, 'do something')}", turn.query)
    for step in (*turn.gold_steps, *(step for attempt in turn.attempts for step in attempt.steps)):
        for name, origin in step.origins.items():
            for start, end in _spans(origin):
                yield Mark(start, end, f"gives {name} of {step.call.name}")


def _of_mention(mention: Mention, says: str, query: str) -> Iterator[Mark]:
    start = mention.start if mention.start >= 0 else query.find(mention.span)
    if start >= 0:
        yield Mark(start, start + len(mention.span), says)


def _spans(origin: ArgumentOrigin) -> Iterator[tuple[int, int]]:
    if origin.span is not None:
        yield origin.span
    for part in origin.parts:
        yield from _spans(part)
