"""Where an argument's value comes from."""

from __future__ import annotations

from typing import Literal

from tools.base import Json, Record

OriginKind = Literal[
    "query", "earlier_turn", "observation", "state", "profile", "default", "derived", "composed", "free_text"
]


class Selector(Record):
    """Which entry of a list an argument was taken from, in words that a user can say.

    ``only``: the list has one entry; ``first``; ``min`` and ``max``: the entry whose ``field`` is lowest or highest;
    ``equals``: the entry whose ``field`` is ``value``; ``nearest``: the entry of whose ``field`` the text ``value`` is
    a slip, or, without a ``field``, the text, or the key of a table, of which it is one.
    """

    kind: Literal["only", "first", "min", "max", "equals", "nearest"]
    field: str = ""
    value: Json = None


class ArgumentOrigin(Record):
    """The source of one argument: for ``observation`` and ``earlier_turn`` the call, the path in its content, and the
    selector where the path goes through a list; for ``composed`` the origins of its parts, in order."""

    kind: OriginKind
    source: str | None = None
    path: str | None = None
    selector: Selector | None = None
    parts: tuple[ArgumentOrigin, ...] = ()

    @property
    def observed(self) -> tuple[ArgumentOrigin, ...]:
        """This origin or its parts, as far as they point to a call's observation."""
        here = (self,) if self.source is not None else ()
        return here + tuple(found for part in self.parts for found in part.observed)
