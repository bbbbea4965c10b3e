"""What a turn does after its target was called (METHOD.md, rule 2): use the output, take a second instance, act on the
same entity elsewhere, or stop."""

from __future__ import annotations

from collections.abc import Iterator

from graphs.constraints import varied_slots
from graphs.turn_walk import TurnWalk
from tools.base import is_number
from tools.connected import said_texts
from tools.implicit import implicit_values
from tools.intent import Goal
from tools.paths import json_type, leaf_values
from tools.reading import values_at
from tools.reference import belongs_to_session
from tools.relation import takes_back
from tools.seen import Seen
from tools.texts import text_kind
from tools.trace import Step, Trace

_MOST_GOALS = 3
_CHANGES = ("use", "second", "elsewhere")


def next_goal(turn: TurnWalk) -> Goal | None:
    """One more goal for a turn whose goals are all reached, or none: it stops there."""
    if turn.settings.policy != "purposeful" or turn.full or len(turn.goals) >= _MOST_GOALS:
        return None
    for kind in _kinds(turn):
        options = list(_OPTIONS[kind](turn))
        if options:
            return turn.rng("goal", len(turn.goals)).choice(options)
    return None


def _kinds(turn: TurnWalk) -> Iterator[str]:
    """The drawn way to go on, if any; every way where the turn is too short yet. One that has nothing looked up goes on
    with the use of what it has read as often as a value is to be looked up."""
    chance = turn.rng("go on", len(turn.goals)).random()
    for kind in _CHANGES:
        chance -= getattr(turn.settings.go_on, kind)
        if chance < 0:
            yield kind
            break
    if _too_short(turn):
        yield from _CHANGES
    looked_up = implicit_values(turn.steps)
    if turn.settings.go_on.use and not looked_up and turn.rng("look up").random() < turn.settings.implicit:
        yield "use"


def _too_short(turn: TurnWalk) -> bool:
    """Whether the turn has not yet what it must have at least."""
    depth = turn.settings.depth
    path = Trace(target_tool=turn.intent.tool, steps=tuple(turn.steps), requested=()).depth()
    return len(turn.steps) < depth.calls or path < depth.path


def _uses(turn: TurnWalk) -> Iterator[Goal]:
    """Tools that take what the last goal returned. Not to take it back, and not to read again what was just made."""
    last = turn.step(turn.goals[-1].call)
    called = {step.call.name for step in turn.steps}
    for edge in turn.graph.outgoing(last.call.name):
        spec = turn.graph.specs[edge.consumer]
        name = edge.parameter
        if name is None or spec.name in called or belongs_to_session(name) or spec.name in turn.context.left_out:
            continue
        if last.changed_state and (spec.effect == "read" or takes_back(spec)):
            continue
        wanted = json_type(spec.properties[name])
        if any(values_at(last, edge.path, "observation", wanted, opaque=edge.opaque)):
            yield Goal(tool=spec.name, kind="use", since=len(turn.steps), parameter=name, source=last.call.id)


def _seconds(turn: TurnWalk) -> Iterator[Goal]:
    """The last goal again for another instance, where it reads something that can be compared."""
    last = turn.step(turn.goals[-1].call)
    if len(turn.goals) > 1 or last.changed_state or not varied_slots(turn.steps, turn.graph):
        return
    numbers = [value for _, value in leaf_values(last.observation.content) if is_number(value)]
    if numbers and len(turn.steps) + 1 <= turn.settings.calls_per_turn:
        yield Goal(tool=last.call.name, kind="second", since=len(turn.steps))


def _elsewhere(turn: TurnWalk) -> Iterator[Goal]:
    """Tools of another environment that can be about what this turn names: by a parameter of the same meaning, or by a
    text that somebody reads."""
    owners = turn.context.environments
    here = {owners[step.call.name] for step in turn.steps}
    world = {owners[name] for name in turn.graph.specs}
    names = Seen(specs=turn.graph.specs, steps=turn.steps).entities()
    if not names or not world - here:
        return
    for spec in turn.graph.specs.values():
        if owners[spec.name] in here or spec.effect == "read" or spec.name in turn.context.left_out:
            continue
        if any(text_kind(spec.name, name, spec.properties[name]) for name in spec.required) and not takes_back(spec):
            yield Goal(tool=spec.name, kind="elsewhere", since=len(turn.steps), entity=names[0])


_OPTIONS = {"use": _uses, "second": _seconds, "elsewhere": _elsewhere}


def speaks_of(goal: Goal, steps: list[Step]) -> bool:
    """Whether what a turn went on with is about what it was to be about."""
    made = next(step for step in steps if step.call.id == goal.call)
    return goal.kind != "elsewhere" or any(goal.entity.casefold() in name for name in said_texts(made))
