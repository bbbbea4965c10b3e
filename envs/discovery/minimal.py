"""Leaves calls out of a chain for as long as its tool still succeeds."""

from __future__ import annotations

from collections.abc import Sequence

from envs.discovery.chains import BoundCall
from envs.discovery.start import Start, Witness

_OTHER_ARGUMENTS = 60


def minimal(start: Start, witness: Witness, base: int = 0) -> Witness:
    """A witness of the same tool without the calls that it can do without; the first ``base`` calls are kept.

    Where a call is needed by these arguments alone, and the tool succeeds without it with others, the others are taken.
    """
    kept, rest = witness.chain[:base], witness.chain[base:]
    call = witness.call
    for fewer in ((), _closure(rest, call)):
        if _succeeds(start, (*kept, *fewer), call):
            rest = fewer
            break
    rest = _thinned(start, kept, rest, call)
    if base:
        return _settled(start, (*kept, *rest), call)
    for position, left_out in enumerate(rest):
        if left_out.tool in start.writes:
            other = _without(start, (*rest[:position], *rest[position + 1 :]), call)
            if other is not None:
                return minimal(start, other)
    return _settled(start, rest, call)


def _settled(start: Start, chain: tuple[BoundCall, ...], call: BoundCall) -> Witness:
    """The witness with the values that its chain gives now as arguments: they stand in where outputs are forgotten."""
    arguments = call.resolved(start.runner.run(chain).contents)
    return Witness(chain, BoundCall(call.id, call.tool, arguments, call.references))


def _thinned(
    start: Start, kept: tuple[BoundCall, ...], rest: tuple[BoundCall, ...], call: BoundCall
) -> tuple[BoundCall, ...]:
    for size in (*_halves(len(rest)), 2, 1):
        position = 0
        while position < len(rest):
            fewer = start.runner.run((*kept, *rest[:position], *rest[position + size :])).calls
            if fewer[: len(kept)] == kept and _succeeds(start, fewer, call):
                rest = fewer[len(kept) :]
            else:
                position += 1
    return rest


def _without(start: Start, calls: Sequence[BoundCall], call: BoundCall) -> Witness | None:
    situation = start.informed(start.runner.run(calls))
    for other in start.proposals(call.tool, situation, _OTHER_ARGUMENTS):
        if start.outcome(situation, other).succeeded:
            return Witness(situation.calls, start.catalogue.bound(other, situation))
    return None


def _succeeds(start: Start, calls: Sequence[BoundCall], call: BoundCall) -> bool:
    """Whether the call succeeds with what outputs say now: a value kept from before may be the only trace of a call
    that is needed for the sake of an output."""
    situation = start.runner.all_succeed(calls)
    if situation is None or not call.producers() <= situation.contents.keys():
        return False
    return start.outcome(situation, call).succeeded


def _halves(size: int) -> list[int]:
    found = []
    while size > 2:
        size //= 2
        found.append(size)
    return found


def _closure(calls: Sequence[BoundCall], last: BoundCall) -> tuple[BoundCall, ...]:
    """The calls that arguments are taken from, directly or by way of others."""
    wanted = set(last.producers())
    for call in reversed(calls):
        if call.id in wanted:
            wanted |= call.producers()
    return tuple(call for call in calls if call.id in wanted)
