"""Plain values, their canonical text, and seeds that depend on their keys alone."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tools.base import Record, canonical_json, derive_seed, digest, generator, json_safe

quick = settings(max_examples=60, deadline=None)
any_text = st.text(st.characters(exclude_categories=()), max_size=4)
keys = any_text | st.integers() | st.booleans() | st.none() | st.floats() | st.tuples(st.integers())
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | any_text
    | st.binary(max_size=4)
    | st.frozensets(st.integers() | any_text | st.floats(), max_size=4)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=15,
)


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Odd:
    def __str__(self) -> str:
        return "odd \udc80"


@given(value=anything)
@quick
def test_a_safe_value_survives_json_and_msgpack_unchanged(value: Any) -> None:
    safe = json_safe(value)
    assert json.loads(json.dumps(safe, allow_nan=False).encode()) == safe
    assert json.loads(json.dumps(safe, ensure_ascii=False).encode("utf-8")) == safe
    assert ormsgpack.unpackb(ormsgpack.packb(safe)) == safe


@given(value=anything)
@quick
def test_making_a_value_safe_twice_changes_nothing(value: Any) -> None:
    once = json_safe(value)
    assert canonical_json(json_safe(once)) == canonical_json(once)


@given(value=plain)
@quick
def test_a_plain_value_stays_as_it_is(value: Any) -> None:
    assert canonical_json(json_safe(value)) == canonical_json(value)


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        (2**63 - 1, 2**63 - 1),
        (2**63, "9223372036854775808"),
        (-(2**63) - 1, "-9223372036854775809"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("a\ud800b", "a?b"),
        ((1, (2,)), [1, [2]]),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: "x", "\udfff": "y", None: "z"}, {"1": "x", "?": "y", "None": "z"}),
        (Path("a/b"), "a/b"),
        (Odd(), "odd ?"),
        ({Odd(): Odd()}, {"odd ?": "odd ?"}),
        ({Colour.RED: Colour.RED}, {"red": "red"}),
        ([Level.HIGH, True], [3, True]),
    ],
)
def test_values_that_json_cannot_hold(value: Any, safe: Any) -> None:
    assert canonical_json(json_safe(value)) == canonical_json(safe)


@pytest.mark.parametrize("wrapped", [lambda value: value, lambda value: [value], lambda value: {value: 1}])
def test_an_integer_too_long_for_decimal_digits_becomes_a_text(wrapped: Any) -> None:
    text = canonical_json(json_safe(wrapped(16**5000)))
    assert "0x1" + "0" * 5000 in text


def test_a_safe_value_shares_nothing_with_its_original() -> None:
    original = {"list": [{"x": 1}]}
    copied = json_safe(original)
    copied["list"][0]["x"] = 2
    assert original == {"list": [{"x": 1}]}


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        pairs = [(key, shuffled(item, rng)) for key, item in value.items()]
        rng.shuffle(pairs)
        return dict(pairs)
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


@given(value=plain, seed=st.integers(0, 99))
@quick
def test_text_and_digest_do_not_depend_on_the_order_of_keys(value: Any, seed: int) -> None:
    other = shuffled(value, random.Random(seed))
    assert canonical_json(other) == canonical_json(value)
    assert digest(other) == digest(value)


def test_the_canonical_text_is_pinned() -> None:
    value = {"b": [1, 2.5, None], "a": "é"}
    assert canonical_json(value) == '{"a":"é","b":[1,2.5,null]}'
    assert digest(value) == "d764fee2563da33e3d57334755404e635da33c995824b0adfabc4b6e1af4f608"


def test_the_order_of_a_list_tells() -> None:
    assert digest([1, 2]) != digest([2, 1])


def test_seeds_are_pinned() -> None:
    assert derive_seed(0) == 7520536977032167579
    assert derive_seed("run", 7, "sample") == 6195331368378591110
    assert generator("run", 7).randint(0, 10**9) == 867917576


def test_seeds_tell_keys_apart() -> None:
    told = [derive_seed(1), derive_seed("1"), derive_seed(1, 1), derive_seed(11), derive_seed("1", "1"), derive_seed()]
    assert len(set(told)) == len(told)


@given(keys=st.lists(st.integers() | st.text(max_size=5), max_size=4))
@quick
def test_a_seed_has_63_bits(keys: list[str | int]) -> None:
    assert 0 <= derive_seed(*keys) < 2**63


def test_seeds_and_sets_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "from tools.base import derive_seed, digest, json_safe;"
        "print(derive_seed('a', 1), digest(json_safe({'s': {'x', 'y', 'z', 'w'}})))"
    )
    root = Path(__file__).parents[2]
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert told == {f"{derive_seed('a', 1)} {digest({'s': ['w', 'x', 'y', 'z']})}\n"}


def test_generators_of_the_same_keys_are_equal_and_independent() -> None:
    first, second = generator("x", 1), generator("x", 1)
    assert [first.random() for _ in range(5)] == [second.random() for _ in range(5)]
    assert generator("x", 2).random() != generator("x", 1).random()


class Pair(Record):
    left: int
    right: tuple[int, ...] = ()


def test_a_record_is_frozen_strict_about_fields_and_plain_outside() -> None:
    pair = Pair(left=1, right=(2, 3))
    assert pair.plain() == {"left": 1, "right": [2, 3]}
    assert Pair.model_validate(pair.plain()) == pair
    with pytest.raises(ValidationError, match="frozen"):
        pair.left = 2
    with pytest.raises(ValidationError, match="middle"):
        Pair.model_validate({"left": 1, "middle": 2})
