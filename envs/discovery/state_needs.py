"""Which state a tool checks before it does its work, and which tools establish it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envs.discovery.chains import BoundCall, Situation
from envs.discovery.outcome import SUCCESS, Outcome
from envs.discovery.start import Start, Witness

_TRIES = 8


@dataclass(frozen=True, eq=False)
class Need:
    """A state that a tool checks: the tools that establish it, each alone, and what is answered without it.

    ``mended``: the initial state had met it, and it showed only once another tool had undone that.
    """

    tools: tuple[str, ...]
    missing: Outcome
    mended: bool = False


def state_needs(
    start: Start,
    witness: Witness,
    candidates: Iterable[BoundCall],
    witnesses: Mapping[str, Witness],
) -> list[Need]:
    """The needs that the ``candidates`` among the witness's chain meet, each with its alternatives.

    The chain must be minimal. A call in it may be there for the sake of another; it counts where leaving it out alone
    changes what the tool answers.
    """
    found = []
    for call in candidates:
        gap = _gap(start, witness, call)
        if gap is not None:
            others = _alternatives(start, witness, call, gap, witnesses)
            found.append(Need((call.tool, *others), gap.missing))
    return found


@dataclass(frozen=True, eq=False)
class _Gap:
    """A situation in which one need is not met: what the tool answers in it, and what it answers once it is."""

    situation: Situation
    missing: Outcome
    met: Outcome


def _gap(start: Start, witness: Witness, call: BoundCall) -> _Gap | None:
    """A situation that lacks ``call`` alone; where other calls of the chain need it too, one before them."""
    runner = start.runner
    without = runner.run([other for other in witness.chain if other is not call])
    missing = start.outcome(without, witness.call)
    if len(without.calls) == len(witness.chain) - 1:
        return None if missing.succeeded else _Gap(without, missing, SUCCESS)
    before = runner.run(_support(start, witness, call))
    after = runner.run((*before.calls, call))
    if call not in after.calls:
        return None
    missing, met = start.outcome(before, witness.call), start.outcome(after, witness.call)
    return None if missing == met else _Gap(before, missing, met)


def _support(start: Start, witness: Witness, call: BoundCall) -> list[BoundCall]:
    """The calls of the chain without which ``call`` itself fails."""
    earlier = list(witness.chain[: witness.chain.index(call)])
    position = 0
    while position < len(earlier):
        fewer = [*earlier[:position], *earlier[position + 1 :]]
        if call in start.runner.run((*fewer, call)).calls:
            earlier = fewer
        else:
            position += 1
    return earlier


def _alternatives(
    start: Start, witness: Witness, call: BoundCall, gap: _Gap, witnesses: Mapping[str, Witness]
) -> list[str]:
    """Other tools that meet the need as well."""
    found = []
    hints = witness.call.resolved(gap.situation.contents)
    for tool in sorted(start.writes - {call.tool, witness.call.tool}):
        if any(
            start.outcome(after, witness.call) == gap.met
            for base in _bases(start, witness, gap, tool, call.tool, witnesses)
            for _, after in start.successes(tool, base, _TRIES, hints)
        ):
            found.append(tool)
    return found


def _bases(
    start: Start, witness: Witness, gap: _Gap, tool: str, replaced: str, witnesses: Mapping[str, Witness]
) -> list[Situation]:
    """The situation with the gap, and the same with what ``tool`` itself needs, as long as the gap is still there."""
    bases = [gap.situation]
    chain = witnesses[tool].chain if tool in witnesses else ()
    further = [call for call in chain if call.tool != replaced and call not in gap.situation.calls]
    if further:
        base = start.runner.run((*gap.situation.calls, *further))
        if start.outcome(base, witness.call) == gap.missing:
            bases.append(base)
    return [start.informed(base) for base in bases]
