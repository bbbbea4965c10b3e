"""Dates and times of day as people and tools write them."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"\d{4}"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})?"
_FIGURES = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}(?:T{_CLOCK}{_ZONE})?(?![\w-])|\d{{4}}/\d{{1,2}}/\d{{1,2}}(?!\w)"
    r"|\d{1,2}[/.]\d{1,2}[/.]\d{4}(?!\w)|\d{2}/\d{4}(?!\w)|\d{4}-\d{2}(?![\w-])"
)
_ENGLISH = (
    rf"(?i:{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?(?!\w)|{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR})?(?!\w)"
    rf"|{_MONTH},? {_YEAR}(?!\w))"
)
# The ways to write a date: in figures, with the time of day in one word or without, and in English words.
DATE_PATTERN = rf"(?<![\w-])(?:{_FIGURES}|{_ENGLISH})"
TIME_PATTERN = (
    rf"(?<![\w:])(?:{_CLOCK}(?!\w)(?:\s?(?i:[ap]\.?m\b\.?))?|{_CLOCK}(?i:[ap]m)\b|\d{{1,2}}\s?(?i:[ap]\.?m\b\.?))"
)
_DATE = re.compile(DATE_PATTERN)
_SHORTENED = re.compile(r"\b(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.$", re.IGNORECASE)
_WORDED = re.compile(r"(?i)(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?: of)? )?(?P<month>[a-z]+)\.?,?(?: (?P<rest>.*))?")
_TIME = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?")
_HALF = re.compile(r"([ap])\.?m", re.IGNORECASE)
_HALF_DAY = 12


def date_value(text: str) -> str | list[str] | None:
    """A date that ``DATE_PATTERN`` matches, as ISO text: whole, or ``05-03`` without its year, or ``2026-05`` without
    its day; both readings where day and month could be either; None where there is no such day."""
    found = re.findall(r"\d+", text)
    if re.fullmatch(r"[\d/.-]+", text):
        readings = [item for item in _in_figures(found) if item]
        return (readings[0] if len(readings) == 1 else readings) if readings else None
    worded = _WORDED.fullmatch(text)
    if worded is None or worded["month"].lower()[:3] not in _MONTHS:
        return None
    month = _MONTHS.index(worded["month"].lower()[:3]) + 1
    rest = re.findall(r"\d+", worded["rest"] or "")
    day = worded["d1"] or next((item for item in rest if len(item) <= 2), None)
    year = next((item for item in rest if len(item) == 4), None)
    if day is None:
        return f"{year}-{month:02d}"
    return _iso(int(year), month, int(day)) if year else _yearless(month, int(day))


def with_years(text: str, dates: Iterable[str]) -> str:
    """The text with its year after each of the ISO ``dates`` that it tells without one: of 2026-06-28 "on June 28"
    becomes "on June 28, 2026". Unchanged where a whole date is told too, or two have the same day of the year."""
    told = {found[0]: date_value(found[0]) for found in _DATE.finditer(text)}
    lacking = [date for date in dict.fromkeys(dates) if date not in told.values()]
    days = Counter(date[5:] for date in lacking)
    years = {date[5:]: date[:4] for date in lacking if days[date[5:]] == 1}

    def put(match: re.Match[str]) -> str:
        day = told[match[0]]
        if not isinstance(day, str) or day not in years:
            return match[0]
        if match[0][0].isalpha():
            return f"{match[0]}, {years[day]}"
        ends = match[0].endswith(".") and not _SHORTENED.search(match[0])
        return f"{match[0][:-1]} {years[day]}." if ends else f"{match[0]} {years[day]}"

    return _DATE.sub(put, text)


def _in_figures(parts: list[str]) -> list[str | None]:
    """The readings of a date in figures: the year tells the order, and which of the others is the day is open."""
    numbers = [int(part) for part in parts]
    if len(parts) == 2:
        year, month = sorted(numbers, reverse=True)
        return [f"{year}-{month:02d}" if 1 <= month <= _HALF_DAY else None]
    if len(parts[0]) == 4:
        return [_iso(*numbers)]
    first, second, year = numbers
    return list(dict.fromkeys([_iso(year, first, second), _iso(year, second, first)]))


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _yearless(month: int, day: int) -> str | None:
    whole = _iso(2000, month, day)  # a leap year, in which every day of a year exists
    return whole[5:] if whole else None


def time_value(text: str) -> str | list[str]:
    """A time that ``TIME_PATTERN`` matches as ``14:30``; both readings where it may be before or after noon."""
    found = _TIME.match(text)
    if found is None:
        return text
    hour, minute, half = int(found["hour"]), found["minute"] or "00", _HALF.search(text)
    if half:
        return f"{hour % _HALF_DAY + (_HALF_DAY if half[1].lower() == 'p' else 0):02d}:{minute}"
    plain = f"{hour:02d}:{minute}"
    # "2:30" may be said of an afternoon; "02:30" and "14:30" are on the clock of 24 hours.
    open_half = 0 < hour <= _HALF_DAY and not found["hour"].startswith("0")
    return [plain, f"{(hour + _HALF_DAY) % 24:02d}:{minute}"] if open_half else plain
