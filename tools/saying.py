"""Whether and where a text says a value, however it is written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tools.base import Json, is_number
from tools.written_dates import DATE_PATTERN, TIME_PATTERN, date_value, time_value
from tools.written_numbers import BEGINS, ENDS, numbers_in

Span = tuple[int, int]


class _Moment(NamedTuple):
    """A date or a time of day in all its readings, and where it stands."""

    readings: tuple[str, ...]
    start: int
    end: int


_SHORT_WORD = 2
_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"
# Marks that are typed in more than one way, each one character long, so that places stay where they are.
_MARKS = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2013", "''\"\"---")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_IN_ONE_WORD = re.compile(r"(?<=\d)[tz](?=\d|\b)")
_DATES = re.compile(DATE_PATTERN)
_TIMES = re.compile(TIME_PATTERN)
_WHOLE_DATE = 10


def normalised(value: Json) -> str:
    """A scalar as it is compared with text: numbers without a trailing zero, words in lower case and single spaces."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return _plain(str(value))


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(_MARKS).split())


def said_in(value: Json, text: str, beside: str = "") -> bool:
    """Whether a text says a value, as words of its own; "1,200.00" says 1200, "twelve" 12, "May 3, 2026"
    2026-05-03, "2:30 pm" 14:30, "5 %" both 5 and 0.05. A list or an object is said by all that it holds.

    ``beside`` is what else is known: a date without a year is said where the year stands in the text or there.
    """
    return all(next(_places(leaf, text, beside), None) is not None for leaf in _scalars(value))


def where_said(value: Json, text: str, beside: str = "") -> Span | None:
    """The first stretch of a text that says a value, as character offsets; None where it does not say it.

    That of a list or an object goes from the first of its scalars to the last. An empty text, list or object, and null,
    are said nowhere.
    """
    spans = [_original(found, text) for found in _first_places(value, text, beside)]
    if not spans or None in spans:
        return None
    return min(span[0] for span in spans if span), max(span[1] for span in spans if span)


def numbers_said(text: str) -> tuple[int | float, ...]:
    """The numbers that a text says, each once."""
    return tuple(dict.fromkeys(found.value for found in numbers_in(_plain(text))))


def dates_said(text: str) -> tuple[str, ...]:
    """The whole dates that a text says, in ISO's way and in all their readings, each once."""
    readings = (day for found in _dates_in(_plain(text)) for day in found.readings)
    return tuple(dict.fromkeys(day for day in readings if len(day) == _WHOLE_DATE))


def _first_places(value: Json, text: str, beside: str) -> Iterator[Span | None]:
    for leaf in _scalars(value):
        if leaf not in (None, ""):
            yield next(_places(leaf, text, beside), None)


def _scalars(value: Json) -> Iterator[Json]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _scalars(item)
    else:
        yield value


def _places(value: Json, text: str, beside: str) -> Iterator[Span]:
    """Where the plain form of a text says a scalar; anything says an empty one."""
    needle, plain = normalised(value), _plain(text)
    if not needle:
        yield 0, 0
    elif is_number(value):
        yield from ((item.start, item.end) for item in numbers_in(plain) if _counts(item.value, item.percent, value))
    elif len(needle) <= _SHORT_WORD and needle.isalpha():
        yield from _short_word(str(value), text)
    else:
        yield from (match.span() for match in _word(needle).finditer(plain))
        yield from _moments(needle, plain, f"{plain} {beside}")


def _counts(said: float, percent: bool, value: float) -> bool:
    """Whether a number that was said is this one; so many per cent are a fraction, too."""
    return said == value or (percent and 0 < value < 1 and math.isclose(said / 100, value, rel_tol=1e-9))


@lru_cache(maxsize=8192)
def _word(needle: str) -> re.Pattern[str]:
    begins = BEGINS if needle[0].isalnum() else ""
    ends = ENDS if needle[-1].isalnum() else ""
    return re.compile(f"{begins}{re.escape(needle)}{ends}")


def _short_word(value: str, text: str) -> Iterator[Span]:
    """Where a text says one or two letters on purpose: in quotation marks, or in the same capitals."""
    quoted = re.search(f"[{_QUOTES}]{re.escape(value)}[{_QUOTES}]", text, re.IGNORECASE)
    capital = re.search(f"{BEGINS}{re.escape(value)}{ENDS}", text) if value.isupper() else None
    for match in (quoted, capital):
        if match:
            before = _plain(text[: match.start()] + "|")
            yield len(before) - 1, len(before) - 1 + len(_plain(match.group()))


def _moments(needle: str, plain: str, beside: str) -> Iterator[Span]:
    """Where a text says the date, the time or both that ``needle`` is, however they are written."""
    date, time = _moment(needle)
    days = [found for found in _dates_in(plain) if date is not None and _same_day(found, date, beside)]
    hours = [found for found in _times_in(plain) if time is not None and set(found.readings) & {*time.readings}]
    if (days or date is None) and (hours or time is None) and (date or time):
        found = [*days[:1], *hours[:1]]
        yield min(item.start for item in found), max(item.end for item in found)


def _same_day(said: _Moment, date: _Moment, beside: str) -> bool:
    """Whether a date that was said is this one; its year may be known from elsewhere."""
    years = _YEAR.findall(beside)
    return any(day in said.readings or (day[:4] in years and day[5:] in said.readings) for day in date.readings)


@lru_cache(maxsize=8192)
def _moment(needle: str) -> tuple[_Moment | None, _Moment | None]:
    """The whole date, and the time of day, that a value is and is nothing else."""
    if not needle[:1].isalnum() or ("-" not in needle and not any(mark in needle for mark in ":/. ")):
        return None, None
    date = next((found for found in _dates_in(needle) if len(found.readings[0]) == _WHOLE_DATE), None)
    time = next(iter(_times_in(needle)), None)
    ends = [found.end for found in (date, time) if found]
    gap = 0 if date is None or time is None else time.start - date.end
    whole = bool(ends) and min(found.start for found in (date, time) if found) == 0 and max(ends) == len(needle)
    return (date, time) if whole and 0 <= gap <= 1 else (None, None)


@lru_cache(maxsize=2048)
def _dates_in(plain: str) -> tuple[_Moment, ...]:
    return tuple(
        _Moment((value,) if isinstance(value, str) else tuple(value), match.start(), match.start() + len(day))
        for match in _DATES.finditer(_IN_ONE_WORD.sub(lambda mark: mark.group().upper(), plain))
        if (value := date_value(day := match.group().partition("T")[0])) is not None
    )


@lru_cache(maxsize=2048)
def _times_in(plain: str) -> tuple[_Moment, ...]:
    # What stands between the date and the time of one word is as good as a space.
    found = _TIMES.finditer(_IN_ONE_WORD.sub(" ", plain))
    values = ((time_value(match.group()), match) for match in found)
    return tuple(
        _Moment((value,) if isinstance(value, str) else tuple(value), match.start(), match.end())
        for value, match in values
    )


def _original(span: Span | None, text: str) -> Span | None:
    """A place in the plain form of a text as a place in the text itself."""
    if span is None:
        return None
    offsets = _offsets(text)
    return offsets[span[0]], offsets[span[1] - 1] + 1


@lru_cache(maxsize=256)
def _offsets(text: str) -> tuple[int, ...]:
    """For each character of the plain form where it stands in the text."""
    found: list[int] = []
    space: int | None = None
    for index, char in enumerate(text):
        if char.isspace():
            space = index if found and space is None else space
            continue
        if space is not None:
            found.append(space)
            space = None
        found += [index] * len(char.casefold())
    return tuple(found)
