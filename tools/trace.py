"""The executed calls of one turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from tools.base import Json, Record
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values

# The kind of error of a call that was not made, because it held a value that nothing had shown by then.
UNSEEN_VALUE = "unseen_value"

# How a turn goes on with what earlier ones were about; ``tools.relation`` tells which of them can hold.
Relation = Literal["follow_up", "correction", "drill_down", "same_entity", "new_topic"]


class Step(Record):
    """A call with its observation, the origin of each argument, and the group (assistant message) that it is in.

    ``changed_state`` tells whether it changed the world's public hash; ``replay_hash`` is the world's after the call.

    Calls of one group run in the order listed and may depend on each other's effects, but never on a value that only an
    observation of the same group holds.
    """

    call: ToolCall
    observation: Observation
    origins: dict[str, ArgumentOrigin] = Field(default_factory=dict)
    group: int = 0
    changed_state: bool = False
    replay_hash: str = ""

    @property
    def refused(self) -> bool:
        """Whether the call was never made: it held a value that nothing had shown by then."""
        return self.observation.error is not None and self.observation.error.kind == UNSEEN_VALUE

    def sources(self) -> tuple[str, ...]:
        """Ids of the calls whose observations gave this call's arguments."""
        found = [part.source for origin in self.origins.values() for part in origin.observed]
        return tuple(dict.fromkeys(source for source in found if source is not None))


def succeeded(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps whose call did not fail."""
    return tuple(step for step in steps if not step.observation.failed)


def executed(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps whose call was made, whether it failed or not."""
    return tuple(step for step in steps if not step.refused)


class Trace(Record):
    """The needed calls of one turn, executed; in an error turn one that failed, too, before the calls that mend it.

    ``goals`` are the ids of the calls that the turn is for: the target's, then what it went on with. ``requested`` are
    those among them whose output the user asks for. ``relation`` is how the turn goes on with earlier ones.
    """

    target_tool: str
    steps: tuple[Step, ...]
    requested: tuple[str, ...]
    goals: tuple[str, ...] = ()
    relation: Relation = "new_topic"

    def consumed(self) -> frozenset[str]:
        """Ids of calls whose observation a later call of this trace uses."""
        own = {step.call.id for step in self.steps}
        return frozenset(source for step in self.steps for source in step.sources() if source in own)

    def sinks(self) -> tuple[Step, ...]:
        """What the turn is for: calls that changed state, and requested outputs."""
        return tuple(step for step in self.steps if step.changed_state or step.call.id in self.requested)

    def depth(self) -> int:
        """Successful calls on the longest chain in which each uses a value that the one before it returned."""
        length: dict[str, int] = {}
        for step in succeeded(self.steps):
            length[step.call.id] = 1 + max((length.get(source, 0) for source in step.sources()), default=0)
        return max(length.values(), default=0)

    def looked_up(self) -> tuple[Json, ...]:
        """Values that a call produced and a later argument of this trace uses."""
        found = []
        own = {step.call.id for step in self.steps}
        for step in self.steps:
            for name, origin in step.origins.items():
                if any(part.source in own for part in origin.observed):
                    found += [value for _, value in leaf_values(step.call.arguments[name])]
        return tuple(found)
