"""A BFCL object's attributes: copied, and rendered as JSON for the public and the replay hash."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from tools.base import Json, JsonObject, digest, json_safe

Attributes = dict[str, Any]

_NOT_STATE = frozenset({"_api_description", "long_context"})


def copied(attributes: Attributes) -> Attributes:
    """An independent copy, in one go so that parents, children and shared objects stay what they are to each other.

    Generators are copied by their state, which is ten times faster than copying them as objects.
    """
    memo: dict[int, Any] = {}
    for value in attributes.values():
        if isinstance(value, random.Random):
            memo[id(value)] = twin = random.Random(0)  # noqa: S311 - the generator of a simulation
            twin.setstate(value.getstate())
    return copy.deepcopy(attributes, memo)


def public_state(attributes: Attributes) -> JsonObject:
    """What BFCL's own checker compares: attributes without a leading underscore; and the working directory."""
    if "_current_dir" in attributes:
        directory = attributes["_current_dir"]
        return {"root": _tree(attributes["root"]), "working_directory": working_directory(directory)}
    return {key: _plain(value) for key, value in attributes.items() if key[0] != "_" and key not in _NOT_STATE}


def whole_state(attributes: Attributes) -> JsonObject:
    """All state. ``order`` tells apart states that differ only in the order of their keys, which listings show.

    Times of modification are left out: no tool reads them, and they are the machine's clock.
    """
    hidden = {key: _hidden(value) for key, value in attributes.items() if key[0] == "_" and key not in _NOT_STATE}
    state: JsonObject = {"public": public_state(attributes), "hidden": hidden}
    return {**state, "order": digest(json.dumps(state))}


def working_directory(directory: Any) -> str:
    """The path of a directory, as ``pwd`` builds it."""
    names: list[str] = []
    while directory is not None:
        names.append(directory.name)
        directory = directory.parent
    return "/" + "/".join(reversed(names))


def is_directory(item: Any) -> bool:
    return hasattr(item, "contents")


def observable_values(public: JsonObject) -> frozenset[str]:
    """Keys and scalars of a public state as texts; counters apart, which only tell what the next id will be."""
    kept = {key: value for key, value in public.items() if not key.endswith(("_counter", "_count"))}
    return frozenset(_texts(kept))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)


def _hidden(value: Any) -> Json:
    if isinstance(value, random.Random):
        return _generator_digest(value.getstate())
    return _tree(value) if is_directory(value) else _plain(value)


@lru_cache(maxsize=256)
def _generator_digest(state: tuple[Any, ...]) -> str:
    """The digest of a generator's state, which is 625 integers, and seldom another than before."""
    return digest(state)


def _plain(value: Any) -> Json:
    if isinstance(value, dict):
        return {_key(key, value): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return json_safe(value)


def _key(key: Any, mapping: Mapping[Any, Any]) -> str:
    """A key as text; a number stays apart from the same digits as text, which shipped comments mix."""
    if isinstance(key, str):
        return str(json_safe(key))
    return f"number {key}" if str(key) in mapping else str(key)


def _tree(directory: Any, above: tuple[int, ...] = ()) -> JsonObject:
    """A directory as JSON. Copying a directory into itself makes it contain itself, so a repetition is only named."""
    if id(directory) in above:
        return {"type": "directory", "same_as_levels_up": len(above) - above.index(id(directory))}
    path = (*above, id(directory))
    contents = {
        str(json_safe(name)): _tree(item, path)
        if is_directory(item)
        else {"type": "file", "content": json_safe(item.content)}
        for name, item in directory.contents.items()
    }
    return {"type": "directory", "contents": contents}
