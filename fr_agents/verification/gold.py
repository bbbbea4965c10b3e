"""What must hold of a turn's gold calls: they run, each argument comes from where its origin says, they prove
themselves, and the turn's depth, relation, target and requested calls are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from graphs.execution import grouped
from graphs.records import RecordedCall, Turn
from graphs.validation.attempts import Goal, validate
from graphs.validation.purpose import proves_itself, requested_calls
from tools.base import Json
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.relation import possible_relations
from tools.trace import Step, Trace, succeeded

_QUERY = ArgumentOrigin(kind="query")


def trace_of(turn: Turn) -> Trace:
    """The trace that the turn was sampled as."""
    return Trace(
        target_tool=turn.target_tool,
        steps=turn.gold_steps,
        goals=turn.goals,
        requested=turn.requested,
        relation=turn.relation,
    )


def verify_gold(turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of the gold calls."""
    if not same(turn.gold_calls, RecordedCall.of(turn.gold_steps)):
        yield "gold calls are not those that were executed"
    yield from replayed("gold", before.start, turn.gold_steps)
    yield from _failures(turn.gold_steps, before)
    yield from _origins(turn.gold_steps, before)
    if not same(grouped(turn.gold_steps), turn.gold_steps):
        yield "gold calls are not in the groups that their origins give"
    yield from _described(trace_of(turn), turn)
    possible = possible_relations(turn.gold_steps, before.history, before.specs)
    if turn.relation not in possible:
        yield f"relation is {turn.relation}, and the gold calls make it {' or '.join(possible)}"
    yield from _proved(turn, before)


def _failures(steps: tuple[Step, ...], before: Before) -> Iterator[str]:
    """A gold call may fail if that leaves everything as it was, and a later call of the same tool makes up for it."""
    state = before.start.replay_hash()
    for index, step in enumerate(steps):
        if step.observation.failed:
            if step.changed_state or step.replay_hash != state:
                yield f"gold call {step.call.name} fails and changes the state"
            if step.call.name not in {later.call.name for later in succeeded(steps[index + 1 :])}:
                yield f"gold call {step.call.name} fails, and no later one makes up for it"
        state = step.replay_hash


def _origins(steps: tuple[Step, ...], before: Before) -> Iterator[str]:
    """Whether each argument has an origin, and the origin holds the argument's value."""
    earlier = {step.call.id: step.observation.content for step in before.history}
    for step in steps:
        seen = {other.call.id: other.observation.content for other in steps if other.group < step.group}
        if set(step.origins) != set(step.call.arguments):
            yield f"gold call {step.call.name} has arguments without an origin, or origins without an argument"
            continue
        for name, origin in step.origins.items():
            contents = {"observation": seen, "earlier_turn": earlier}
            if origin != _QUERY and not _holds(origin, step.call.arguments[name], contents):
                yield f"gold call {step.call.name} has another {name} than its origin gives"


def _holds(origin: ArgumentOrigin, value: Json, contents: Mapping[str, Mapping[str, Json]]) -> bool:
    """Whether an observed value, or a list of such, is found where its origin says."""
    if origin.kind == "composed":
        fits = origin.source is None and isinstance(value, list) and 0 < len(value) == len(origin.parts)
        return fits and all(_holds(part, item, contents) for part, item in zip(origin.parts, value, strict=True))
    if origin.parts or not _plain(origin.selector):
        return False
    try:
        content = contents[origin.kind][origin.source or ""]
        return same(resolve(content, origin.path or "", origin.selector), value)
    except LookupError:
        return False


def _plain(selector: Selector | None) -> bool:
    """Whether a selector says nothing beyond what its kind needs."""
    if selector is None or selector.kind in ("equals", "nearest"):
        return True
    return selector.value is None and (selector.kind in ("min", "max") or not selector.field)


def _described(trace: Trace, turn: Turn) -> Iterator[str]:
    """Whether what the turn says about its trace is what the trace gives."""
    if turn.depth != trace.depth():
        yield f"depth is {turn.depth}, and that of the gold calls is {trace.depth()}"
    called = dict.fromkeys(step.call.name for step in trace.steps)
    if trace.target_tool not in called:
        yield f"target_tool is {trace.target_tool}, which no gold call reaches"
        return
    ids = {step.call.id: step.call.name for step in succeeded(trace.steps)}
    if not turn.goals or not set(turn.goals) <= set(ids) or ids[turn.goals[0]] != trace.target_tool:
        yield "goals are not gold calls that succeed, the target's first"
    elif requested_calls(turn.goals, trace.steps) != trace.requested:
        yield "requested are not the calls that the gold calls are for"


def _proved(turn: Turn, before: Before) -> Iterator[str]:
    """Whether the gold calls would be accepted as the solution: before the query was written, and after it."""
    if not proves_itself(before.start, turn.gold_steps, turn.requested, before.told("")):
        yield "the gold calls do not prove themselves"
    goal = Goal(start=before.start, gold=turn.gold_steps, requested=turn.requested)
    for verdict in validate(goal, turn.gold_steps, before.told(turn.query), {}):
        if not verdict.passed:
            yield f"the gold calls fail their own validation: {verdict.reason}"
            return
