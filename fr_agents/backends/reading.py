"""Reads what models write around and inside of JSON. Nothing is evaluated; nothing but NoObjectError is raised."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tools.base import Json, JsonObject, json_safe

_THOUGHT = re.compile(r"<(think|thinking)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_OPEN = re.compile(r"^\s*<think(?:ing)?>", re.IGNORECASE)
_CLOSE = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
# A text with more braces than this that begin nothing is no JSON; trying them all would take quadratic time.
_MOST_TRIES = 200


class NoObjectError(ValueError):
    """A text holds no JSON object; the text says what it holds instead, in words for a model."""


def split_thought(text: str) -> tuple[str, str]:
    """The thoughts of a text, and the rest of it.

    A block that is never closed is all thought (the answer was cut off); one that was never opened began before the
    text (chat templates that open it themselves).
    """
    thoughts = [found.group(2).strip() for found in _THOUGHT.finditer(text)]
    rest = _THOUGHT.sub("", text)
    if closing := _CLOSE.search(rest):
        thoughts.insert(0, rest[: closing.start()].strip())
        rest = rest[closing.end() :]
    elif _OPEN.match(rest):
        thoughts.append(_OPEN.sub("", rest).strip())
        rest = ""
    return "\n\n".join(thought for thought in thoughts if thought), rest.strip()


def json_objects(text: str) -> Iterator[tuple[int, int, JsonObject]]:
    """The outermost JSON objects in a text, each with where it begins and ends, whatever stands around them."""
    position, tries = 0, 0
    while tries < _MOST_TRIES and (position := text.find("{", position)) >= 0:
        try:
            value, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            position, tries = position + 1, tries + 1
            continue
        yield position, end, json_safe(value)
        position = end


def first_object(text: str) -> JsonObject:
    """The first JSON object in a text. Raises NoObjectError where there is none."""
    for _, _, found in json_objects(text):
        return found
    if not text.strip():
        raise NoObjectError("the answer is empty")
    raise NoObjectError("the answer was cut off" if "{" in text else "the answer holds no JSON object")


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(strict=False, parse_constant=_refused)
