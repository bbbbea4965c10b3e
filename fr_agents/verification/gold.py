"""What must hold of a turn's gold calls: they run, each argument comes from where its origin says, they prove
themselves, and the turn's depth, relation, target and requested calls are theirs."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.verification.before import Before
from fr_agents.verification.comparing import replayed, same
from graphs.execution import grouped
from graphs.records import RecordedCall, Turn
from graphs.validation.attempts import Goal, validate
from graphs.validation.purpose import proves_itself, requested_calls
from tools.proof import proven_gold
from tools.relation import possible_relations
from tools.trace import Step, Trace, succeeded


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
    yield from _origins(turn, before)
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


def _origins(turn: Turn, before: Before) -> Iterator[str]:
    """Whether each argument comes from where its origin says: the span of the query says it, the observation holds it,
    with a choice that is not tied, and what was derived or composed comes out once more."""
    proof = proven_gold(turn.gold_steps, before.known(turn.query), turn.hard_query.mentions, before.specs)
    yield from (f"gold: {problem}" for problem in proof.problems)
    for step, proven in zip(turn.gold_steps, proof.steps, strict=True):
        for name in sorted(proven.origins.keys() & step.origins.keys()):
            if not same(proven.origins[name], step.origins[name]):
                yield f"gold call {step.call.name} has another origin of {name} than the query gives it"


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
