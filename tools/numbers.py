"""Numbers that follow from numbers that were seen: near them, affordable, and as people would say them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping, Sequence

from tools.base import Json, JsonObject, is_number
from tools.bounds import Limits, allowed, is_lower_bound, limits, partner
from tools.figures import Figure, NumberKind, is_available, is_price, number_kind
from tools.paths import json_type
from tools.seen import Seen
from tools.wording import words

_COUNT = 6
_NEAR = 0.05
# Far enough from the price seen, and near enough, that rounding a sum to a half leads neither back nor too far off.
_PRICE_OFF = (0.015, 0.04)
_LEVEL = 0.1
_SMALL_COUNTS = 12
_INSURANCE_SHARES = (0.04, 0.1)


def following(
    tool: str, name: str, schema: JsonObject, seen: Seen, chosen: Mapping[str, Json], rng: random.Random
) -> list[Json]:
    """Numbers for a parameter that follow from what was seen, none where nothing like it was seen.

    A price is within 5 % of the one seen, a bound on the right side of it, an amount at most what is available and at
    least what is due, a count as many as can be paid for. None is the very number that was seen.
    """
    kind = number_kind(tool, name, schema)
    if kind == "count":
        most = _affordable_count(seen, chosen)
        return _said([rng.randint(1, most) for _ in range(_COUNT)] if most else [], schema)
    bearing = seen.numbers(tool, name, schema, chosen)
    same = [figure for figure, role in bearing if role == "same"]
    lower = is_lower_bound(name)
    if same and lower is not None:
        drawn = [_beyond([figure.value for figure in same], lower, rng) for _ in range(_COUNT)]
    elif same:
        drawn = [near for figure in same[:3] for near in _nearby(figure, kind, name, schema, rng)]
    else:
        drawn = _amounts(bearing, rng)
    return _said(drawn, schema)


def affordable(
    tool: str, name: str, schema: JsonObject, seen: Seen, chosen: Mapping[str, Json], values: Sequence[Json]
) -> list[Json]:
    """Those of the values that keep to what was seen to be available and due; all where none does."""
    least, most = _span(seen.numbers(tool, name, schema, chosen))
    if number_kind(tool, name, schema) == "count":
        most = _affordable_count(seen, chosen) or math.inf
    kept = [value for value in values if is_number(value) and least <= value <= most]
    return kept or list(values)


def paired(
    name: str, schema: JsonObject, values: Sequence[Json], chosen: Mapping[str, Json], rng: random.Random
) -> list[Json]:
    """Those of the values that go with the other bound of the pair, or where none does, new ones that do."""
    other = partner(name, chosen)
    if other is None or not is_number(other[0]):
        return list(values)
    bound, above = other
    kept = [value for value in values if is_number(value) and (value > bound if above else value < bound)]
    return kept or _said((_beyond([bound], not above, rng) for _ in range(_COUNT)), schema)


def small_counts(schema: JsonObject) -> list[Json]:
    """How many of something a person may want: whole numbers from one to a dozen, as far as the schema takes them."""
    return [number for number in range(1, _SMALL_COUNTS + 1) if allowed(number, schema)]


def _amounts(bearing: Sequence[tuple[Figure, str]], rng: random.Random) -> list[float]:
    whole = next((figure.value for figure, role in bearing if role == "fraction" and figure.value > 0), None)
    if whole is not None:
        return [_human(whole * rng.uniform(*_INSURANCE_SHARES), round) for _ in range(_COUNT)]
    least, most = _span(bearing)
    if least > most or (least <= 0 and math.isinf(most)):
        return []
    if least <= 0:
        return [_human(most * rng.uniform(0.1, 0.8), math.floor) for _ in range(_COUNT)]
    drawn = [_human(least * rng.uniform(1.0, 1.4), math.ceil) for _ in range(_COUNT)]
    return [value for value in drawn if least <= value <= most]


def _span(bearing: Sequence[tuple[Figure, str]]) -> tuple[float, float]:
    """The nearest sum that is due and the nearest one that is available."""
    least = next((figure.value for figure, role in bearing if role == "at_least"), -math.inf)
    most = next((figure.value for figure, role in bearing if role == "at_most"), math.inf)
    return least, most


def _affordable_count(seen: Seen, chosen: Mapping[str, Json]) -> int:
    """How many can be paid for from what was seen to be available, a dozen at most; 0 where nothing tells."""
    prices = [value for name, value in chosen.items() if is_number(value) and is_price(Figure(value, name))]
    shown = [figure.value for figure in seen.figures_about(chosen) if is_price(figure)]
    price = next(iter((*prices, *shown)), 0)
    balance = next((figure.value for figure in seen.figures_about({}) if is_available(figure)), 0)
    return min(_SMALL_COUNTS, int(balance // price)) if price > 0 else 0


def _nearby(figure: Figure, kind: NumberKind, name: str, schema: JsonObject, rng: random.Random) -> list[float]:
    """Some numbers near the one seen, none of them that one itself."""
    drawn = [_near(figure, kind, name, schema, rng) for _ in range(_COUNT // 2)]
    reach = _NEAR * abs(figure.value) if kind == "price" else math.inf
    return [value for value in drawn if 0 < abs(value - figure.value) <= reach]


def _near(figure: Figure, kind: NumberKind, name: str, schema: JsonObject, rng: random.Random) -> float:
    value = abs(figure.value) if "threshold" in words(name) else figure.value
    within = limits(schema)
    if within.step:
        return round(value / within.step + rng.choice((-2, -1, 1, 2))) * within.step
    if kind == "price":
        reach = int(value * _NEAR) if _whole(value) else 0
        if reach:
            return value + rng.choice((-1, 1)) * rng.randint(1, reach)
        return _two_digits(value * (1 + rng.choice((-1, 1)) * rng.uniform(*_PRICE_OFF)))
    if _whole(value):
        return value + rng.choice((-1, 1)) * rng.randint(1, max(2, round(abs(value) * _LEVEL)))
    return round(value * rng.uniform(1 - 2 * _LEVEL, 1 + _LEVEL), _decimals(value))


def _two_digits(drawn: float) -> float:
    """A sum with cents: to the half, where that stays near, as a person would rather say it."""
    half = round(drawn * 2) / 2
    return half if drawn and abs(half - drawn) < drawn * _NEAR / 5 else round(drawn, 2)


def _beyond(values: Sequence[float], lower: bool, rng: random.Random) -> float:
    """A round number below all of the values, or above them."""
    if lower:
        low = min(values)
        return _human(low * rng.uniform(0.5, 0.9), math.floor) if low > 0 else low - rng.randint(1, 10)
    high = max(values)
    return _human(high * rng.uniform(1.1, 1.6), math.ceil) if high > 0 else high + rng.randint(1, 10)


def _human(value: float, to: Callable[[float], int]) -> float:
    """A number as people say it: of hundreds tens, of thousands fifties, under ten halves; rounded by ``to``."""
    grain = next((grain for least, grain in ((1000, 50), (100, 10), (20, 5), (10, 1)) if value >= least), 0.5)
    if value < 1:
        grain = 0.01
    return round(to(value / grain) * grain, 2)


def _said(drawn: Iterable[float], schema: JsonObject) -> list[Json]:
    """The numbers in the type and within the limits that the schema asks for, each once."""
    whole = json_type(schema) == "integer"
    within = limits(schema)
    return list(dict.fromkeys(_typed(value, whole) for value in drawn if _fits(value, within, whole)))


def _fits(value: float, within: Limits, whole: bool) -> bool:
    return math.isfinite(value) and within.hold(round(value) if whole else value)


def _typed(value: float, whole: bool) -> Json:
    return round(value) if whole or _whole(value) else value


def _whole(value: float) -> bool:
    return float(value).is_integer()


def _decimals(value: float) -> int:
    return min(2, len(repr(float(value)).partition(".")[2]))
