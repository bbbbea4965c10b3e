"""Plain JSON values alone go into a checkpoint, and come out of it as they were."""

from __future__ import annotations

import enum
from collections import UserDict
from datetime import date
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.checkpointing.plain import PlainSerializer, pack, pack_write, unpack

scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
plain = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


class Name(str):
    """Looks like a text, and comes back as another type."""


class Number(enum.IntEnum):
    ONE = 1


class Record(dict[str, Any]):
    pass


FOREIGN = [
    Name("a"),
    Number.ONE,
    Record(a=1),
    UserDict(a=1),
    (1, 2),
    {1, 2},
    b"bytes",
    bytearray(b"bytes"),
    memoryview(b"bytes"),
    1j,
    date(2024, 5, 1),
    Path("x"),
    object(),
    ormsgpack.Ext(5, b"x"),
]


def with_type(value: Any) -> Any:
    """A value in which 1, 1.0 and True are told from each other."""
    if isinstance(value, dict):
        return {key: with_type(item) for key, item in value.items()}
    return [with_type(item) for item in value] if isinstance(value, list) else (type(value), value)


@settings(max_examples=80)
@given(value=plain)
def test_a_plain_value_comes_back_as_it_was(value: Any) -> None:
    assert with_type(unpack(pack(value))) == with_type(value)
    assert with_type(PlainSerializer().loads_typed(PlainSerializer().dumps_typed(value))) == with_type(value)


@settings(max_examples=60)
@given(before=plain, foreign=st.sampled_from(FOREIGN))
def test_anything_else_is_refused_and_named_wherever_it_is(before: Any, foreign: Any) -> None:
    value = {"fine": before, "turns": [before, {"calls": [before, {"made": foreign}]}]}
    with pytest.raises(TypeError, match=rf"turns\.1\.calls\.1\.made is a .*{type(foreign).__name__}: nodes return"):
        pack(value)


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: type(foreign).__name__)
def test_a_value_that_is_nothing_but_foreign_is_refused(foreign: Any) -> None:
    with pytest.raises(TypeError, match="the whole is a"):
        pack(foreign)


@pytest.mark.parametrize("key", [1, None, True, Name("a"), b"a", (1,)], ids=repr)
def test_a_key_that_is_no_text_is_refused(key: Any) -> None:
    with pytest.raises(TypeError, match=r"a key of seen\.0 is a "):
        pack({"seen": [{key: 1}]})


@pytest.mark.parametrize("number", [2**64, -(2**63) - 1])
def test_a_number_that_no_checkpoint_holds_is_refused(number: int) -> None:
    with pytest.raises(TypeError, match="cannot hold this: Integer exceeds 64-bit range"):
        pack({"count": number})


def test_what_a_node_raised_is_noted_in_words() -> None:
    assert unpack(pack_write(KeyError("stock"))) == "KeyError('stock')"


@pytest.mark.parametrize("inner", [b"", pack(["os", "system", "true"])], ids=["empty", "a constructor"])
@pytest.mark.parametrize("code", range(8))
def test_no_extension_comes_out(code: int, inner: bytes) -> None:
    data = ormsgpack.packb({"fine": [ormsgpack.Ext(code, inner)]})
    with pytest.raises(ValueError, match=r"never writes \(ext_hook missing"):
        unpack(data)
    with pytest.raises(ValueError, match="never writes"):
        PlainSerializer().loads_typed(("msgpack", data))


@pytest.mark.parametrize("value", [b"x", {"a": [b"x"]}, {1: 2}, {None: 1}, {b"a": 1}], ids=repr)
def test_no_bytes_and_no_keys_of_other_kinds_come_out(value: Any) -> None:
    with pytest.raises(ValueError, match="never writes"):
        unpack(ormsgpack.packb(value, option=ormsgpack.OPT_NON_STR_KEYS))


@pytest.mark.parametrize("kind", ["json", "pickle", "bytes", "null", ""])
def test_no_other_kind_of_data_is_read(kind: str) -> None:
    with pytest.raises(ValueError, match="never writes"):
        PlainSerializer().loads_typed((kind, b""))
