"""Candidate values for parameters that the user gives."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from pydantic import Field

from tools.base import Json, JsonObject, Record, canonical_json
from tools.paths import json_type
from tools.plausible import plausible_values
from tools.profile import ProfileEntry, is_secret
from tools.seen import Seen
from tools.sense import Wanted
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


def is_opaque(parameter: str) -> bool:
    """Whether a parameter of this name holds something that systems make and users do not know by heart."""
    return bool(OPAQUE_WORDS.intersection(words(parameter)[-1:]))


class Pools:
    """What a user could say for each parameter: known values first, then the schema's, then plausible ones.

    With a ``profile``, which is what the system message tells, its values are the only ones for their parameters, and a
    secret has no other value than that. Without one, secrets are values like any other.
    """

    def __init__(self, known: Iterable[KnownValue], profile: Iterable[ProfileEntry] | None = None) -> None:
        self._listed = known
        self._told = profile

    @cached_property
    def _known(self) -> dict[str, list[KnownValue]]:
        """The known values by parameter, listed when the first one is asked for: a world may take a while to tell."""
        found: dict[str, list[KnownValue]] = {}
        for value in self._listed:
            found.setdefault(value.parameter, []).append(value)
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
        known = self._of(tool, name)
        values = [item.value for item in known if item.goes_with(chosen)]
        if self.unsaid(tool, name):
            own = self._profile.get(f"{tool}.{name}", self._profile.get(name, []))
            fitting = {canonical_json(value) for value in values}
            return [value for value in own if not known or canonical_json(value) in fitting]
        if known and not values:
            return []
        values = _distinct(values) or [*schema.get("enum", ())] or [*schema.get("examples", ())]
        rng.shuffle(values)
        if is_opaque(name) or "enum" in schema:
            return values
        if json_type(schema) == "boolean":
            return values or plausible_values(name, schema, rng)
        return _distinct(Wanted(tool, name, schema, rng, seen, chosen, self._today(tool, seen)).sensible(values))

    def opaque(self, tool: str, name: str) -> bool:
        """Whether the user would rather have a tool tell this value than say it."""
        known = self._of(tool, name)
        return all(item.opaque for item in known) if known else is_opaque(name)

    def _today(self, tool: str, seen: Seen | None) -> str | None:
        """The day that it is for a tool, as its environment tells."""
        known = self._of(tool, TODAY)
        return str(known[0].value) if known else seen.today if seen else None

    def _of(self, tool: str, name: str) -> Sequence[KnownValue]:
        return self._known.get(f"{tool}.{name}", self._known.get(name, []))


def _distinct(values: Iterable[Json]) -> list[Json]:
    return list({canonical_json(value): value for value in values}.values())
