"""Candidate values for parameters that the user gives."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import Field

from tools.base import Json, JsonObject, Record, canonical_json
from tools.paths import json_type
from tools.plausible import plausible_values
from tools.profile import ProfileEntry, is_secret
from tools.seen import Seen
from tools.sense import Wanted, makes_up
from tools.wording import words

OPAQUE_WORDS = frozenset({"id", "token", "uuid", "hash"})
TODAY = "today"


class KnownValue(Record):
    """A value that the user of a world could say, for a parameter name, or for ``tool.parameter``.

    ``opaque`` marks what the system made (an id, a token): nobody gets it slightly wrong, as one does a name.
    ``beside`` holds, for other parameters of the same call, the values beside which alone it makes sense: the price of
    a stock beside its symbol, the last name of a person beside the first. The parameter ``today`` tells the day that it
    is.
    """

    parameter: str
    value: Json
    opaque: bool = False
    beside: dict[str, tuple[Any, ...]] = Field(default_factory=dict)

    def goes_with(self, chosen: Mapping[str, Json]) -> bool:
        """Whether it makes sense beside the arguments that were chosen already."""
        return all(name not in chosen or chosen[name] in values for name, values in self.beside.items())


class _Known:
    """What is known for one parameter."""

    def __init__(self, items: Sequence[KnownValue] = ()) -> None:
        self.items = list(items)

    @cached_property
    def values(self) -> list[Json]:
        """All of them, each once."""
        return _distinct(item.value for item in self.items)

    @cached_property
    def choosy(self) -> bool:
        """Whether some of them make sense beside certain arguments only."""
        return any(item.beside for item in self.items)

    def fitting(self, chosen: Mapping[str, Json]) -> list[Json]:
        """Those that make sense beside the chosen arguments, each once."""
        if not self.choosy:
            return self.values
        return _distinct(item.value for item in self.items if item.goes_with(chosen))


class _Listed(NamedTuple):
    """The candidates for a parameter with this very schema, or None where some are made up."""

    schema: JsonObject
    values: tuple[Json, ...] | None


_NOTHING = _Known()


def is_opaque(parameter: str) -> bool:
    """Whether a parameter of this name holds something that systems make and users do not know by heart."""
    return bool(OPAQUE_WORDS.intersection(words(parameter)[-1:]))


class Pools:
    """What a user could say for each parameter: known values first, then the schema's, then plausible ones.

    With a ``profile``, which is what the system message tells, its values are the only ones for their parameters, and a
    secret has no other value than that. Without one, secrets are values like any other.
    """

    def __init__(self, known: Iterable[KnownValue], profile: Iterable[ProfileEntry] | None = None) -> None:
        self._values = known
        self._told = profile
        self._lists: dict[tuple[str, str], _Listed] = {}

    @cached_property
    def _known(self) -> dict[str, _Known]:
        """The known values by parameter, listed when the first one is asked for: a world may take a while to tell."""
        found: dict[str, _Known] = {}
        for value in self._values:
            found.setdefault(value.parameter, _Known()).items.append(value)
        return found

    @cached_property
    def _profile(self) -> dict[str, list[Json]]:
        """What the system message tells, by parameter."""
        found: dict[str, list[Json]] = {}
        for entry in self._told or ():
            for parameter in entry.parameters:
                found.setdefault(parameter, []).append(entry.value)
        return found

    def unsaid(self, tool: str, name: str) -> bool:
        """Whether the user never says a value for a parameter: the system message tells it, or it is a secret."""
        if self._told is None:
            return False
        return is_secret(name) or bool(self._profile.keys() & {name, f"{tool}.{name}"})

    def candidates(
        self,
        tool: str,
        name: str,
        schema: JsonObject,
        rng: random.Random,
        seen: Seen | None = None,
        chosen: Mapping[str, Json] | None = None,
    ) -> list[Json]:
        """Values to try for a parameter, the most sensible first, else in random order; empty where nobody but a tool
        can know one, or where none makes sense beside the arguments that are ``chosen`` already.

        With what was ``seen``, numbers follow from observed ones (as often as its ``observed_numbers`` says), dates lie
        on the right side of today, and free text is about what the turn is about.
        """
        chosen = chosen or {}
        if self.unsaid(tool, name):
            return self._of_profile(tool, name, chosen)
        known = self._of(tool, name)
        values = known.fitting(chosen)
        if known.items and not values:
            return []
        values = list(values) or _of_schema(schema)
        rng.shuffle(values)
        if values and self.listed(tool, name, schema) is not None:
            return values
        if is_opaque(name) or "enum" in schema:
            return values
        if json_type(schema) == "boolean":
            return values or plausible_values(name, schema, rng)
        wanted = Wanted(tool, name, schema, rng, seen, chosen, self._today(tool, seen))
        return _distinct(wanted.sensible(values))

    def listed(self, tool: str, name: str, schema: JsonObject) -> tuple[Json, ...] | None:
        """The candidates for a parameter, in no order, where they are the same whatever was seen and chosen; None where
        some are made up, or not all go with all other arguments."""
        kept = self._lists.get((tool, name))
        if kept is None or kept.schema is not schema:
            kept = self._lists[tool, name] = _Listed(schema, self._list(tool, name, schema))
        return kept.values

    def _list(self, tool: str, name: str, schema: JsonObject) -> tuple[Json, ...] | None:
        known = self._of(tool, name)
        if known.choosy:
            return None
        if self.unsaid(tool, name):
            return tuple(self._of_profile(tool, name, {}))
        values = known.values or _of_schema(schema)
        if is_opaque(name) or "enum" in schema:
            return tuple(values)
        if json_type(schema) == "boolean":
            return tuple(values or (True, False))
        made_up = not values or makes_up(tool, name, schema, values) or len(_distinct(values)) < len(values)
        return None if made_up else tuple(values)

    def _of_profile(self, tool: str, name: str, chosen: Mapping[str, Json]) -> list[Json]:
        """What the system message tells for a parameter, as far as it is known to make sense."""
        known = self._of(tool, name)
        own = self._profile.get(f"{tool}.{name}", self._profile.get(name, []))
        fitting = {canonical_json(value) for value in known.fitting(chosen)}
        return [value for value in own if not known.items or canonical_json(value) in fitting]

    def opaque(self, tool: str, name: str) -> bool:
        """Whether the user would rather have a tool tell this value than say it."""
        known = self._of(tool, name)
        return all(item.opaque for item in known.items) if known.items else is_opaque(name)

    def _today(self, tool: str, seen: Seen | None) -> str | None:
        """The day that it is for a tool, as its environment tells."""
        known = self._of(tool, TODAY).items
        return str(known[0].value) if known else seen.today if seen else None

    def _of(self, tool: str, name: str) -> _Known:
        return self._known.get(f"{tool}.{name}") or self._known.get(name, _NOTHING)


def _of_schema(schema: JsonObject) -> list[Json]:
    return [*schema.get("enum", ())] or [*schema.get("examples", ())]


def _distinct(values: Iterable[Json]) -> list[Json]:
    return list({canonical_json(value): value for value in values}.values())
