"""States of worlds, which never change: a call leads from one to the next.

A world is a pure function of where it began and of the calls made in it (law 3). So a state can be shared by every fork
that stands in it, what is worked out from it is worked out once, and a call needs to be made only once in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from envs.call_watch import seen_call
from envs.environment import Environment, KnownValue, ToolFailure
from envs.hashing import renamed_hash
from envs.policy import Rule, policy_of
from tools.base import Json, JsonObject, canonical_json, json_safe, text_digest
from tools.call import ToolError

Found = TypeVar("Found")

_IN_ORDER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class _Views:
    """What is worked out when it is first asked for, and then kept. ``cached_property`` would hold one lock for all
    instances while an environment's own code runs, which may take its time."""

    def __init__(self) -> None:
        self._found: dict[Any, Any] = {}

    def _once(self, what: object, find: Callable[[], Found]) -> Found:
        if what not in self._found:
            self._found[what] = find()
        found: Found = self._found[what]
        return found


class EnvironmentState(_Views):
    """One environment in one state. The environment itself is only looked at; calls are made in copies of it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self.environment = environment
        self._copies: list[Environment] = []

    @property
    def name(self) -> str:
        return self.environment.name

    @property
    def text(self) -> str:
        """All state in the order in which it is kept, which listings may show."""
        return self._once("text", lambda: _IN_ORDER.encode(self.environment.state()))

    @property
    def canonical(self) -> str:
        """All state as canonical JSON."""
        return self._once("canonical", lambda: canonical_json(self.environment.state()))

    @property
    def made_ids(self) -> tuple[str | int, ...]:
        return self._once("made", lambda: tuple(self.environment.made_ids()))

    @property
    def known_values(self) -> tuple[KnownValue, ...]:
        return self._once("known", lambda: tuple(self.environment.known_values()))

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._once("rules", lambda: policy_of(self.environment))

    def begun(self, initial_state: JsonObject) -> EnvironmentState:
        """The environment in an initial state."""
        twin = self.environment.fork()
        twin.reset(initial_state)
        return EnvironmentState(twin)

    def restored(self, snapshot: object) -> EnvironmentState:
        """The environment as a snapshot has it."""
        twin = self.environment.fork()
        twin.restore(snapshot)
        return EnvironmentState(twin)

    def call(self, name: str, arguments: JsonObject) -> tuple[Json | ToolFailure, EnvironmentState]:
        """What a tool answers, or why it refuses, and the state after that: this one where nothing has changed.

        Raises:
            Exception: whatever else the tool raises; the state stays as it is.
        """
        twin = self._copy()
        answer: Json | ToolFailure
        try:
            answer = json_safe(seen_call(twin.call, name, arguments))
        except ToolFailure as failure:
            answer = failure
        after = EnvironmentState(twin)
        if (after.text, after.made_ids) != (self.text, self.made_ids):
            return answer, after
        self._copies = [twin]
        return answer, self

    def _copy(self) -> Environment:
        """A copy of the environment: one that a call has left as it was, or else a new one."""
        try:
            return self._copies.pop()
        except IndexError:
            return self.environment.fork()


class WorldState(_Views):
    """All environments of a world, each in a state. Two that were reached on different ways are not the same object,
    even where they are alike."""

    def __init__(self, parts: Sequence[EnvironmentState]) -> None:
        super().__init__()
        self.parts = tuple(parts)

    def replaced(self, position: int, part: EnvironmentState) -> WorldState:
        """This state with one environment in another; itself where that one has not changed."""
        if part is self.parts[position]:
            return self
        return WorldState((*self.parts[:position], part, *self.parts[position + 1 :]))

    @property
    def replay_hash(self) -> str:
        """``digest`` of the state of each environment by its name."""
        return self._once("replay", lambda: text_digest(f"{{{','.join(self._texts())}}}"))

    @property
    def made_ids(self) -> frozenset[str | int]:
        return self._once("made", lambda: frozenset(item for part in self.parts for item in part.made_ids))

    @property
    def known_values(self) -> tuple[KnownValue, ...]:
        return self._once("known", lambda: tuple(chain.from_iterable(part.known_values for part in self.parts)))

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._once("rules", lambda: tuple(rule for part in self.parts for rule in part.rules))

    def public_hash(self, since: frozenset[str | int]) -> str:
        """Equal for states that a user could not tell apart; ids made after ``since`` are compared up to renaming."""
        made = self.made_ids - since
        return self._once(made, lambda: renamed_hash(self._public(), made))

    def _public(self) -> Mapping[str, Json]:
        return {part.name: part.environment.public_state() for part in self.parts}

    def _texts(self) -> Iterator[str]:
        """The entries of the canonical JSON of all states."""
        for part in sorted(self.parts, key=lambda part: part.name):
            yield f"{canonical_json(part.name)}:{part.canonical}"


class Result(NamedTuple):
    """What a call came to, and the state that it led to."""

    content: Json
    error: ToolError | None
    after: WorldState
