"""What can be read in a situation, so that its values can be tried as arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from envs.discovery.chains import BoundCall, Situation
from envs.discovery.start import Start, Witness
from tools.base import canonical_json

_OUTPUTS = 8
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class Output:
    """What a call returned, and the situation after it."""

    call: BoundCall
    after: Situation


def outputs(start: Start, situation: Situation, target: str, witnesses: Mapping[str, Witness]) -> list[Output]:
    """Outputs of every other tool that can be had in a situation, and of the calls that led there; in a second round
    also those that take what the first round has shown."""
    tools = [tool for tool in start.specs if tool != target and tool not in start.prober.hanging]
    found = [Output(call, situation) for call in situation.calls]
    for tool in tools:
        here = _outputs_of(start, situation, tool)
        if not here and tool in witnesses:
            chain = (*situation.calls, *(call for call in witnesses[tool].chain if call not in situation.calls))
            here = _outputs_of(start, start.runner.run(chain), tool)
        found += here
    informed = _informed(start, situation, found)
    made = {(output.call.tool, canonical_json(output.call.arguments)) for output in found}
    for tool in tools:
        if start.specs[tool].properties:
            found += _outputs_of(start, informed, tool, made)
    return found


def _informed(start: Start, situation: Situation, found: list[Output]) -> Situation:
    """The same situation, with what was read in it known."""
    reads = [
        output
        for output in found
        if output.call.tool not in start.writes and len(output.after.calls) == len(situation.calls) + 1
    ]
    contents = {output.call.id: output.after.contents[output.call.id] for output in reads}
    calls = (*situation.calls, *(output.call for output in reads))
    return Situation(situation.world, calls, {**situation.contents, **contents})


def _outputs_of(start: Start, situation: Situation, tool: str, made: Collection[tuple[str, str]] = ()) -> list[Output]:
    """Outputs of one tool by calls not ``made`` yet; a search that finds nothing is tried with other words."""
    found: list[Output] = []
    for _ in range(_ROUNDS):
        found += [Output(call, after) for call, after in start.successes(tool, situation, _OUTPUTS, leave_out=made)]
        if not found or any(start.catalogue.shown(item.call, item.after.contents[item.call.id]) for item in found):
            break
    return found
