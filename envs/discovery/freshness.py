"""Needs that only show with things that are new: a booking that was just made is not paid, one of the initial state may
be; and a tool that takes something back needs that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envs.discovery.chains import BoundCall, Reference, Situation
from envs.discovery.leaves import at
from envs.discovery.minimal import minimal
from envs.discovery.outcome import Outcome
from envs.discovery.outputs import Output
from envs.discovery.parameter_sources import ParameterFinding, Source, with_reference, with_value
from envs.discovery.searching import search
from envs.discovery.start import Start, Witness
from envs.discovery.state_needs import Need, state_needs
from envs.discovery.static_values import fits
from tools.base import Json

_TRIES = 8


def fresh_needs(
    start: Start,
    witness: Witness,
    finding: ParameterFinding,
    available: list[Output],
    witnesses: Mapping[str, Witness],
) -> list[Need]:
    """The needs that a newly made value of a parameter has and the witness's value has not.

    The consumer knows the new value, since it answers otherwise than to one that nobody made; calls that name the same
    value make it acceptable.
    """
    for situation, first, about in _refused(start, witness, finding, available):
        found = search(start, situation, witness.call.tool, first, witnesses)
        if found is None:
            continue
        found = minimal(start, found, base=len(situation.calls))
        added = [call for call in found.chain if call not in situation.calls and _speaks_of(call, about)]
        return state_needs(start, found, added, witnesses)
    return []


def _refused(
    start: Start, witness: Witness, finding: ParameterFinding, available: list[Output]
) -> Iterator[tuple[Situation, BoundCall, list[Json]]]:
    """Calls with a new value that are refused though the value is known, with the situation, and the values that they
    are about: one for each source."""
    for source in finding.sources:
        if source.producer in start.writes:
            new = iter(source.refused[:1])
        else:
            new = _derived(start, witness, finding, source, available)
        for situation, reference in new:
            value = at(situation.contents[reference.call], reference.path)
            first = with_reference(witness.call, finding.parameter, value, reference, start.runner.new_id())
            maker = next(call for call in situation.calls if call.id == reference.call)
            yield situation, first, [value, *maker.resolved(situation.contents).values()]
            break


def _derived(
    start: Start, witness: Witness, finding: ParameterFinding, source: Source, available: list[Output]
) -> Iterator[tuple[Situation, Reference]]:
    """Values that a look-up gives of something that was just made."""
    for output in available:
        if output.call.tool not in start.writes:
            continue
        for reading, after in start.successes(source.producer, output.after, _TRIES):
            if output.call.id not in after.calls[-1].producers():
                continue
            for leaf in start.catalogue.shown(reading, after.contents[reading.id]):
                reference = Reference(reading.id, leaf.path, leaf.general)
                call = with_reference(witness.call, finding.parameter, leaf.value, reference, witness.call.id)
                outcome = start.outcome(after, call)
                if leaf.general == source.general and not outcome.succeeded and outcome not in finding.unknown:
                    yield after, reference


def undone_needs(start: Start, witness: Witness, finding: ParameterFinding) -> list[Need]:
    """The calls that the witness's tool takes back: what they name is unknown before them, accepted after them, and
    unknown again once it was taken back."""
    if witness.call.tool not in start.writes:
        return []
    situation = start.informed(start.runner.run(witness.chain))
    schema = start.specs[witness.call.tool].properties[finding.parameter]
    tools = []
    missing = None
    for tool in sorted(start.writes - {witness.call.tool}):
        for giving, after in start.successes(tool, situation, _TRIES):
            named = [
                value for value in giving.arguments.values() if isinstance(value, str | int) and fits(value, schema)
            ]
            calls = (with_value(witness.call, finding.parameter, value) for value in named)
            call = next((call for call in calls if _takes_back(start, situation, after, call, finding.unknown)), None)
            if call is not None:
                tools.append(tool)
                missing = missing or start.outcome(situation, call)
                break
    return [Need(tuple(tools), missing)] if missing is not None else []


def _takes_back(
    start: Start, before: Situation, after: Situation, call: BoundCall, unknown: frozenset[Outcome]
) -> bool:
    missing = start.outcome(before, call)
    if missing.succeeded or missing not in unknown or not start.outcome(after, call).succeeded:
        return False
    undone = start.call(after, call)
    return undone is not None and start.outcome(undone, call) == missing


def _speaks_of(call: BoundCall, values: list[Json]) -> bool:
    """Whether some argument of a call is one of the values."""
    return any(value in values for value in call.arguments.values() if isinstance(value, str | int))
