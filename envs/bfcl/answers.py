"""What a BFCL tool returns, as JSON: numbers made plain, and the identifiers in it that the call has made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from envs.environment import ToolFailure
from tools.base import Json, json_safe
from tools.paths import leaf_values

# Smaller numbers are as likely an amount or a priority, so they are compared by value.
_LEAST_NUMERIC_ID = 1000


def plain_answer(answer: Any) -> Json:
    """A deep copy of ``answer`` as JSON.

    Raises:
        ToolFailure: a number in it is complex, infinite or not a number, and so is not what the tool promises.
    """
    return json_safe(_real(answer))


def made_ids(answer: Json, known: frozenset[str], arguments: Json) -> Iterator[str | int]:
    """The identifiers of an answer that neither the state before the call nor its arguments held."""
    given = {str(value) for _, value in leaf_values(arguments)}
    for path, value in leaf_values(answer):
        key = path.rsplit(".", 1)[-1]
        named = key == "id" or key.endswith(("_id", "token"))
        if named and _can_be_renamed(value) and str(value) not in known | given:
            yield value


def _can_be_renamed(value: Json) -> bool:
    if isinstance(value, str):
        return bool(value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= _LEAST_NUMERIC_ID


def _real(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _real(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_real(item) for item in value]
    if isinstance(value, float | complex | Decimal) or type(value).__module__.startswith("mpmath"):
        return _finite(value)
    return value


def _finite(value: Any) -> float:
    """A float for a decimal or an mpmath number."""
    try:
        number = float(value)
    except (TypeError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ToolFailure("The result is not a finite real number.", "not_a_number")
    return number
