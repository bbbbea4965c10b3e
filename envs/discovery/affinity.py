"""Whether a place in an output and a parameter speak of the same thing, by their names and descriptions."""

from __future__ import annotations

from functools import lru_cache

from envs.discovery.leaves import Leaf
from tools.spec import ToolSpec
from tools.wording import words

_SYSTEM = frozenset(
    {"id", "identifier", "code", "number", "token", "key", "symbol", "ref", "reference", "uuid", "hash"}
)
_OPAQUE = frozenset({"id", "identifier", "token", "uuid", "hash", "key", "ref", "reference"})
_EMPTY = frozenset(
    {"status", "message", "result", "success", "value", "type", "the", "of", "a", "an", "to", "for", "from", "in", "is"}
    | {"new", "all", "list", "get", "show", "find", "search", "create", "add", "by", "be", "and", "or", "with", "that"}
)
_PARTS = {"zipcode": ("zip", "code"), "username": ("user", "name"), "userid": ("user", "id")}


def affine(leaf: Leaf, producer: ToolSpec, consumer: ToolSpec, parameter: str) -> bool:
    """Whether the names suggest that the leaf's value is one for the parameter.

    A plain ``id`` is the id of what its list or its tool is about.
    """
    return _affine(leaf.name, _owner(leaf), producer.name, parameter, _description(consumer, parameter))


def opaque_name(name: str) -> bool:
    """Whether a name says that a system made the value, and that nobody could guess it."""
    return bool(_OPAQUE.intersection(named(name)[-1:]))


def system_name(name: str) -> bool:
    """Whether a name says that a system made the value, be it one that people read out, such as a number or a code."""
    return bool(_SYSTEM.intersection(named(name)[-1:]))


@lru_cache(maxsize=65536)
def named(text: str) -> tuple[str, ...]:
    """The words of a name, compound words taken apart."""
    return tuple(part for word in words(text) for part in _PARTS.get(word, (word,)))


def conflicting(leaf: Leaf, consumer: ToolSpec, parameter: str) -> bool:
    """Whether both are identifiers of things that are named, and of different ones."""
    field, wanted = named(leaf.name), named(parameter)
    if not field or field[-1] not in _SYSTEM or wanted[-1:] != field[-1:]:
        return False
    things = set(field[:-1]) - _SYSTEM
    meant = _meant(parameter, _description(consumer, parameter))
    return bool(things) and len(wanted) > 1 and not things & meant


@lru_cache(maxsize=262144)
def _affine(field_name: str, owner: str, producer: str, parameter: str, description: str) -> bool:
    field, wanted = named(field_name), named(parameter)
    meant = _meant(parameter, description)
    if field == wanted and field:
        return True
    things = {word for word in field if word not in _SYSTEM and word not in _EMPTY}
    if not things:
        things = (set(named(owner)) | set(named(producer))) - _SYSTEM - _EMPTY
        wanted_system = bool(_SYSTEM & meant) or not field
        counted = field in (("number",), ("code",)) and field == wanted[-1:]
        return counted or (wanted_system and bool(things & (set(wanted) | meant)))
    return bool(things & set(wanted)) or (bool(things & meant) and bool(_SYSTEM & meant))


def _owner(leaf: Leaf) -> str:
    keys = [key for key in leaf.general.split(".") if key not in ("*", "@key")]
    return keys[-2] if len(keys) > 1 else ""


def _description(consumer: ToolSpec, parameter: str) -> str:
    return str(consumer.properties[parameter].get("description", ""))


@lru_cache(maxsize=65536)
def _meant(parameter: str, description: str) -> frozenset[str]:
    return frozenset((*named(parameter), *named(description))) - _EMPTY
