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

    @property
    def well_formed(self) -> bool:
        """Whether it says nothing beyond what its kind needs."""
        if self.kind in ("equals", "nearest"):
            return True
        return self.value is None and (self.kind in ("min", "max") or not self.field)


_PLACE = frozenset({"source", "path", "selector"})
# What the origins of each kind tell, besides their kind.
_FIELDS: dict[OriginKind, frozenset[str]] = {
    "query": frozenset({"span"}),
    "earlier_turn": _PLACE | {"turn"},
    "observation": _PLACE,
    "state": _PLACE,
    "profile": frozenset(),
    "default": frozenset(),
    "derived": frozenset({"parts", "expression"}),
    "composed": frozenset({"parts", "template"}),
    "free_text": frozenset({"parts", "facts"}),
}


class ArgumentOrigin(Record):
    """The source of one argument.

    Attributes:
        kind: ``query`` (the user says it), ``observation`` and ``earlier_turn`` (a call of this turn, or an earlier
            turn, showed it), ``state`` (the user circumscribes it, and ``source`` is the witness: the read that shows
            it), ``profile`` (the system message says it), ``default`` (the schema does), ``derived`` (an expression
            over ``parts``), ``composed`` (a list, object or text made of ``parts``), ``free_text`` (the caller's own
            words, which hold ``facts``).
        span: Where the query's text says it, as character offsets: for ``query`` alone.
        source: Id of the call whose observation shows it, with ``path`` the place in its content, and ``selector`` the
            choice where the path goes through a list.
        turn: For ``earlier_turn`` without a source: the turn, from 1, in whose messages it was said.
        expression: For ``derived``: arithmetic over ``a``, ``b``, ... which stand for ``parts`` in order.
        template: For a ``composed`` text: the text with ``{0}``, ``{1}``, ... for its parts.
        facts: For ``free_text``: what the text claims, in words, with one of ``parts`` for each.
    """

    kind: OriginKind
    span: tuple[int, int] | None = None
    source: str | None = None
    path: str | None = None
    selector: Selector | None = None
    parts: tuple[ArgumentOrigin, ...] = ()
    turn: int | None = None
    expression: str | None = None
    template: str | None = None
    facts: tuple[str, ...] = ()

    @property
    def well_formed(self) -> bool:
        """Whether it, and each of its parts, tells nothing but what its kind is told by."""
        told = {name for name in type(self).model_fields if getattr(self, name) not in (None, ())} - {"kind"}
        if self.source is not None and self.turn is not None:
            return False
        chosen = self.selector is None or self.selector.well_formed
        return chosen and told <= _FIELDS[self.kind] and all(part.well_formed for part in self.parts)

    @property
    def observed(self) -> tuple[ArgumentOrigin, ...]:
        """This origin or its parts, as far as they point to a call's observation."""
        here = (self,) if self.source is not None else ()
        return here + tuple(found for part in self.parts for found in part.observed)
