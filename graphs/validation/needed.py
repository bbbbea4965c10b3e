"""The delete-one test: a call whose removal changes nothing that matters is not needed."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from envs.world import World
from graphs.execution import Recorder, rerun
from tools.base import canonical_json
from tools.provenance import observed_values, said_in
from tools.trace import Step, succeeded


def drop_unneeded(start: World, steps: Sequence[Step], requested: Collection[str]) -> tuple[Step, ...]:
    """The steps without those that are not needed, executed again; the later ones are tried first. Calls that failed
    stay, as long as they fail.

    A call is needed if a later call uses what it returned, if it is requested, or if without it another call fails, a
    requested output differs or the observable state ends up another. ``start`` is the world before the turn; it is
    forked, not changed.
    """
    kept = tuple(steps)
    for step in reversed(succeeded(steps)):
        shorter = _without(start, kept, step.call.id, requested)
        if shorter is not None:
            kept = shorter
    return kept


def _without(
    start: World, steps: tuple[Step, ...], call_id: str, requested: Collection[str]
) -> tuple[Step, ...] | None:
    """The turn without one call, or none where that makes a difference."""
    if call_id in requested or any(call_id in step.sources() for step in steps):
        return None
    rest = tuple(step for step in steps if step.call.id != call_id)
    try:
        again = rerun(start.fork(), rest)
    except LookupError:
        return None
    whole = outcome_hash(start, steps, requested)
    return again if outcome_hash(start, again, requested) == whole else None


def outcome_hash(start: World, steps: Sequence[Step], requested: Collection[str]) -> tuple[str, ...]:
    """What a turn comes to: its final public state, and the requested outputs in order."""
    world = start.fork()
    recorder = Recorder(world)
    outputs = [
        canonical_json(step.observation.content) if step.call.id in requested else ""
        for step in (recorder.run(step.call) for step in steps)
    ]
    return (recorder.public_hash, *(output for output in outputs if output))


def superfluous(start: World, steps: Sequence[Step], requested: Collection[str], told: str) -> tuple[str, ...]:
    """Ids of calls that an attempt made for nothing, where only values tell what was used.

    ``told`` is all text that the caller knew before (the query, earlier turns): a value that stands there was not
    learnt from a call. Failed calls are not judged, and use nothing.
    """
    done = succeeded(steps)
    whole = _plain_outcome(start, done, requested)
    found = []
    for index, step in enumerate(done):
        if step.call.id in requested or _used_later(done, index, told):
            continue
        rest = [*done[:index], *done[index + 1 :]]
        if _plain_outcome(start, rest, requested) == whole:
            found.append(step.call.id)
    return tuple(found)


def _plain_outcome(start: World, steps: Sequence[Step], requested: Collection[str]) -> tuple[str, ...] | None:
    world = start.fork()
    recorder = Recorder(world)
    again = [recorder.run(step.call) for step in steps]
    if any(new.observation.failed and not old.observation.failed for new, old in zip(again, steps, strict=True)):
        return None
    wanted = (canonical_json(step.observation.content) for step in again if step.call.id in requested)
    return (recorder.public_hash, *wanted)


def _used_later(steps: Sequence[Step], index: int, told: str) -> bool:
    """Whether a later argument holds a value that this call was the first to show; the argument's name is none."""
    known = {canonical_json(value) for step in steps[:index] for _, value in observed_values(step.observation.content)}
    shown = {canonical_json(value) for _, value in observed_values(steps[index].observation.content)} - known
    arguments = [argument for step in steps[index + 1 :] for argument in step.call.arguments.values()]
    later = {canonical_json(value) for argument in arguments for _, value in observed_values(argument)}
    return any(not said_in(_scalar(text), told) for text in shown & later)


def _scalar(text: str) -> str | float:
    value: str | float = json.loads(text)
    return value
