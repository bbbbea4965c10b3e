"""No call is made with a value that nothing had shown by then: it is refused, in words that the model sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphs.execution import Recorder
from graphs.plan_mode import unresolved
from tools.base import canonical_json
from tools.call import Observation, ToolCall, ToolError
from tools.proof import unproven
from tools.provenance import Told, infer_origins
from tools.spec import ToolSpec
from tools.trace import UNSEEN_VALUE, Step
from tools.wording import labels

_SHOWN = 60


def group_of_steps(
    recorder: Recorder, calls: Sequence[ToolCall], before: Sequence[Step], told: Told, gold: Sequence[Step]
) -> list[Step]:
    """Run the calls of one assistant message in order, after the steps ``before`` of the same attempt. A call whose
    arguments nobody could know yet is refused: it changes nothing, and its observation says why."""
    group = before[-1].group + 1 if before else 0
    specs = {spec.name: spec for spec in recorder.world.specs()}
    steps: list[Step] = []
    for call in calls:
        error = refusal(call, group, before, told, specs, gold)
        steps.append(_refused(recorder, call, group, error) if error else recorder.run(call, group=group))
    return steps


def refusal(
    call: ToolCall,
    group: int,
    before: Sequence[Step],
    told: Told,
    specs: Mapping[str, ToolSpec],
    gold: Sequence[Step],
) -> ToolError | None:
    """Why a call is refused, if it is. ``before`` are the steps of earlier messages, ``gold`` those from which derived
    values are known. A tool that there is not is the world's to refuse."""
    if call.name not in specs:
        return None
    if reason := unresolved(call.arguments):
        return ToolError(kind=UNSEEN_VALUE, message=f"{call.name} was not called. {reason}")
    step = Step(call=call, observation=Observation(call_id=call.id), group=group)
    traced = infer_origins([*before, step], told, specs, gold)
    guessed = [name for item, name in unproven(traced, specs) if item.call.id == call.id]
    if not guessed:
        return None
    value = canonical_json(call.arguments[guessed[0]])
    shown = value if len(value) <= _SHOWN else value[:_SHOWN] + "..."
    named = labels(specs[call.name]).get(guessed[0], guessed[0])
    needed = guessed[0] in specs[call.name].required
    instead = "call a tool that returns it first" if needed else "leave it out, or call a tool that returns it first"
    told_why = (
        f"{call.name} was not called: the value {shown} of {guessed[0]} ({named}) was neither said by the user nor "
        f"returned by a tool so far. Do not make it up: {instead}."
    )
    return ToolError(kind=UNSEEN_VALUE, message=told_why)


def _refused(recorder: Recorder, call: ToolCall, group: int, error: ToolError) -> Step:
    """The step of a call that was not made."""
    observation = Observation(call_id=call.id, error=error)
    return Step(call=call, observation=observation, group=group, replay_hash=recorder.world.replay_hash())
