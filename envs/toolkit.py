"""Turns typed, documented Python methods into tools.

    class Library(ToolkitEnvironment):
        name = "library"

        @tool(effect="write")
        def lend(self, book_id: str, days: int = 14) -> Loan:
            '''Lend a book.

            Args:
                book_id: ID of the book.
                days: Number of days.
            '''

Parameters and results are described by their annotations (anything that pydantic can give a JSON Schema, TypedDicts
above all, those of ``typing_extensions``) and the docstring's ``Args``. Tools may be spread over base classes: those of
the bases come first, in the order in which the bases are listed, then the class's own. State lives in ``self.data``;
keys that begin with ``_`` are hidden.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence
from typing import ClassVar, Self

from pydantic_core import to_jsonable_python

from envs.environment import KnownValue, ToolFailure
from envs.tool_methods import tool, toolset
from tools.base import Json, JsonObject, derive_seed
from tools.graph import Edge
from tools.spec import ToolSpec

__all__ = ["ToolkitEnvironment", "tool"]


class ToolkitEnvironment:
    """An environment whose tools are its methods and whose state is one JSON object.

    A tool raises ``self.fail(...)`` to refuse, before it has changed anything. Faults in how tools are written (no
    docstring, an undescribed parameter, a source that no tool gives) raise TypeError when the specs or edges are read.

    Attributes:
        name: A key of a world's ``initial_state``.
        constant: Keys of the state that no tool ever changes. Forks share them, so it pays for large tables.
    """

    name: ClassVar[str]
    constant: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        self.data: JsonObject = {}

    def specs(self) -> tuple[ToolSpec, ...]:
        return toolset(type(self)).specs

    def declared_edges(self) -> tuple[Edge, ...]:
        return toolset(type(self)).edges

    def reset(self, initial_state: JsonObject) -> None:
        self.data = _copied(initial_state)

    def call(self, name: str, arguments: JsonObject) -> Json:
        if name not in toolset(type(self)).methods:
            raise self.fail(f"There is no tool named {name!r}.", "unknown_tool")
        return to_jsonable_python(getattr(self, name)(**arguments))

    def snapshot(self) -> object:
        return _copied(self.data)

    def restore(self, snapshot: object) -> None:
        if not isinstance(snapshot, dict):
            raise TypeError("not a snapshot of this environment")
        self.data = _copied(snapshot)

    def fork(self) -> Self:
        twin = copy.copy(self)
        twin.data = {key: item if key in self.constant else _copied(item) for key, item in self.data.items()}
        return twin

    def state(self) -> Json:
        return self.data

    def public_state(self) -> Json:
        return {key: value for key, value in self.data.items() if not key.startswith("_")}

    def made_ids(self) -> Collection[str | int]:
        return tuple(self.data.get("_made_ids", ()))

    def known_values(self) -> Sequence[KnownValue]:
        """What the user could say; nothing unless the environment tells more."""
        return ()

    def new_id(self, prefix: str, digits: int = 4) -> str:
        """A fresh identifier such as ``BK-3382``.

        It is a function of the state's ``_id_seed`` and of the number of ids made before it, follows no pattern that a
        caller could guess, and stands nowhere in the state yet.
        """
        made: list[str] = self.data.setdefault("_made_ids", [])
        number = derive_seed("id", int(self.data.get("_id_seed", 1)), len(made))
        identifier = f"{prefix}-{number % 10**digits:0{digits}d}"
        while _holds(self.data, identifier):
            number += 1
            identifier = f"{prefix}-{number % 10**digits:0{digits}d}"
        made.append(identifier)
        return identifier

    @staticmethod
    def fail(message: str, kind: str = "failed") -> ToolFailure:
        """The failure to raise when the tool refuses."""
        return ToolFailure(message, kind)


def _copied(value: Json) -> Json:
    """A deep copy of JSON; several times faster than ``copy.deepcopy``, and worlds are copied for every trial call."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _holds(value: Json, identifier: str) -> bool:
    """Whether an identifier stands anywhere in JSON, as a key or as a value."""
    if isinstance(value, dict):
        return identifier in value or any(_holds(item, identifier) for item in value.values())
    if isinstance(value, list):
        return any(_holds(item, identifier) for item in value)
    return bool(value == identifier)
