"""What was found out while a turn is sampled, so that it is found out once.

The sampler comes back to its turn for each call, and looks at the same state of the world again after each look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from envs.states import WorldState
from envs.world import World
from tools.base import JsonObject
from tools.intent import Constraints, Intent
from tools.needs import ToolNeeds
from tools.offers import Readings
from tools.pools import KnownValue, Pools
from tools.remembered import Remembered
from tools.trace import Step

# A look ahead over writes comes to many states, and seldom back to one.
_STATES = 24

_Draws = dict[str, ToolNeeds]


@dataclass(frozen=True, eq=False)
class Sayable:
    """What a user could say in one state of a world, and the needs that were drawn by it: under constraints (by their
    number) in each try."""

    pools: Pools
    draws: dict[tuple[int, int], _Draws] = field(default_factory=dict)


class TurnMemory:
    """What is known of one turn. Its ``readings`` are those of its steps' observations."""

    def __init__(self) -> None:
        self.readings = Readings()
        self._intents: list[Intent] | None = None
        self._steps: dict[str, tuple[JsonObject, Step]] = {}
        self._constraints: list[Constraints] = []
        self._sayable: Remembered[WorldState, Sayable] = Remembered(_STATES)

    def intents(self, find: Callable[[], list[Intent]]) -> list[Intent]:
        """What the turn may set out to do, as ``find`` tells when it is asked for the first time."""
        if self._intents is None:
            self._intents = find()
        return self._intents

    def steps(self, plain: Sequence[JsonObject]) -> list[Step]:
        """The steps of a graph's state as records: the same record for the same entry."""
        return [self._step(item) for item in plain]

    def _step(self, plain: JsonObject) -> Step:
        """An entry is known by what it is, not by what it says: 1 is equal to True, too."""
        key = str(plain["call"]["id"])
        kept = self._steps.get(key)
        if kept is None or kept[0] is not plain:
            kept = self._steps[key] = (plain, Step.model_validate(plain))
        return kept[1]

    def sayable(self, world: World) -> Sayable:
        """What a user could say in the state that the world is in."""
        state = world.state
        return self._sayable.get(state, lambda: Sayable(Pools(_told_by(state), world.profile())))

    def draws(self, world: World, tries: int, constraints: Constraints) -> _Draws:
        """What was drawn for tools in the state that the world is in, under these constraints of a try."""
        if constraints not in self._constraints:
            self._constraints.append(constraints)
        key = (tries, self._constraints.index(constraints))
        return self.sayable(world).draws.setdefault(key, {})


def _told_by(state: WorldState) -> Iterator[KnownValue]:
    """What a user could say in a state, which is asked when the first value is wanted."""
    yield from state.known_values


_REMEMBERED: ContextVar[TurnMemory | None] = ContextVar("fr_agents_turn_memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Gives all that samples one turn within it one memory."""
    token = _REMEMBERED.set(TurnMemory())
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def turn_memory() -> TurnMemory:
    """The memory of the turn that is sampled; a new one where nobody remembers."""
    return _REMEMBERED.get() or TurnMemory()
