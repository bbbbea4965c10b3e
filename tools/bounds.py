"""Within which limits a number may be, by its schema or its description in words; and bounds that come in pairs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from tools.base import Json, JsonObject
from tools.paths import json_type

_FIGURE = r"(-?\d+(?:\.\d+)?)"
_BETWEEN = re.compile(
    rf"\b(?:between|from)\s+{_FIGURE}\s*(?:\([^)]*\)\s*)?(?:and|to)\s+{_FIGURE}(?![\d-])", re.IGNORECASE
)
_MULTIPLE = re.compile(rf"\bmultiple of {_FIGURE}", re.IGNORECASE)
_LIMITS = (("min", "max"), ("minimum", "maximum"), ("low", "high"), ("lower", "upper"), ("lowest", "highest"))
_OPPOSITES = (
    *_LIMITS,
    *(("start", "end"), ("begin", "end"), ("from", "to"), ("from", "until"), ("since", "until")),
    *(("after", "before"), ("departure", "return"), ("in", "out")),
)
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


class Limits(NamedTuple):
    """The least and the greatest number, excluded or not, and what a number must be a multiple of."""

    low: float = -math.inf
    high: float = math.inf
    above: float = -math.inf
    below: float = math.inf
    step: float = 0

    @property
    def bounded(self) -> bool:
        """Whether there is any limit on how large or small it may be."""
        return max(self.low, self.above) > -math.inf or min(self.high, self.below) < math.inf

    def hold(self, value: float) -> bool:
        """Whether a number is within them."""
        whole = not self.step or math.isclose(value / self.step, round(value / self.step), abs_tol=1e-9)
        return self.low <= value <= self.high and self.above < value < self.below and whole


def limits(schema: JsonObject) -> Limits:
    """The limits of a number: the schema's keywords, else "between 0 and 120", "multiple of 5" in its description."""
    text = str(schema.get("description", ""))
    told = _BETWEEN.search(text)
    low, high = (float(told[1]), float(told[2])) if told else (-math.inf, math.inf)
    multiple = _MULTIPLE.search(text)
    return Limits(
        low=schema.get("minimum", low),
        high=schema.get("maximum", high),
        above=schema.get("exclusiveMinimum", -math.inf),
        below=schema.get("exclusiveMaximum", math.inf),
        step=schema.get("multipleOf", float(multiple[1]) if multiple else 0),
    )


def allowed(value: Json, schema: JsonObject) -> bool:
    """Whether a value is a number that the schema takes, as far as its type and limits tell."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return (json_type(schema) != "integer" or isinstance(value, int)) and limits(schema).hold(value)


def partner(name: str, chosen: Mapping[str, Json]) -> tuple[Json, bool] | None:
    """The value already chosen for the other bound of a pair, and whether it is the lower one: for ``max_price`` that
    of ``min_price``, for ``endDate`` that of ``startDate``."""
    parts = [part.lower() for part in _PART.findall(name)]
    for other, value in chosen.items():
        theirs = [part.lower() for part in _PART.findall(other)]
        if len(parts) != len(theirs):
            continue
        differing = [(mine, their) for mine, their in zip(parts, theirs, strict=True) if mine != their]
        if len(differing) != 1:
            continue
        mine, their = differing[0]
        if (their, mine) in _OPPOSITES:
            return value, True
        if (mine, their) in _OPPOSITES:
            return value, False
    return None


def is_lower_bound(name: str) -> bool | None:
    """Whether a name speaks of a lower bound or of an upper one; None for any other name."""
    parts = {part.lower() for part in _PART.findall(name)}
    if parts.intersection(low for low, _ in _LIMITS):
        return True
    return False if parts.intersection(high for _, high in _LIMITS) else None
