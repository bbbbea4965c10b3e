"""The delete-one test: a call whose removal changes nothing that matters is not needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from envs.world import World
from graphs.execution import Recorder, rerun
from tools.base import Json, canonical_json
from tools.provenance import normalised, observed_values, said_in
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


def superfluous(
    start: World, steps: Sequence[Step], requested: Collection[str], told: str, spared: Collection[str] = ()
) -> tuple[str, ...]:
    """Ids of calls that were made for nothing, where only values tell what was used; the later ones are tried first.

    ``told`` is all text that the caller knew before (the query, earlier turns): a value that stands there was not
    learnt from a call, nor was one that another call has shown by the time it is used. Failed calls are not judged and
    use nothing; those ``spared`` are taken as needed.
    """
    kept = list(succeeded(steps))
    whole = _plain_outcome(start, kept, requested)
    found = []
    for step in reversed(kept[:]):
        index = kept.index(step)
        if step.call.id in requested or step.call.id in spared or _alone_shows(kept, index, told):
            continue
        rest = [*kept[:index], *kept[index + 1 :]]
        if _plain_outcome(start, rest, requested) == whole:
            found.append(step.call.id)
            kept = rest
    return tuple(reversed(found))


def _plain_outcome(start: World, steps: Sequence[Step], requested: Collection[str]) -> tuple[str, ...] | None:
    """What calls come to when they are made anew; none where one fails that did not."""
    world = start.fork()
    recorder = Recorder(world)
    again = [recorder.run(step.call) for step in steps]
    if any(new.observation.failed and not old.observation.failed for new, old in zip(again, steps, strict=True)):
        return None
    wanted = (canonical_json(step.observation.content) for step in again if step.call.id in requested)
    return (recorder.public_hash, *wanted)


def _alone_shows(steps: Sequence[Step], index: int, told: str) -> bool:
    """Whether a later argument holds a value that no other call has shown by then; the argument's name is none."""
    shown = _shown(steps[index]).difference(*(_shown(step) for step in steps[:index]))
    for position in range(index + 1, len(steps)):
        taken = {_scalar(value): value for value in _taken(steps[position])}
        if any(not said_in(taken[key], told) for key in taken.keys() & shown):
            return True
        shown -= _shown(steps[position])
    return False


def _taken(step: Step) -> list[Json]:
    """The scalars of a call's arguments that are learnt from somewhere. A boolean answers the request, and stands in
    any result by chance."""
    found = [value for argument in step.call.arguments.values() for _, value in observed_values(argument)]
    return [value for value in found if value is not None and not isinstance(value, bool)]


def _shown(step: Step) -> set[tuple[bool, str]]:
    return {_scalar(value) for _, value in observed_values(step.observation.content)}


def _scalar(value: Json) -> tuple[bool, str]:
    """Equal for equal scalars: 300 is 300.0, but not "300"."""
    return (True, value) if isinstance(value, str) else (False, normalised(value))
