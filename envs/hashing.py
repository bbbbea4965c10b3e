"""Public hashes: equal for states that a user could not tell apart, ids made in the turn compared up to renaming."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from tools.base import Json, digest

_ROUNDS = 4


def renamed_hash(state: Json, made: Collection[str | int]) -> str:
    """The hash of ``state`` with each id of ``made`` replaced by a label that depends only on where it stands.

    Labels are refined like colours of a graph: first every id looks alike, then an id looks like the places it stands
    in. Ids that still look alike after some rounds stand in places that are taken for interchangeable. An id that
    stands nowhere any more leaves no trace: the hash is that of a state in which it was never made.
    """
    colours = {str(item): "id" for item in made}
    part = _parsed(state, colours.keys())
    if part is None:
        return digest(state)
    for _ in range(_ROUNDS):
        places: dict[str, list[str]] = {item: [] for item in colours}
        part.settle(colours)
        part.spread("", colours, places)
        colours = {item: digest(sorted(seen)) for item, seen in places.items()}
    return part.settle(colours)


class _Part(Protocol):
    """A part of a state, hashed in each round from below (``settle``), then from above (``spread``)."""

    below: str

    def settle(self, colours: Mapping[str, str]) -> str:
        """Hash what is in the part, with colours for ids."""

    def spread(self, context: str, colours: Mapping[str, str], places: Mapping[str, list[str]]) -> None:
        """Note for every id in the part the surroundings of each place where it stands."""


class _Sealed:
    """A part without ids, which is hashed once: most of a state."""

    def __init__(self, value: Json) -> None:
        self.below = digest(value)

    def settle(self, colours: Mapping[str, str]) -> str:
        return self.below

    def spread(self, context: str, colours: Mapping[str, str], places: Mapping[str, list[str]]) -> None:
        """Nothing to note."""


class _Identifier:
    def __init__(self, name: str) -> None:
        self.name = name
        self.below = ""

    def settle(self, colours: Mapping[str, str]) -> str:
        self.below = colours[self.name]
        return self.below

    def spread(self, context: str, colours: Mapping[str, str], places: Mapping[str, list[str]]) -> None:
        places[self.name].append(context)


class _Object:
    """An object; a key may be an id too."""

    def __init__(self, entries: list[tuple[str, _Part]]) -> None:
        self._entries = entries
        self.below = ""

    def settle(self, colours: Mapping[str, str]) -> str:
        self.below = digest(
            ["object", sorted([colours.get(key, key), part.settle(colours)] for key, part in self._entries)]
        )
        return self.below

    def spread(self, context: str, colours: Mapping[str, str], places: Mapping[str, list[str]]) -> None:
        here = digest([context, self.below])
        for key, part in self._entries:
            if key in places:
                places[key].append(f"{here} key {part.below}")
            part.spread(f"{here} {colours.get(key, key)}", colours, places)


class _List:
    """A list, whose order counts: what was listed first may matter to a user."""

    def __init__(self, entries: list[_Part]) -> None:
        self._entries = entries
        self.below = ""

    def settle(self, colours: Mapping[str, str]) -> str:
        self.below = digest(["list", *(part.settle(colours) for part in self._entries)])
        return self.below

    def spread(self, context: str, colours: Mapping[str, str], places: Mapping[str, list[str]]) -> None:
        here = digest([context, self.below])
        for position, part in enumerate(self._entries):
            part.spread(f"{here} {position}", colours, places)


def _parsed(value: Json, ids: Collection[str]) -> _Part | None:
    """The parts of a value, or None where no id stands in it."""
    if isinstance(value, dict):
        inner = {str(key): _parsed(item, ids) for key, item in value.items()}
        if any(inner.values()) or any(key in ids for key in inner):
            return _Object([(str(key), inner[str(key)] or _Sealed(item)) for key, item in value.items()])
    elif isinstance(value, list):
        parts = [_parsed(item, ids) for item in value]
        if any(parts):
            return _List([part or _Sealed(item) for part, item in zip(parts, value, strict=True)])
    elif isinstance(value, str | int) and not isinstance(value, bool) and str(value) in ids:
        return _Identifier(str(value))
    return None
