"""What one initial state shows of each tool."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from envs.discovery.affinity import system_name
from envs.discovery.breaking import Break, find_breaks
from envs.discovery.chains import BoundCall
from envs.discovery.exploring import Explorer
from envs.discovery.freshness import fresh_needs, undone_needs
from envs.discovery.leaves import leaves
from envs.discovery.minimal import minimal
from envs.discovery.outputs import Output, outputs
from envs.discovery.parameter_sources import ParameterFinding, find_sources, with_value
from envs.discovery.probing import OutOfBoundsError
from envs.discovery.start import Start, Witness
from envs.discovery.state_needs import Need, state_needs
from tools.base import canonical_json

_VALUES = 12
_DEFECT = re.compile(r"\w+: \w+(Error|Exception)\b")

Told = Callable[[str, int, int], None]


@dataclass(eq=False)
class ToolFinding:
    """What was found out about one tool: how it was made to succeed, where its arguments come from, which state it
    checks, and what undoes that."""

    tool: str
    witness: Witness
    parameters: dict[str, ParameterFinding] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)


def examine(start: Start, told: Told) -> list[ToolFinding]:
    """Explore an initial state, then find out for each tool that succeeded what it needed. What is found until the
    bounds are met counts."""
    findings: list[ToolFinding] = []
    try:
        explorer = Explorer(start)
        told("explored", 0, len(start.specs))
        witnesses = {tool: minimal(start, found) for tool, found in explorer.explore().items()}
        for number, witness in enumerate(witnesses.values()):
            told("examined", number, len(witnesses))
            if _repeatable(start, witness):
                findings.append(_examine(start, witness, witnesses))
    except OutOfBoundsError:
        pass
    return findings


def _repeatable(start: Start, witness: Witness) -> bool:
    """Whether the same call in the same state gives the same answer; a tool that does not is left out."""
    situation = start.runner.run(witness.chain)
    arguments = witness.call.resolved(situation.contents)
    answers = {
        canonical_json(start.prober.trial(situation.world, witness.call.tool, arguments).content) for _ in range(3)
    }
    if len(answers) > 1:
        start.prober.warn(witness.call.tool, "random", "answers the same call in the same state in different ways")
    return len(answers) == 1


def _examine(start: Start, witness: Witness, witnesses: dict[str, Witness]) -> ToolFinding:
    available = outputs(start, start.runner.run(witness.chain), witness.call.tool, witnesses)
    finding = ToolFinding(witness.call.tool, witness, _parameters(start, witness, available))
    finding.needs = _needs(start, finding, available, witnesses)
    finding.breaks, mended = find_breaks(start, witness, finding.needs, finding.parameters)
    givers = {source.producer for parameter in finding.parameters.values() for source in parameter.sources}
    finding.needs = [
        need
        for need in (*finding.needs, *mended)
        if not givers.intersection(need.tools) and not _DEFECT.match(need.missing.wording)
    ]
    return finding


def _parameters(start: Start, witness: Witness, available: list[Output]) -> dict[str, ParameterFinding]:
    """What is found of each parameter: of the optional ones those that identify something."""
    found = {}
    for name in start.specs[witness.call.tool].properties:
        given = witness if name in witness.call.arguments else _with_optional(start, witness, name)
        if given is not None:
            found[name] = find_sources(start, given, available, name)
    return found


def _needs(start: Start, finding: ToolFinding, available: list[Output], witnesses: dict[str, Witness]) -> list[Need]:
    """The state that the tool checks: what its chain shows, what new things show, and what it takes back."""
    unknown = {outcome for item in finding.parameters.values() if item.sources for outcome in item.unknown}
    found = state_needs(start, finding.witness, _for_state(start, finding), witnesses)
    needs = [need for need in found if need.missing not in unknown]
    for parameter in finding.parameters.values():
        if parameter.checked:
            further = fresh_needs(start, finding.witness, parameter, available, witnesses)
            for need in (*further, *undone_needs(start, finding.witness, parameter)):
                known = {tool for other in needs for tool in other.tools}
                needs += [] if known.intersection(need.tools) else [need]
    return needs


def _with_optional(start: Start, witness: Witness, name: str) -> Witness | None:
    """The witness with an optional parameter that is known where it must be."""
    if not system_name(name):
        return None
    spec = start.specs[witness.call.tool]
    situation = start.informed(start.runner.run(witness.chain))
    for group in start.catalogue.groups(spec, name, spec.properties[name], situation):
        for candidate in group[:_VALUES]:
            call = with_value(witness.call, name, candidate.value)
            if start.outcome(situation, call).succeeded:
                return Witness(witness.chain, call)
    return None


def _for_state(start: Start, finding: ToolFinding) -> list[BoundCall]:
    """The calls of the chain that are there for more than the value that they give."""
    contents = start.runner.run(finding.witness.chain).contents
    arguments = finding.witness.call.resolved(contents)
    given = [arguments[name] for name, item in finding.parameters.items() if item.sources and name in arguments]
    wanted = {canonical_json(item) for value in given for item in (value if isinstance(value, list) else [value])}
    return [
        call
        for call in finding.witness.chain
        if call.tool in start.writes
        and not wanted.intersection(canonical_json(leaf.value) for leaf in leaves(contents[call.id]))
    ]
