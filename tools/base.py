"""What all records share: frozen, strict about their fields, and plain JSON outside."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from typing import Any

from pydantic import BaseModel, ConfigDict

# JSON as Python holds it. Recursive aliases cost pydantic a schema per use, and nothing here inspects them.
Json = Any
JsonObject = dict[str, Any]

_MAX_INTEGER = 2**63 - 1
# One encoder for all: json.dumps makes a new one for each call with these options.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_INTEGRAL = re.compile(r"(?<=\d)\.0(?=[,\]}]|$)")


class Record(BaseModel):
    """A frozen value object; an unknown field is an error, never silently dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def plain(self) -> JsonObject:
        """The record as lists, dicts, strings and numbers only, as graph states and files hold it."""
        return self.model_dump(mode="json")


def json_safe(value: Any) -> Json:
    """A deep copy of ``value`` that JSON and every checkpoint can hold without changing it.

    Integers beyond 64 bits and non-finite floats become strings, lone surrogates are replaced, tuples and sets become
    lists (sets sorted), keys become strings, and anything else becomes its ``str``.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value) if -_MAX_INTEGER <= value <= _MAX_INTEGER else _digits(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {_text(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((json_safe(item) for item in value), key=canonical_json)
    return _text(value)


def _text(value: Any) -> str:
    if type(value) is str and value.isascii():
        return value
    if isinstance(value, int) and not isinstance(value, bool | str):
        return _digits(value)
    text = value if isinstance(value, str) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8")


def _digits(value: int) -> str:
    """Decimal digits, or hexadecimal ones beyond the length that Python converts to decimal."""
    try:
        return str(int(value))
    except ValueError:
        return hex(value)


def is_number(value: Json) -> bool:
    """Whether a value is a number: Python holds true to be one too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def canonical_json(value: Json) -> str:
    """One text for one value: sorted keys, no spaces, no ASCII escapes."""
    return _CANONICAL.encode(value)


def digest(value: Json) -> str:
    """The SHA-256 of a JSON value in its canonical text, as 64 hexadecimal digits; 300 and 300.0 are one value."""
    return text_digest(canonical_json(value))


def text_digest(canonical: str) -> str:
    """The digest of a value whose canonical text is there already."""
    plain = _INTEGRAL.sub("", canonical) if ".0" in canonical else canonical
    return hashlib.sha256(plain.encode()).hexdigest()


def derive_seed(*keys: str | int) -> int:
    """A 63-bit seed that depends on ``keys`` alone: never on the clock, ``hash`` or a shared generator (law 8)."""
    return int(digest(list(keys))[:16], 16) >> 1


def generator(*keys: str | int) -> random.Random:
    """A random generator of its own for (job, turn, stage, attempt, step), or whatever ``keys`` name."""
    return random.Random(derive_seed(*keys))  # noqa: S311 - sampling, not cryptography
