"""Arguments that were worked out: arithmetic over known values, once more with the operands that a caller had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from string import ascii_lowercase

from tools.base import Json
from tools.expressions import ExpressionError, calculate, same_result
from tools.known import Known
from tools.origin import ArgumentOrigin
from tools.saying import dates_said, numbers_said
from tools.trace import Step, succeeded

_MOST_WAYS = 256


def derived_like(value: Json, wanted: ArgumentOrigin, gold: Mapping[str, Step], known: Known) -> ArgumentOrigin | None:
    """The origin of a value that comes out of gold's expression with the caller's own operands: what the query says
    where gold's says it, and what the caller's own calls of the same tools have shown in the same places.

    Args:
        value: What the caller gave.
        wanted: Gold's origin, of the kind ``derived``.
        gold: The gold steps by call id.
        known: What the caller knew.
    """
    ways = product(*(list(_operands(part, gold, known)) for part in wanted.parts))
    for parts in islice(ways, _MOST_WAYS):
        origin = wanted.model_copy(update={"parts": tuple(parts)})
        if recomputes(value, origin, known):
            return origin
    return None


def recomputes(value: Json, origin: ArgumentOrigin, known: Known) -> bool:
    """Whether a derived value comes out of its expression once more, in one of the readings of its operands."""
    return any(same_result(result, value) for result in _results(origin, known))


def operand_values(origin: ArgumentOrigin, known: Known) -> tuple[Json, ...]:
    """What an operand may be: what an observation shows, what the span of the query says, or what another expression
    gives; nothing where none of these holds."""
    if origin.kind == "query" and origin.span:
        words = known.told.query[slice(*origin.span)]
        return (*numbers_said(words), *dates_said(words))
    if origin.kind == "derived":
        return _results(origin, known)
    if origin.source is None:
        return ()
    try:
        return known.at(origin)
    except LookupError:
        return ()


def _results(origin: ArgumentOrigin, known: Known) -> tuple[Json, ...]:
    """What an expression gives, for each way to read its operands in which it gives anything."""
    found: list[Json] = []
    for values in islice(product(*(operand_values(part, known) for part in origin.parts)), _MOST_WAYS):
        try:
            found.append(calculate(origin.expression or "", dict(zip(ascii_lowercase, values, strict=False))))
        except ExpressionError:
            continue
    return tuple(found)


def _operands(part: ArgumentOrigin, gold: Mapping[str, Step], known: Known) -> Iterator[ArgumentOrigin]:
    """The origins that a caller's operand may have in the place of gold's."""
    source = gold.get(part.source or "")
    if part.kind in ("observation", "state") and source is not None:
        yield from _own(part, source.call.name, known.seen)
    elif part.kind == "derived":
        ways = product(*(list(_operands(inner, gold, known)) for inner in part.parts))
        yield from (part.model_copy(update={"parts": tuple(inner)}) for inner in islice(ways, _MOST_WAYS))
    else:
        yield part


def _own(part: ArgumentOrigin, tool: str, seen: Sequence[Step]) -> Iterator[ArgumentOrigin]:
    for step in reversed(succeeded(seen)):
        if step.call.name == tool:
            yield part.model_copy(update={"kind": "observation", "source": step.call.id})
