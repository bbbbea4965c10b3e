"""Reads what models write around and inside of JSON. Nothing is evaluated; nothing but NoObjectError is raised."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Never

from tools.base import JsonObject, json_safe

_THOUGHT = re.compile(r"<(think|thinking)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_OPEN = re.compile(r"^\s*<think(?:ing)?>", re.IGNORECASE)
_CLOSE = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
# A text with more braces than this that begin nothing is no JSON; trying them all would take quadratic time.
_MOST_TRIES = 200
# Tokens of chat templates that some servers print. Behind the first group a model goes on with a turn that is not its
# own; the others only announce what follows.
_END_OF_TURN = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|eom_id|end|return)\|>|<end_of_turn>|<\uff5cend\u2581of\u2581sentence\uff5c>"
)
_LAST_TOKENS = re.compile(rf"(?:(?:{_END_OF_TURN.pattern})\s*)+\Z")
_ANNOUNCED = re.compile(r"<\|python_tag\|>|\[TOOL_CALLS\]")
# The same again and again, near the end: where a model goes round in circles it stays there.
_CIRCLE = re.compile(r"(.{2,160}?)\1{7,}", re.DOTALL)
_SHORTEST_CIRCLE = 120
_LOOKED_AT = 3000
_QUOTED = 30


class NoObjectError(ValueError):
    """A text holds no JSON object; the text says what it holds instead, in words for a model."""


def split_thought(text: str) -> tuple[str, str]:
    """The thoughts of a text, and the rest of it.

    A block that is never closed is all thought (the answer was cut off); one that was never opened began before the
    text (chat templates that open it themselves). What a model wrote beyond the end of its turn is left out; where the
    text is JSON, in which a token may stand inside of a value, only tokens at its very end are.
    """
    text = _ANNOUNCED.sub("", text)
    ends = _LAST_TOKENS if text.lstrip().startswith("{") else _END_OF_TURN
    text = ends.split(text, maxsplit=1)[0]
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


def repeats_itself(text: str) -> bool:
    """Whether a text says the same again and again, as models do that are caught in a circle. Signs and numbers may: a
    table has rules, and a list may have many zeros."""
    found = (circle.group() for circle in _CIRCLE.finditer(text[-_LOOKED_AT:]))
    return any(len(circle) >= _SHORTEST_CIRCLE and any(map(str.isalpha, circle)) for circle in found)


def first_object(text: str) -> JsonObject:
    """The first JSON object in a text. Raises NoObjectError where there is none."""
    for _, _, found in json_objects(text):
        return found
    if not text.strip():
        raise NoObjectError("the answer is empty")
    raise NoObjectError(_malformed(text) if "{" in text else "the answer holds no JSON object")


def _malformed(text: str) -> str:
    """What is wrong with the first thing that looks like an object, and where."""
    begin = text.index("{")
    try:
        _DECODER.raw_decode(text, begin)
    except RecursionError:
        return "the JSON of the answer is nested too deeply"
    except json.JSONDecodeError as error:
        if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
            return "the answer ends before its JSON object is complete"
        return f"the answer is no valid JSON: {error.msg} before {text[error.pos : error.pos + _QUOTED]!r}"
    except ValueError as error:
        return f"the answer is no valid JSON: {error}"
    return "the answer holds no JSON object"


def _refused(constant: str) -> Never:
    raise ValueError(f"{constant} is no JSON")


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refused(number)


_DECODER = json.JSONDecoder(strict=False, parse_constant=_refused, parse_float=_finite)
