"""Searches the calls after which a tool succeeds, guided by what the tool answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envs.discovery.chains import BoundCall, Situation
from envs.discovery.outcome import Outcome
from envs.discovery.start import Start, Witness

_TRIES = 48
_RETRIES = 4
_MOST_LEADS = 12
_WORDINGS = 4


@dataclass(frozen=True, eq=False)
class _Lead:
    """A situation on the way, and the calls of the target whose answers are watched."""

    situation: Situation
    calls: tuple[BoundCall, ...]


def search(
    start: Start,
    situation: Situation,
    tool: str,
    first: BoundCall | None = None,
    witnesses: Mapping[str, Witness] | None = None,
) -> Witness | None:
    """Calls after ``situation`` that make ``tool`` succeed, found breadth first: each one, or each with the calls that
    it needs itself, gets an answer from the tool that was not given before. ``first`` is the call that is to succeed;
    without it any will do."""
    situation = start.informed(situation)
    calls = _answers(start, situation, tool) if first is None else (first,)
    seen = {start.outcome(situation, call) for call in calls}
    leads = deque([_Lead(situation, calls)])
    for _ in range(_MOST_LEADS if first is None else _MOST_LEADS // 2):
        if not leads:
            return None
        lead = leads.popleft()
        for after in _steps(start, lead, tool, witnesses or {}):
            fresh = () if first is not None else tuple(start.proposals(tool, after, _RETRIES))
            for call in (*lead.calls, *fresh):
                outcome = start.outcome(after, call)
                if outcome.succeeded:
                    return Witness(after.calls, start.catalogue.bound(call, after))
                if outcome not in seen:
                    seen.add(outcome)
                    watched = lead.calls if call in lead.calls else (call, *lead.calls)[:_WORDINGS]
                    leads.append(_Lead(start.informed(after), watched))
    return None


def _answers(start: Start, situation: Situation, tool: str) -> tuple[BoundCall, ...]:
    """Calls to which the tool gives different answers, a few."""
    found: dict[Outcome, BoundCall] = {}
    for call in start.proposals(tool, situation, _TRIES):
        outcome = start.outcome(situation, call)
        if outcome not in found and len(found) < _WORDINGS:
            found[outcome] = call
    return tuple(found.values())


def _steps(start: Start, lead: _Lead, tool: str, witnesses: Mapping[str, Witness]) -> Iterator[Situation]:
    """Situations that are one call further, or one call with all that it needs itself."""
    for call in lead.calls:
        hints = call.resolved(lead.situation.contents)
        for _, after in start.variants(lead.situation, hints, (tool,)):
            yield after
    for name, witness in witnesses.items():
        if name in start.writes and name != tool:
            known = set(lead.situation.calls)
            further = [call for call in (*witness.chain, witness.call) if call not in known]
            yield start.runner.run((*lead.situation.calls, *further))
