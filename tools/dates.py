"""Dates that make sense on a day: trips and deadlines after it, births long before it, ends after their starts."""

from __future__ import annotations

import datetime
import random
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tools.base import Json, JsonObject
from tools.paths import json_type, leaf_values
from tools.wording import words

_DATES = frozenset({"date", "day", "deadline", "birthday", "dob", "due"})
_BIRTH = frozenset({"birth", "birthday", "dob", "born"})
_PAST = frozenset({"history", "past", "modified", "previous", "created", "issued", "since"})
_EXPIRY = frozenset({"expiration", "expiry", "expire", "expires", "valid"})
_COUNT = 4


class Form(NamedTuple):
    """A way to write a date: how descriptions show it, what it looks like, and how it is printed."""

    shown: str
    pattern: re.Pattern[str]
    printed: str


class Frame(NamedTuple):
    """What a date must stand in: the day that it is, and the start or the end of its pair where that is chosen."""

    today: str | None = None
    start: Json = None
    end: Json = None


_ISO = Form("YYYY-MM-DD", re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d")
_FORMS = (
    Form("YYYY-MM-DDTHH:MM:SS", re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), "%Y-%m-%dT%H:%M:%S"),
    Form("YYYY-MM-DD HH:MM:SS", re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"), "%Y-%m-%d %H:%M:%S"),
    Form("YYYY-MM-DD HH:MM", re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}"), "%Y-%m-%d %H:%M"),
    _ISO,
    Form("YYYY/MM/DD", re.compile(r"\d{4}/\d{2}/\d{2}"), "%Y/%m/%d"),
    Form("MM/DD/YYYY", re.compile(r"\d{2}/\d{2}/\d{4}"), "%m/%d/%Y"),
    Form("DD/MM/YYYY", re.compile(r"\d{2}/\d{2}/\d{4}"), "%d/%m/%Y"),
    Form("DD.MM.YYYY", re.compile(r"\d{2}\.\d{2}\.\d{4}"), "%d.%m.%Y"),
    Form("MM/YYYY", re.compile(r"\d{2}/\d{4}"), "%m/%Y"),
)


def date_form(name: str, schema: JsonObject, known: Sequence[Json] = ()) -> Form | None:
    """How a parameter's date is written, or None where it is no date: as its description or known values show it, by
    its ``format``, else in ISO's way where its name says that it is one."""
    if json_type(schema) != "string" or "enum" in schema:
        return None
    text = str(schema.get("description", "")).upper()
    told = next((form for form in _FORMS if form.shown in text), None)
    texts = [value for value in known if isinstance(value, str)]
    seen = next((form for form in _FORMS if texts and all(form.pattern.fullmatch(item) for item in texts)), None)
    if texts and seen is None:
        return None
    if told is not None and (seen is None or seen.pattern == told.pattern):
        return told
    if seen is not None:
        return seen
    if schema.get("format") == "date-time":
        return _FORMS[0]
    return _ISO if schema.get("format") == "date" or _DATES.intersection(words(name)) else None


def read(value: Json, form: Form) -> datetime.date | None:
    """The day of a date as text, or None for any other value."""
    return _day_of(value, form) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _day_of(value: str, form: Form) -> datetime.date | None:
    if not form.pattern.fullmatch(value):
        return None
    try:
        return datetime.datetime.strptime(value, form.printed).date()  # noqa: DTZ007 - only its day is read
    except ValueError:
        return None


def newest_date(contents: Iterable[Json]) -> str | None:
    """The latest day that stands in results as a date of its own."""
    texts = (value for content in contents for _, value in leaf_values(content) if isinstance(value, str))
    days = [text[:10] for text in texts if any(read(text, form) for form in _FORMS[:4])]
    return max(days, default=None)


def sensible(known: Sequence[Json], purpose: str, form: Form, frame: Frame) -> list[Json]:
    """Those of the known dates that are on the right side of today, after the start of their pair and before its end.

    The words of its ``purpose``, tool and parameter, tell which side is right: births and histories lie before today.
    Where none is on the right side of today all stand: a world knows its dates best. None may be left by the pair.
    """
    today = _day(frame.today)
    dated = [(item, read(item, form)) for item in known]
    right = [pair for pair in dated if pair[1] is None or today is None or _in_time(pair[1], today, purpose)] or dated
    first, last = read(frame.start, form), read(frame.end, form)
    return [
        item
        for item, date in right
        if date is None or ((first is None or date > first) and (last is None or date < last))
    ]


def made_up(purpose: str, form: Form, frame: Frame, rng: random.Random) -> list[Json]:
    """A few dates for a parameter: within two weeks after the start or before the end of its pair, else 3 to 120 days
    after today, long before it for a birth, before it for what is past. Without a today and a pair there are none."""
    first, last, today = read(frame.start, form), read(frame.end, form), _day(frame.today)
    base = first or last or today
    if base is None:
        return []
    ahead = [_near(first, rng) if base is not today else _distance(purpose, rng) for _ in range(_COUNT)]
    moments = [datetime.datetime.combine(base + datetime.timedelta(days=days), datetime.time(9)) for days in ahead]
    return [moment.strftime(form.printed) for moment in moments]


def _near(first: datetime.date | None, rng: random.Random) -> int:
    days = rng.randint(1, 14)
    return -days if first is None else days


def _distance(purpose: str, rng: random.Random) -> int:
    """How many days after today a date for this purpose plausibly is."""
    around = set(words(purpose))
    if around & _BIRTH:
        return -rng.randint(20 * 365, 65 * 365)
    if around & _PAST:
        return -rng.randint(3, 120)
    return rng.randint(300, 1400) if around & _EXPIRY else rng.randint(3, 120)


def _in_time(date: datetime.date | None, today: datetime.date, purpose: str) -> bool:
    if date is None:
        return True
    return date < today if {*_BIRTH, *_PAST}.intersection(words(purpose)) else date > today


def _day(today: str | None) -> datetime.date | None:
    return read(today[:10], _ISO) if today else None
