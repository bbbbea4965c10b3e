"""Plausible values for parameters that nobody listed, by their schema and name."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from faker import Faker

from tools.base import Json, JsonObject
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


@lru_cache(maxsize=1)
def _faker() -> Faker:
    return Faker("en_US")


def plausible_values(name: str, schema: JsonObject, rng: random.Random) -> list[Json]:
    """A few values that suit a parameter, or none for a text whose name says nothing.

    Dates come from the years 2020 to 2029, whatever day it is.
    """
    kind = schema.get("type")
    if kind == "boolean":
        return [True, False]
    if kind in ("integer", "number"):
        return _numbers(schema, rng, whole=kind == "integer")
    if kind == "string":
        maker = next((_MAKERS[word] for word in reversed(words(name)) if word in _MAKERS), None)
        if maker is not None:
            fake = _faker()
            fake.seed_instance(rng.getrandbits(32))
            return [maker(fake).replace('"', "'") for _ in range(_TRIES)]
    return []


def _numbers(schema: JsonObject, rng: random.Random, *, whole: bool) -> list[Json]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + (1 if whole else 0.5))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 100))
    if whole:
        return [rng.randint(int(low), int(high)) for _ in range(_TRIES)]
    return [round(rng.uniform(low, high), 1) for _ in range(_TRIES)]
