"""The hard query of a turn: a request that needs the advanced tool."""

from __future__ import annotations

from tools.base import Json, Record


class Mention(Record):
    """Where a query says an input, or asks for a sink: ``of`` is the input's name or the sink's call id, ``span`` the
    words, and ``start`` the offset of their first character in the query; -1 as long as it was not looked for."""

    of: str
    span: str
    start: int = -1


class Noise(Record):
    """What was done to a request to make it less plain (ε): the ``operator``, and what it was given or did, in words
    (the persona, the language, the input that it took out)."""

    operator: str
    detail: str = ""


class HardQuery(Record):
    """A request at the level of the advanced tool (Q_hard), with the proof that it carries all that it must.

    ``noise`` is how it departs from plain words; ``hidden`` are the values that it must not show.
    """

    text: str
    noise: tuple[Noise, ...] = ()
    mentions: tuple[Mention, ...]
    sinks: tuple[Mention, ...]
    hidden: tuple[Json, ...]
