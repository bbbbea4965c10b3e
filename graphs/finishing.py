"""From the calls that a walk made to the trace of a turn: trimmed, and checked against the rules and the intent."""

from __future__ import annotations

from collections.abc import Sequence

from envs.world import World
from graphs.execution import grouped
from graphs.failing import with_failure
from graphs.going_on import speaks_of
from graphs.messages import told
from graphs.turn_walk import TurnWalk
from graphs.validation.needed import drop_unneeded
from graphs.validation.policy import forbidden
from graphs.validation.purpose import proves_itself, requested_calls
from graphs.validation.references import ambiguous_references
from tools.connected import connected
from tools.intent import Intent
from tools.pools import Pools
from tools.relation import possible_relations
from tools.story import takes_back_own, tells_something_new
from tools.trace import Relation, Step, Trace


def finished_trace(turn: TurnWalk) -> Trace | None:
    """The trace of a complete walk; none where it is not what was intended, or breaks a rule. A turn whose own calls
    would not be accepted as its solution is given up too: it looks up what was known before, or asks for what another
    call has shown. So is one that refers to something which could be another thing as well."""
    with turn.lease(before=True) as lease:
        trace = _trace(turn, lease.world)
        if trace is None or not _keeps_rules(turn, trace) or forbidden(lease.world, trace.steps):
            return None
        talk = told(turn.state["messages"])
        if not proves_itself(lease.world, trace.steps, trace.requested, talk):
            return None
        if turn.intent.error:
            pools = Pools(lease.world.known_values(), lease.world.profile())
            trace = with_failure(lease.world, trace, turn.graph, pools, talk, turn.rng("error"))
        if trace is None or ambiguous_references(lease.world, trace, turn.history, turn.graph.specs):
            return None
        return trace


def _trace(turn: TurnWalk, start: World) -> Trace | None:
    goals = _everything(turn) if turn.padding else tuple(goal.call for goal in turn.goals)
    requested = requested_calls(goals, turn.steps)
    steps = tuple(turn.steps)
    if turn.settings.needed_only and not turn.padding:
        steps = drop_unneeded(start, steps, requested)
    kept = {step.call.id for step in steps}
    if not kept.issuperset(goals):
        return None
    relation = _relation(turn, steps)
    if relation is None:
        return None
    target = turn.step(goals[0]).call.name
    return Trace(target_tool=target, steps=grouped(steps), goals=goals, requested=requested, relation=relation)


def _everything(turn: TurnWalk) -> tuple[str, ...]:
    """The goals of a turn that nothing was left out of: the target, and whatever else no call uses."""
    used = {source for step in turn.steps for source in step.sources()}
    target = turn.goals[0].call
    return (target, *(step.call.id for step in turn.steps if step.call.id not in used and step.call.id != target))


def _relation(turn: TurnWalk, steps: Sequence[Step]) -> Relation | None:
    """The relation that was intended, where the calls bear it out; without an intention the one that they make."""
    possible = possible_relations(steps, turn.history, turn.graph.specs)
    wanted = turn.intent.relation
    if wanted is None:
        return possible[0]
    return wanted if wanted in possible else None


def _keeps_rules(turn: TurnWalk, trace: Trace) -> bool:
    depth = turn.settings.depth
    if len(trace.steps) < depth.calls or trace.depth() < depth.path:
        return False
    if turn.settings.policy != "purposeful":
        return True
    if turn.settings.connected and not connected(trace.steps, turn.graph):
        return False
    if not all(speaks_of(goal, turn.steps) for goal in turn.goals):
        return False
    return _is_story(turn, trace) and _walks(turn.intent, trace.steps, turn.history)


def _is_story(turn: TurnWalk, trace: Trace) -> bool:
    """Whether somebody could want this: nothing is taken back at once, and what is asked for tells something new."""
    if turn.settings.no_undo and takes_back_own(trace.steps, turn.graph.specs):
        return False
    talk = told(turn.state["messages"])
    shown = "\n".join([talk, *(step.observation.text() for step in turn.history)])
    return all(
        step.changed_state or tells_something_new(step, trace.steps[:index], shown)
        for index, step in enumerate(trace.steps)
        if step.call.id in trace.requested
    )


def _walks(intent: Intent, steps: Sequence[Step], earlier: Sequence[Step]) -> bool:
    """Whether the calls go over the edge that was asked for, from this turn or from an earlier one."""
    edge = intent.edge
    if edge is None:
        return True
    producers = {step.call.id for step in (*earlier, *steps) if step.call.name == edge.producer}
    if edge.parameter is None:
        return bool(producers)
    parts = [
        part
        for step in steps
        if step.call.name == intent.tool and edge.parameter in step.origins
        for part in step.origins[edge.parameter].observed
    ]
    return any(part.source in producers and part.path == edge.path for part in parts)
