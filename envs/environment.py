"""The protocol that every environment keeps, whatever its tools are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from tools.base import Json, JsonObject, Record
from tools.graph import Edge
from tools.pools import KnownValue
from tools.spec import ToolSpec

__all__ = ["Environment", "KnownValue", "ToolFailure", "WorldSpec"]


class ToolFailure(Exception):  # noqa: N818 - what a tool answers with, not a defect of the program
    """An expected failure of a tool, which becomes an observation with an error that the model sees (law 1)."""

    def __init__(self, message: str, kind: str = "failed") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Environment(Protocol):
    """Executable tools over a state that can be reset, copied and compared.

    Everything that a call does depends on the state and the arguments alone: clocks and random sources are part of the
    state. What it tells of a state depends on the state alone and changes nothing, so a world asks once and makes the
    same call in the same state once. Calls are synchronous; a world is computed, not awaited.
    """

    @property
    def name(self) -> str:
        """Its name, which is a key of a world's ``initial_state``."""
        ...

    def specs(self) -> Sequence[ToolSpec]:
        """Its tools, always in the same order."""
        ...

    def declared_edges(self) -> Sequence[Edge]:
        """Dependencies that its author declared; may be empty."""
        ...

    def reset(self, initial_state: JsonObject) -> None:
        """Begin anew in ``initial_state``, of which it keeps a copy."""
        ...

    def call(self, name: str, arguments: JsonObject) -> Json:
        """Run a tool. Arguments were checked against its schema. Raises ToolFailure for an expected failure."""
        ...

    def snapshot(self) -> object:
        """A copy of the whole state, hidden state included."""
        ...

    def restore(self, snapshot: object) -> None:
        """Go back to a snapshot, which stays usable for further restores."""
        ...

    def fork(self) -> Environment:
        """An independent environment in the same state."""
        ...

    def state(self) -> Json:
        """All state, hidden state too: what the replay hash covers."""
        ...

    def public_state(self) -> Json:
        """What a user could observe, without caches and generators: what the public hash covers."""
        ...

    def made_ids(self) -> Collection[str | int]:
        """Identifiers that calls have made since the reset, which public hashes compare up to renaming."""
        ...

    def known_values(self) -> Sequence[KnownValue]:
        """What the user could say in the present state."""
        ...


class WorldSpec(Record):
    """A world as a record names it: enough to build it again, with the code of ``name`` in ``version``.

    ``initial_state`` maps each environment to the state that it begins in. ``tools`` are those that can be called, in
    any order; none means all of them.
    """

    name: str
    version: str
    seed: int
    environments: tuple[str, ...]
    initial_state: Mapping[str, JsonObject]
    tools: tuple[str, ...] = ()

    def showing(self, tools: tuple[str, ...]) -> WorldSpec:
        """The same world with no other tools than these; with all where none are named."""
        return self if tools == self.tools else self.model_copy(update={"tools": tools})
