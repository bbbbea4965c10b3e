"""Plain JSON values as bytes and back. Nothing else gets in, and nothing else comes out.

LangGraph's default revives objects of named classes when a checkpoint is read, so that a crafted file runs code; and
what it does not revive comes back as something else than it was, so that a resumed job goes another way.
"""

from __future__ import annotations

from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

# So that the encoder refuses all that is not exactly a string, number, boolean, null, list or dictionary by itself.
_EXACT = (
    ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_TUPLE
    | ormsgpack.OPT_PASSTHROUGH_UUID
    | ormsgpack.OPT_REPLACE_SURROGATES
)
# Except bytes and extensions, which begin with one of these. So may a part of a text or of a number: then all values
# are looked at, which costs ten times as much.
_SUSPICIOUS = bytes([*range(0xC4, 0xCA), *range(0xD4, 0xD9)])
_SCALARS = frozenset({str, int, float, bool, type(None)})


class PlainSerializer(JsonPlusSerializer):
    """``pack`` and ``unpack`` for a saver that asks for a serializer of LangGraph's."""

    def __init__(self) -> None:
        super().__init__(pickle_fallback=False, allowed_msgpack_modules=None)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Raises TypeError for anything but plain JSON values, and names where it is."""
        return "msgpack", pack_write(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Raises ValueError for anything that ``dumps_typed`` does not give."""
        if data[0] != "msgpack":
            raise ValueError(f"a checkpoint holds data of the kind {data[0]!r}, which fr-agents never writes")
        return unpack(data[1])


def pack(value: Any) -> bytes:
    """A plain JSON value as bytes. Raises TypeError for anything else, and names where in the value it is."""
    try:
        data = ormsgpack.packb(value, option=_EXACT)
    except TypeError as error:
        _refuse_objects(value)
        raise TypeError(f"a checkpoint cannot hold this: {error}") from error
    if len(data.translate(None, _SUSPICIOUS)) != len(data):
        _refuse_objects(value)
    return data


def pack_write(value: Any) -> bytes:
    """``pack`` for what a node wrote, or raised: LangGraph notes that too, and nothing reads it back but a person."""
    return pack(repr(value) if isinstance(value, BaseException) else value)


def unpack(data: bytes) -> Any:
    """The value that ``pack`` was given. Raises ValueError for bytes that it never gives; no code of theirs runs."""
    try:
        value = ormsgpack.unpackb(data)  # Without a hook, it refuses all extensions.
        if pack(value) == data:
            return value
    except (ValueError, TypeError) as error:
        raise ValueError(f"a checkpoint holds data that fr-agents never writes ({error})") from error
    raise ValueError("a checkpoint holds data that fr-agents never writes")


class _NotPlainError(Exception):
    """What is not plain, and the way to it, which is put together only where there is something to tell."""

    def __init__(self, found: object, *, is_key: bool = False) -> None:
        super().__init__()
        self.kind = f"{type(found).__module__}.{type(found).__qualname__}"
        self.is_key = is_key
        self.way: list[str] = []


def _refuse_objects(value: Any) -> None:
    try:
        if type(value) not in _SCALARS:
            _look_into(value)
    except _NotPlainError as found:
        where = ".".join(found.way) or "the whole"
        where = f"a key of {where}" if found.is_key else where
        raise TypeError(
            f"a checkpoint holds plain JSON values alone, and {where} is a {found.kind}: nodes return plain data"
        ) from None


def _look_into(value: Any) -> None:
    kind, place = type(value), None
    if kind is not dict and kind is not list:
        raise _NotPlainError(value)
    if kind is dict:
        _look_at_keys(value)
    try:
        for place, item in value.items() if kind is dict else enumerate(value):  # noqa: B007 - told below
            if type(item) not in _SCALARS:
                _look_into(item)
    except _NotPlainError as found:
        found.way.insert(0, str(place))
        raise


def _look_at_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if type(key) is not str:
            raise _NotPlainError(key, is_key=True)
