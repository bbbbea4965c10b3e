"""Candidate values for parameters that the user gives."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from tools.base import Json, JsonObject, Record, canonical_json
from tools.plausible import plausible_values
from tools.wording import words

OPAQUE_WORDS = frozenset({"id", "token", "uuid", "hash"})


class KnownValue(Record):
    """A value that the user of a world could say, for a parameter name, or for ``tool.parameter``.

    ``opaque`` marks what the system made (an id, a token): a user says it only where no tool can tell it.
    """

    parameter: str
    value: Json
    opaque: bool = False


def is_opaque(parameter: str) -> bool:
    """Whether a parameter of this name holds something that systems make and users do not know by heart."""
    return bool(OPAQUE_WORDS.intersection(words(parameter)[-1:]))


class Pools:
    """What a user could say for each parameter: known values first, then the schema's, then plausible ones."""

    def __init__(self, known: Iterable[KnownValue]) -> None:
        self._known: dict[str, list[KnownValue]] = {}
        for value in known:
            self._known.setdefault(value.parameter, []).append(value)

    def candidates(self, tool: str, name: str, schema: JsonObject, rng: random.Random) -> list[Json]:
        """Values to try for a parameter, in random order; empty where nobody but a tool can know one."""
        known = [item.value for item in self._of(tool, name)]
        if not known:
            known = list(schema.get("enum", ())) or list(schema.get("examples", ()))
        if not known and not is_opaque(name):
            known = list(plausible_values(name, schema, rng))
        unique = list({canonical_json(value): value for value in known}.values())
        rng.shuffle(unique)
        return unique

    def opaque(self, tool: str, name: str) -> bool:
        """Whether the user would rather have a tool tell this value than say it."""
        known = self._of(tool, name)
        return all(item.opaque for item in known) if known else is_opaque(name)

    def _of(self, tool: str, name: str) -> Sequence[KnownValue]:
        return self._known.get(f"{tool}.{name}", self._known.get(name, []))
