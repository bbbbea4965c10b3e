"""Calls that are made too early: they fail until another call of the turn has established the state that they need."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from envs.world import World
from graphs.execution import Recorder
from tools.call import ToolCall
from tools.paths import leaf_values
from tools.provenance import normalised
from tools.trace import Step, Trace


def early_calls(start: World, trace: Trace, rng: random.Random) -> Iterator[tuple[Step, ...]]:
    """The turn's steps with something that it is for tried too early, as soon as its values are known, in random order.

    A call fails like that if something between there and its own place changes what it needs, though it gives it no
    value, nor makes what the user names.
    """
    places = [(_known_from(step, trace.steps), at) for at, step in enumerate(trace.steps) if step in trace.sinks()]
    rng.shuffle(places)
    for place, at in places:
        between = trace.steps[place:at]
        if not between or _said(trace.steps[at]) & {text for step in between for text in _named(step)}:
            continue
        failing = failing_call(start, trace.steps[:place], trace.steps[at])
        if failing is not None:
            yield (*trace.steps[:place], failing, *trace.steps[place:])


def failing_call(start: World, before: Sequence[Step], step: Step) -> Step | None:
    """The step as a call that fails after the steps ``before``, under an id of its own; None where it succeeds, or
    leaves anything behind."""
    world = start.fork()
    world.replay(item.call for item in before)
    left = world.replay_hash()
    call = ToolCall(id=f"{step.call.id}e", name=step.call.name, arguments=step.call.arguments)
    tried = Recorder(world).run(call, step.origins)
    return tried if tried.observation.failed and tried.replay_hash == left else None


def _said(step: Step) -> set[str]:
    """What the user says for a call, but for choices like yes and no."""
    said = (step.call.arguments[name] for name, origin in step.origins.items() if origin.kind == "query")
    return {normalised(leaf) for value in said for _, leaf in leaf_values(value) if not isinstance(leaf, bool | None)}


def _named(step: Step) -> Iterator[str]:
    """All that a call that changes something takes and returns."""
    if step.changed_state:
        for content in (step.call.arguments, step.observation.content):
            yield from (normalised(leaf) for _, leaf in leaf_values(content))


def _known_from(step: Step, steps: Sequence[Step]) -> int:
    """The place after all calls whose observations a step uses."""
    sources = step.sources()
    return max((at + 1 for at, other in enumerate(steps) if other.call.id in sources), default=0)
