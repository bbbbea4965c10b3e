"""Texts that are put together from known values, such as ``#{0}`` or ``{0}: {1}``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tools.known import Known
from tools.origin import ArgumentOrigin

_WORD = re.compile(r"\w(?:[\w'\u2019.@-]*\w)?")
_FIELD = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_SHORTEST_VALUE = 2
_LONGEST_RUN = 8
_LONGEST_TEXT = 400


class _Part(NamedTuple):
    start: int
    end: int
    origin: ArgumentOrigin


def composed(text: str, known: Known) -> ArgumentOrigin | None:
    """The origin of a text all of whose words are known values, joined by nothing but punctuation; else None."""
    if len(text) > _LONGEST_TEXT:
        return None
    parts: list[_Part] = []
    position = 0
    while match := _WORD.search(text, position):
        part = _longest(text, match.start(), known)
        if part is None:
            return None
        parts.append(part)
        position = part.end
    if not parts:
        return None
    return ArgumentOrigin(kind="composed", parts=tuple(part.origin for part in parts), template=_template(text, parts))


def pieces(template: str, text: str) -> tuple[tuple[str, ...], ...]:
    """The ways to take a text apart into the parts of a template; none where the text is not made after it, or a part
    is named out of turn."""
    numbers = [int(number) for number in _FIELD.findall(template) if number]
    if numbers != list(range(len(numbers))):
        return ()
    found = (re.fullmatch(_pattern(template, part), text, re.DOTALL) for part in ("(.+?)", "(.+)"))
    return tuple(dict.fromkeys(match.groups() for match in found if match))


def _pattern(template: str, part: str) -> str:
    found, position = "", 0
    for field in _FIELD.finditer(template):
        found += re.escape(template[position : field.start()])
        found += re.escape(field.group()[0]) if field.group(1) is None else part
        position = field.end()
    return found + re.escape(template[position:])


def punctuation_only(template: str) -> bool:
    """Whether a template adds no word to its parts."""
    return _WORD.search(_FIELD.sub(" ", template)) is None


def _longest(text: str, start: int, known: Known) -> _Part | None:
    """The longest known value that begins at a place of a text."""
    for end in _ends(text, start):
        piece = text[start:end]
        origin = known.find(piece) if len(piece) >= _SHORTEST_VALUE or piece.isdigit() else None
        if origin is not None:
            return _Part(start, end, origin)
    return None


def _ends(text: str, start: int) -> Iterator[int]:
    """Where a value may end that begins at a place: after so many words, the most first; in the last place inside of
    what is joined by marks, as in ``reports/may.txt``."""
    ends: list[int] = []
    position = start
    while len(ends) < _LONGEST_RUN and (match := _WORD.search(text, position)):
        ends.append(match.end())
        position = match.end()
    yield from reversed(ends)
    yield from (start + mark.start() for mark in reversed(list(re.finditer(r"[^\w]", text[start : ends[0]]))))


def _template(text: str, parts: Sequence[_Part]) -> str:
    """The text with its parts replaced by their numbers, braces of its own doubled."""
    found, position = "", 0
    for number, part in enumerate(parts):
        found += _doubled(text[position : part.start]) + f"{{{number}}}"
        position = part.end
    return found + _doubled(text[position:])


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
