"""Runs calls in a world and notes what a record needs to know about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from envs.world import World
from tools.base import Json
from tools.binding import rebind
from tools.call import ToolCall
from tools.origin import ArgumentOrigin
from tools.trace import Step


class Recorder:
    """Executes calls in a world, one after the other, as steps of one turn.

    Public hashes compare the ids made since ``since`` up to renaming; by default those made from now on.
    """

    def __init__(self, world: World, since: frozenset[str | int] | None = None) -> None:
        self.world = world
        self.since = world.made_ids() if since is None else since
        self.public_hash = world.public_hash(self.since)

    def run(self, call: ToolCall, origins: Mapping[str, ArgumentOrigin] | None = None, group: int = 0) -> Step:
        """Execute ``call`` and return it as a step."""
        observation = self.world.execute(call)
        before, self.public_hash = self.public_hash, self.world.public_hash(self.since)
        return Step(
            call=call,
            observation=observation,
            origins=dict(origins or {}),
            group=group,
            changed_state=self.public_hash != before,
            replay_hash=self.world.replay_hash(),
        )


def rerun(world: World, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Execute the steps in ``world``, observed arguments bound anew to what the calls return this time.

    Raises:
        LookupError: an argument's source is gone, a call fails that did not fail before, or the other way round.
    """
    recorder = Recorder(world)
    contents: dict[str, Json] = {}
    done = []
    for step in steps:
        call = step.call.model_copy(update={"arguments": rebind(step, contents)})
        new = recorder.run(call, step.origins, step.group)
        if new.observation.failed != step.observation.failed:
            does = "fails" if new.observation.failed else "does not fail any more"
            raise LookupError(f"call {call.id} {does}: {new.observation.text()}")
        contents[call.id] = new.observation.content
        done.append(new)
    return tuple(done)


def grouped(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps in their order, each in the first group after those whose observations it uses. A call that fails is in
    a group of its own, so that what mends it was called with its error in view."""
    groups: dict[str, int] = {}
    last = 0
    found: list[Step] = []
    for step in steps:
        alone = bool(found) and (step.observation.failed or found[-1].observation.failed)
        last = max([last + alone, *(groups[source] + 1 for source in step.sources() if source in groups)])
        groups[step.call.id] = last
        found.append(step.model_copy(update={"group": last}))
    return tuple(found)
