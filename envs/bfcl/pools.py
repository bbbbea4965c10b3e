"""What the user of a BFCL class could say in its present state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envs.bfcl.beside import Beside, Told
from envs.bfcl.literals import LITERALS, TODAY
from envs.bfcl.sayable import SOURCES
from tools.base import Json, JsonObject
from tools.pools import KnownValue
from tools.spec import ToolSpec
from tools.wording import words

# What the system made and a user would rather have looked up.
_OPAQUE = frozenset({"access_token", "booking_id", "card_id", "receiver_id", "user_id"})
_LONGEST_TEXT = 120


def known_values(class_name: str, specs: Sequence[ToolSpec], instance: Any) -> tuple[KnownValue, ...]:
    """A value for each ``tool.parameter`` and each thing that could be said for it.

    What the state or a catalogue tells comes first, then plausible texts and amounts; an enum stands
    for itself unless the code tells more. Texts that could not be quoted in a sentence are left out.
    """
    told = SOURCES[class_name](instance)
    found = [
        KnownValue(
            parameter=f"{spec.name}.{parameter}", value=item.value, opaque=parameter in _OPAQUE, beside=item.beside
        )
        for spec in specs
        for parameter, schema in spec.properties.items()
        for item in _values(LITERALS[class_name], told, spec.name, parameter, schema)
    ]
    today = TODAY.get(class_name)
    dates = [KnownValue(parameter=f"{spec.name}.today", value=today) for spec in specs if today and _dated(spec)]
    return (*found, *dates)


def _dated(spec: ToolSpec) -> bool:
    return any("date" in words(name) for name in spec.properties)


def _values(
    literals: dict[str, tuple[Json, ...]], told: Told, tool: str, parameter: str, schema: JsonObject
) -> list[Beside]:
    specific = f"{tool}.{parameter}"
    if "enum" in schema and specific not in told and specific not in literals:
        return [Beside(value) for value in schema["enum"]]
    found = [*told.get(specific, ()), *literals.get(specific, ())]
    if specific not in told and specific not in literals:
        found = [*told.get(parameter, ()), *literals.get(parameter, ())]
    items = [item if isinstance(item, Beside) else Beside(item) for item in found]
    return list({repr((item.value, dict(item.beside))): item for item in items if _quotable(item.value)}.values())


def _quotable(value: Json) -> bool:
    if isinstance(value, list):
        return bool(value) and all(_quotable(item) for item in value)
    if isinstance(value, str):
        return 0 < len(value) <= _LONGEST_TEXT and not set(value) & set('"\n\r')
    return True
