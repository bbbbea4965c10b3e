"""Which calls of a sampled turn its target needs, or go on from it: one measure for all policies.

It shares no code with the sampler's own delete-one test. A call counts as needed if it

- is the target;
- goes on from the target by values: uses what it returned, names what it names, or is the same tool for another
  instance (a second quote to compare with the first); and so on from these;
- leads to one of those: it uses the call's output, or, with the call left out, fails or shows something else, or it
  and the call change the state in a way that depends on both (``cd`` before ``touch``).

What a session needs (a token) connects nothing to the target: logging in leads somewhere, but does not go on from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from envs.world import World
from tools.base import Json, canonical_json
from tools.call import Observation, ToolCall
from tools.paths import leaf_values
from tools.reference import belongs_to_session, names_in
from tools.spec import ToolSpec
from tools.trace import Step, succeeded


@dataclass(frozen=True)
class TurnCalls:
    """The successful calls of one turn.

    Attributes:
        start: The world before the turn. It is forked, never changed.
        steps: The calls in their order.
        target: The tool that the turn is for.
        specs: The tools by name.
    """

    start: World
    steps: tuple[Step, ...]
    target: str
    specs: Mapping[str, ToolSpec]

    @classmethod
    def of(cls, start: World, steps: Sequence[Step], target: str, specs: Mapping[str, ToolSpec]) -> TurnCalls:
        """The calls of a turn without those that failed."""
        return cls(start, succeeded(steps), target, specs)

    @cached_property
    def needed(self) -> frozenset[int]:
        """The positions of the calls that are needed."""
        found = self._onward()
        for position in reversed(range(len(self.steps))):
            if any(self._leads(position, later) for later in found if later > position):
                found.add(position)
        return frozenset(found)

    @cached_property
    def longest_path(self) -> int:
        """Calls on the longest chain in which each leads to the next, by a value or by the state."""
        length: list[int] = []
        for later in range(len(self.steps)):
            before = (length[earlier] for earlier in range(later) if self._leads(earlier, later))
            length.append(1 + max(before, default=0))
        return max(length, default=0)

    def _onward(self) -> set[int]:
        """The first call of the target, and what goes on from it."""
        position = next((at for at, step in enumerate(self.steps) if step.call.name == self.target), None)
        if position is None:
            return set()
        found = {position}
        for later in range(position + 1, len(self.steps)):
            if any(self._goes_on(self.steps[earlier], self.steps[later]) for earlier in sorted(found)):
                found.add(later)
        return found

    def _goes_on(self, step: Step, later: Step) -> bool:
        if step.call.id in later.sources():
            return _uses(later, step.call.id)
        if later.call.name == step.call.name == self.target:
            return later.call.arguments != step.call.arguments
        return bool(self._names(step) & self._names(later))

    def _names(self, step: Step) -> frozenset[str]:
        return frozenset[str]().union(*names_in(step, self.specs).values())

    def _leads(self, earlier: int, later: int) -> bool:
        """Whether one call is of use for a later one."""
        if self.steps[earlier].call.id in self.steps[later].sources():
            return True
        return later in self._affected[earlier]

    @cached_property
    def _affected(self) -> tuple[frozenset[int], ...]:
        """For each call, the later ones that do something else without it."""
        return tuple(frozenset(self._affected_by(position)) for position in range(len(self.steps)))

    def _affected_by(self, left_out: int) -> list[int]:
        world = self._worlds[left_out].fork()
        if world.replay_hash() == self._worlds[left_out + 1].replay_hash():
            return []
        found = []
        for position in range(left_out + 1, len(self.steps)):
            step = self.steps[position]
            again = world.execute(step.call)
            differs = again.failed or (self._is_read(step) and not self._alike(again, step.observation, world))
            if differs or self._entangled(left_out, position):
                found.append(position)
        return found

    def _entangled(self, first: int, second: int) -> bool:
        """Whether what the two change together depends on their order, and the first one's part is not overwritten."""
        if not self.steps[second].changed_state:
            return False
        between = [step.call for step in self.steps[first + 1 : second]]
        one, other = self.steps[first].call, self.steps[second].call
        whole = self._outcome(first, [one, *between, other])
        return whole not in (self._outcome(first, [*between, other, one]), self._outcome(first, [*between, other]))

    def _outcome(self, position: int, calls: Sequence[ToolCall]) -> str:
        """The public state after other calls than those that were made from a position on."""
        world = self._worlds[position].fork()
        world.replay(calls)
        return world.public_hash(self.start.made_ids())

    @cached_property
    def _worlds(self) -> tuple[World, ...]:
        """The world before each call, and after the last."""
        found = [self.start]
        for step in self.steps:
            found.append(found[-1].fork())
            found[-1].execute(step.call)
        return tuple(found)

    def _alike(self, one: Observation, other: Observation, world: World) -> bool:
        """Whether two observations show the same, ids left out that were made here or in ``world``: with one call less
        the others' ids come out different."""
        made = {str(item) for item in (*world.made_ids(), *self._worlds[-1].made_ids())}
        return _shown(one.content, made) == _shown(other.content, made)

    def _is_read(self, step: Step) -> bool:
        spec = self.specs.get(step.call.name)
        return spec is None or spec.effect == "read"


def _uses(step: Step, source: str) -> bool:
    """Whether a call uses an output of ``source`` for more than its session."""
    return any(
        part.source == source and not belongs_to_session(name)
        for name, origin in step.origins.items()
        for part in origin.observed
    )


def _shown(content: Json, made: Collection[str]) -> list[tuple[str, str]]:
    return [(path, canonical_json(value)) for path, value in leaf_values(content) if str(value) not in made]
