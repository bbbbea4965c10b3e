"""An independent proof that every gold call is needed and that none undoes another one.

The sampler's own test goes by the origins that it noted; this one goes by nothing but values and what the world does.
"""

from __future__ import annotations

from collections.abc import Iterator

from envs.world import World
from fr_agents.verification.before import Before
from fr_agents.verification.comparing import same
from graphs.records import Turn
from tools.base import Json
from tools.call import Observation
from tools.paths import leaf_values
from tools.provenance import normalised, observed_values, said_in
from tools.trace import Step

_Scalar = tuple[str, str]


def verify_needed(turn: Turn, before: Before) -> Iterator[str]:
    """Which gold calls the turn could do without, and which undo another one."""
    states = _states(before.start, turn)
    for index, step in enumerate(turn.gold_steps):
        if not _needed(index, turn, before, states[-1]):
            yield f"gold call {step.call.name} is not needed"
        if step.changed_state and states[index + 1] in states[: index + 1]:
            yield f"gold call {step.call.name} brings back a state that the turn had left"


def _states(start: World, turn: Turn) -> list[str]:
    """The public state before the gold calls and after each, ids that they make up to renaming."""
    world, made_before = start.fork(), start.made_ids()
    states = [world.public_hash(made_before)]
    for step in turn.gold_steps:
        world.execute(step.call)
        states.append(world.public_hash(made_before))
    return states


def _needed(index: int, turn: Turn, before: Before, final: str) -> bool:
    """Whether the others come to something else without the gold call at ``index``, when they are made as recorded.

    They do where one of them fails or lacks a value, where an output that is asked for differs, or where another state
    is left. A call that failed was in nobody's way, and one whose output is asked for is needed as it is.
    """
    left_out, told = turn.gold_steps[index], before.told(turn.query)
    if left_out.observation.failed or left_out.call.id in turn.requested:
        return True
    world, only_there, seen = before.start.fork(), _shown(left_out.observation), set[_Scalar]()
    for position, step in enumerate(turn.gold_steps):
        if position == index:
            continue
        if position > index and _lacks(step, only_there - seen, told):
            return True
        again = world.execute(step.call)
        if again.failed and not step.observation.failed:
            return True
        if step.call.id in turn.requested and not same(again.content, step.observation.content):
            return True
        seen |= _shown(again)
        told = f"{told}\n{again.text()}" if again.failed else told
    return world.public_hash(before.start.made_ids()) != final


def _lacks(step: Step, unseen: set[_Scalar], told: str) -> bool:
    """Whether an argument holds a value that only the left-out call has shown (``unseen``) and no text said. A boolean
    is never lacking: it answers the request, and stands in any result by chance."""
    leaves = [value for _, value in leaf_values(step.call.arguments)]
    values = [value for value in leaves if value is not None and not isinstance(value, bool)]
    return any(_scalar(value) in unseen and not said_in(value, told) for value in values)


def _shown(observation: Observation) -> set[_Scalar]:
    """What an observation shows."""
    return {_scalar(value) for _, value in observed_values(observation.content)}


def _scalar(value: Json) -> _Scalar:
    """Equal for equal scalars of one kind: 300 is 300.0, and neither "300" nor true."""
    if isinstance(value, str):
        return "text", value
    return ("boolean" if isinstance(value, bool) else "number"), normalised(value)
