"""Whether a turn whose trace was changed is still the same turn, and still proves itself."""

from __future__ import annotations

from collections.abc import Sequence

from graphs.execution import grouped, rerun
from graphs.noise.sampled import SampledTurn
from graphs.taking import said_values
from graphs.validation.needed import drop_unneeded, outcome_hash
from graphs.validation.purpose import proves_itself
from tools.base import Json
from tools.connected import connected
from tools.provenance import said_in
from tools.relation import possible_relations
from tools.story import tells_something_new
from tools.trace import Step, Trace


def proved(turn: SampledTurn, steps: Sequence[Step], unsaid: Json) -> Trace | None:
    """The turn's trace with other ``steps``, executed again, in which the user says the value ``unsaid`` no more. None
    where the user says it all the same, where it is not the same turn any more, or where it does not hold together.

    It is the same if the old calls are made with the same arguments and come to the same public state and the same
    requested outputs, and if it goes on with earlier turns as before. It holds together if no call could be left out,
    what is asked for is news, and the calls would pass as the solution of their own query.
    """
    if any(said_in(unsaid, str(value)) for value in said_values(steps)):
        return None
    try:
        again = grouped(rerun(turn.start.fork(), steps))
    except LookupError:
        return None
    trace = turn.trace.model_copy(update={"steps": again})
    return trace if _same_turn(turn, again) and _holds_together(turn, trace) else None


def _same_turn(turn: SampledTurn, steps: Sequence[Step]) -> bool:
    old = turn.trace
    now = {step.call.id: step.call.signature for step in steps}
    if any(now.get(step.call.id) != step.call.signature for step in old.steps):
        return False
    if old.relation not in possible_relations(steps, turn.history, turn.graph.specs):
        return False
    requested = old.requested
    return outcome_hash(turn.start, steps, requested) == outcome_hash(turn.start, old.steps, requested)


def _holds_together(turn: SampledTurn, trace: Trace) -> bool:
    if connected(turn.trace.steps, turn.graph) and not connected(trace.steps, turn.graph):
        return False
    if not all(_is_news(turn, trace, index) for index in range(len(trace.steps))):
        return False
    if len(drop_unneeded(turn.start, trace.steps, trace.requested)) < len(trace.steps):
        return False
    return proves_itself(turn.start, trace.steps, trace.requested, turn.told)


def _is_news(turn: SampledTurn, trace: Trace, index: int) -> bool:
    """Whether a call, if its output is asked for, tells something that nobody has said or shown before it."""
    step = trace.steps[index]
    if step.changed_state or step.call.id not in trace.requested:
        return True
    shown = "\n".join([turn.told, *(item.observation.text() for item in turn.history)])
    return tells_something_new(step, trace.steps[:index], shown)
