"""Which tools undo what another one needs."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass

from envs.discovery.chains import BoundCall, Situation
from envs.discovery.leaves import code_like
from envs.discovery.outcome import Outcome
from envs.discovery.parameter_sources import ParameterFinding, with_value
from envs.discovery.start import Start, Witness
from envs.discovery.state_needs import Need
from tools.base import JsonObject

_TRIES = 6
_OTHER_ARGUMENTS = 60


@dataclass(frozen=True, eq=False)
class Break:
    """``tool`` undoes a state need of the consumer, or, with a parameter, makes its value unknown."""

    tool: str
    need: Need | None
    parameter: str | None


def find_breaks(
    start: Start, witness: Witness, needs: list[Need], parameters: dict[str, ParameterFinding]
) -> tuple[list[Break], list[Need]]:
    """Call each tool that changes something between a witness's chain and its call.

    It breaks a need if the call is then answered as if the need had never been met. Where it is answered otherwise, any
    arguments are refused, and one more call mends it, that is a need which the initial state had met.
    """
    situation = start.informed(start.runner.run(witness.chain))
    hints = witness.call.resolved(situation.contents)
    known = list(needs)
    breaks: dict[tuple[str, int, str | None], Break] = {}
    for tool in sorted(start.writes - {witness.call.tool}):
        for call, after in start.successes(tool, situation, _TRIES, hints):
            outcome = start.outcome(after, witness.call)
            if outcome.succeeded:
                continue
            found = _broken(tool, outcome, known, parameters) or _spoiled(call, hints, parameters)
            others = _other_values(witness.call, parameters)
            if found is None and (need := _mended(start, witness, after, tool, outcome, others)) is not None:
                known.append(need)
                found = Break(tool, need, None)
            if found is not None:
                breaks.setdefault((tool, id(found.need), found.parameter), found)
    return list(breaks.values()), known[len(needs) :]


def _broken(tool: str, outcome: Outcome, needs: list[Need], parameters: dict[str, ParameterFinding]) -> Break | None:
    for need in needs:
        if need.missing == outcome:
            return Break(tool, need, None)
    names = (name for name, item in parameters.items() if item.sources and outcome in item.unknown)
    parameter = next(names, None)
    return None if parameter is None else Break(tool, None, parameter)


def _spoiled(call: BoundCall, arguments: JsonObject, parameters: dict[str, ParameterFinding]) -> Break | None:
    """The break of a call that names the same thing as the consumer's, which then will not do any more."""
    named = [value for value in call.arguments.values() if code_like(value)]
    shared = (name for name, item in parameters.items() if item.sources and arguments.get(name) in named)
    parameter = next(shared, None)
    return None if parameter is None else Break(call.tool, None, parameter)


def _other_values(call: BoundCall, parameters: dict[str, ParameterFinding]) -> list[BoundCall]:
    """The same call with each other value that outputs gave: another card than the one that was spent."""
    return [
        with_value(call, name, json.loads(value))
        for name, item in parameters.items()
        for source in item.sources
        for value, reference in source.taken.items()
        if name in call.arguments and not reference.wrapped
    ]


def _mended(
    start: Start, witness: Witness, broken: Situation, breaker: str, missing: Outcome, others: list[BoundCall]
) -> Need | None:
    """The need for tools that make the call succeed again, where no other arguments do."""
    target = witness.call.tool
    proposals = start.proposals(target, broken, _OTHER_ARGUMENTS)
    if any(start.outcome(broken, call).succeeded for call in itertools.chain(others, proposals)):
        return None
    hints = witness.call.resolved(broken.contents)

    def mends(tool: str) -> bool:
        after = (after for _, after in start.successes(tool, broken, _TRIES, hints))
        return any(start.outcome(situation, witness.call).succeeded for situation in after)

    tools = [tool for tool in sorted(start.writes - {breaker, target}) if mends(tool)]
    return Need(tuple(tools), missing, mended=True) if tools else None
