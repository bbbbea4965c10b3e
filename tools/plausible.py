"""Plausible values for parameters that nobody listed, by their schema and name."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

from faker import Faker

from tools.base import Json, JsonObject
from tools.paths import json_type
from tools.wording import words

_TRIES = 3
_MAKERS: dict[str, Callable[[Faker], str]] = {
    "email": lambda fake: str(fake.email()),
    "phone": lambda fake: str(fake.phone_number()),
    "name": lambda fake: str(fake.name()),
    "city": lambda fake: str(fake.city()),
    "country": lambda fake: str(fake.country()),
    "address": lambda fake: str(fake.street_address()),
    "company": lambda fake: str(fake.company()),
    "title": lambda fake: str(fake.catch_phrase()),
    "date": lambda fake: f"20{fake.random_int(20, 29)}-{fake.random_int(1, 12):02d}-{fake.random_int(1, 28):02d}",
    "message": lambda fake: str(fake.sentence(nb_words=8)),
    "description": lambda fake: str(fake.sentence(nb_words=10)),
    "content": lambda fake: str(fake.sentence(nb_words=8)),
    "keyword": lambda fake: str(fake.word()),
}


# All threads share one maker: no other may draw between its seed and the values that follow from it.
_DRAWING = Lock()


@lru_cache(maxsize=1)
def _faker() -> Faker:
    return Faker("en_US")


def plausible_values(name: str, schema: JsonObject, rng: random.Random) -> list[Json]:
    """A few values that suit a parameter, or none for a text whose name says nothing.

    Nothing is known here of the day that it is, so dates come from the years 2020 to 2029; ``tools.sense`` draws those
    that follow from a day or from another date of the same call.
    """
    kind = json_type(schema)
    if kind == "boolean":
        return [True, False]
    if kind in ("integer", "number"):
        return _numbers(schema, rng, whole=kind == "integer")
    if kind == "string":
        maker = next((_MAKERS[word] for word in reversed(words(name)) if word in _MAKERS), None)
        if maker is not None:
            with _DRAWING:
                fake = _faker()
                fake.seed_instance(rng.getrandbits(32))
                return [maker(fake).replace('"', "'") for _ in range(_TRIES)]
    return []


def _numbers(schema: JsonObject, rng: random.Random, *, whole: bool) -> list[Json]:
    """Numbers within the schema's bounds, of one decimal where the bounds leave room for it; none where they clash."""
    low, high = _bounds(schema, 1 if whole else 0.5)
    if whole:
        low, high = math.ceil(low), math.floor(high)
        return [rng.randint(low, high) for _ in range(_TRIES)] if low <= high else []
    drawn = [rng.uniform(low, high) for _ in range(_TRIES)] if low <= high else []
    return [round(value, 1) if low <= round(value, 1) <= high else value for value in drawn]


def _bounds(schema: JsonObject, step: float) -> tuple[float, float]:
    """The least and the greatest number to draw, ``step`` off a bound that is excluded."""
    low = schema.get("minimum", schema["exclusiveMinimum"] + step if "exclusiveMinimum" in schema else None)
    high = schema.get("maximum", schema["exclusiveMaximum"] - step if "exclusiveMaximum" in schema else None)
    if low is None:
        low = step if high is None or high >= step else high - 100
    return low, low + 100 if high is None else high
