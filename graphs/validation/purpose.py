"""What a sampled turn is for, and whether it would be accepted as the solution of its own query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envs.world import World
from graphs.validation.attempts import Goal, validate
from graphs.validation.needed import superfluous
from tools.base import Json, canonical_json
from tools.paths import leaf_values
from tools.trace import Step


def requested_calls(goals: Sequence[str], steps: Sequence[Step]) -> tuple[str, ...]:
    """Of the calls that a turn is for (ids), those whose output is asked for: all that no other goal uses."""
    by_id = {step.call.id: step for step in steps}
    used = {source for goal in goals for source in ancestors(by_id[goal], steps)}
    return tuple(goal for goal in goals if goal not in used)


def proves_itself(start: World, steps: Sequence[Step], requested: Sequence[str], told: str) -> bool:
    """Whether a turn asks for something that is there, and its gold calls are all needed and pass validation as an
    attempt of somebody who knows the conversation (``told``) and the values that the query will say."""
    goal = Goal(start=start, gold=tuple(steps), requested=tuple(requested))
    if not all(step.changed_state or _tells(step.observation.content) for step in goal.outputs()):
        return False
    known = "\n".join([told, *(canonical_json(value) for value in _said(steps))])
    if made_for_nothing(start, steps, requested, known):
        return False
    return all(verdict.passed for verdict in validate(goal, steps, known, {}))


def made_for_nothing(start: World, steps: Sequence[Step], requested: Sequence[str], known: str) -> tuple[Step, ...]:
    """The gold calls that nobody needs who knows the text ``known``, and what calls that failed have answered."""
    answered = (step.observation.text() for step in steps if step.observation.failed)
    unneeded = superfluous(start, steps, requested, "\n".join([known, *answered]))
    return tuple(step for step in steps if step.call.id in unneeded)


def _said(steps: Sequence[Step]) -> Iterator[Json]:
    """The values that the query of these calls will say: arguments, and what picks the entry of a list."""
    for step in steps:
        for name, origin in step.origins.items():
            if origin.kind == "query":
                yield step.call.arguments[name]
            choices = (part.selector for part in origin.observed)
            yield from (choice.value for choice in choices if choice is not None and choice.value is not None)


def ancestors(step: Step, steps: Sequence[Step]) -> set[str]:
    """Ids of the calls whose observations led, directly or not, to a step's arguments."""
    found: set[str] = set()
    waiting = list(step.sources())
    by_id = {item.call.id: item for item in steps}
    while waiting:
        source = waiting.pop()
        if source in by_id and source not in found:
            found.add(source)
            waiting += by_id[source].sources()
    return found


def _tells(content: Json) -> bool:
    """Whether a result holds anything: nobody asks for an empty list."""
    return any(value not in (None, "", "None") for _, value in leaf_values(content))
