"""The hard query of a turn: a request that needs the advanced tool."""

from __future__ import annotations

from tools.base import Json, Record


class Mention(Record):
    """Where a query says an input, or asks for a sink: ``of`` is the input's name or the sink's call id."""

    of: str
    span: str


class HardQuery(Record):
    """A request at the level of the advanced tool (Q_hard), with the proof that it carries all that it must.

    ``noise`` names the style it was written in; ``hidden`` are the values that it must not show.
    """

    text: str
    noise: str = "plain"
    mentions: tuple[Mention, ...]
    sinks: tuple[Mention, ...]
    hidden: tuple[Json, ...]
