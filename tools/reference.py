"""Values by which a turn refers to something that an earlier one was about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tools.base import Json, JsonObject
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values
from tools.pools import is_opaque
from tools.provenance import normalised
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words

_SESSION = frozenset({"token", "session", "key", "secret", "password"})
_CREDENTIALS = frozenset({"password", "secret", "pin"})
_TIMES = frozenset({"date", "time", "day", "month", "year"})
_NUMBERED = frozenset({"number", "code"})
_DATE_OR_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b|\d{1,2}:\d{2}")
_LONGEST_NAME = 5


def belongs_to_session(name: str) -> bool:
    """Whether a parameter or a field of this name holds what a session needs (a token, a password): values that calls
    share without being about the same thing."""
    own = words(name)
    return bool(_SESSION.intersection(own[-1:])) or "session" in own


def earlier_sources(step: Step) -> dict[str, tuple[str, ...]]:
    """The ids of the earlier turns' calls that gave each argument; what belongs to a session is left out."""
    found = {}
    for name, origin in step.origins.items():
        ids = [
            part.source
            for part in origin.observed
            if part.kind == "earlier_turn" and part.source and not belongs_to_session(_field(part.path or ""))
        ]
        if ids and not belongs_to_session(name):
            found[name] = tuple(dict.fromkeys(ids))
    return found


def names_in(step: Step, specs: Mapping[str, ToolSpec]) -> dict[str, frozenset[str]]:
    """The names in each argument of a call: texts and numbers by which a person means one certain thing.

    A name is a text of at most five words, or a number that stands for a thing (an id, an order number), which is
    compared together with the parameter's name. No name is a boolean, a choice from an enumeration, a date or a time,
    what belongs to a session, nor anything in a call that takes a password, a pin or a secret: it signs in.
    """
    if any(_CREDENTIALS.intersection(words(parameter)[-1:]) for parameter in step.call.arguments):
        return {}
    spec = specs.get(step.call.name)
    schemas = spec.properties if spec is not None else {}
    found = {
        parameter: frozenset(_names(parameter, value))
        for parameter, value in step.call.arguments.items()
        if _may_name(parameter, schemas.get(parameter, {}))
    }
    return {parameter: names for parameter, names in found.items() if names}


def said_names(step: Step, specs: Mapping[str, ToolSpec]) -> dict[str, frozenset[str]]:
    """Of the names in each argument those that the user says: as they are, or by what picks them from a list."""
    names = names_in(step, specs)
    return {parameter: found for parameter, found in names.items() if _said(step.origins.get(parameter))}


def made_ids(step: Step) -> frozenset[str]:
    """The ids that a call returned and was not given, as ``names_in`` has them."""
    given = {normalised(value) for _, value in leaf_values(step.call.arguments)}
    found: set[str] = set()
    for path, value in leaf_values(step.observation.content):
        field = _field(path)
        if is_opaque(field) and not belongs_to_session(field) and normalised(value) not in given:
            found.update(_names(field, value))
    return frozenset(found)


def _said(origin: ArgumentOrigin | None) -> bool:
    if origin is None:
        return False
    shown = (part for part in origin.observed if part.kind in ("observation", "state"))
    picked = (part.selector.kind for part in shown if part.selector)
    return origin.kind == "query" or any(kind in ("equals", "nearest") for kind in picked)


def _may_name(parameter: str, schema: JsonObject) -> bool:
    last = words(parameter)[-1:]
    chosen = "enum" in schema or "enum" in schema.get("items", {})
    return not (chosen or belongs_to_session(parameter) or _TIMES.intersection(last))


def _names(parameter: str, value: Json) -> Iterator[str]:
    for _, leaf in leaf_values(value):
        text = normalised(leaf)
        if isinstance(leaf, str):
            if text and len(text.split()) <= _LONGEST_NAME and not _DATE_OR_TIME.match(text):
                yield text
        elif isinstance(leaf, int | float) and not isinstance(leaf, bool) and _stands_for_a_thing(parameter):
            yield f"{' '.join(words(parameter))} = {text}"


def _stands_for_a_thing(parameter: str) -> bool:
    """Whether a number of this name is one that things have: ``ticket_id``, ``order_number``, but not ``number``."""
    parts = words(parameter)
    return is_opaque(parameter) or (len(parts) > 1 and parts[-1] in _NUMBERED)


def _field(path: str) -> str:
    """The last key of a path that is no list position."""
    return next((key for key in reversed(path.split(".")) if key != "*" and not key.isdecimal()), "")
