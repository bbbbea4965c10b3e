"""Numbers as people write them: "1,200.00", "5 %", "20 km", "3 million", "twelve"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# A word or a number ends where neither a letter or digit follows nor a mark that joins one: "BK" does not stand in
# "BK-3382", nor 3 in "2026-05-03" or 30 in "10:30".
BEGINS = r"(?<!\w)(?<!\w[-:/.@])"
ENDS = r"(?!\w)(?![-:/.@]\w)"

_SCALES = {"k": 10**3, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_UNITS = "km|cm|mm|kg|lbs?|mi|miles|gb|mb|kwh|min|mins|hrs?|usd|eur|€|°c?"
_NUMBER = re.compile(
    rf"{BEGINS}(?P<digits>-?(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?)"
    rf"(?: ?(?P<scale>k|thousand|million|billion){ENDS}|(?=(?:{_UNITS})(?!\w))|{ENDS})(?P<percent> ?(?:%|per ?cent\b))?"
)
_LONGEST_INTEGER = 20

_DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORTH = {
    "zero": 0,
    **{word: value for value, word in enumerate((*_DIGITS, *_TEENS), 1)},
    **{word: value * 10 for value, word in enumerate(_TENS, 2)},
}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_DIGITS)}))?|{'|'.join(_TEENS)}|{'|'.join(_DIGITS)}|zero)"
_HUNDREDS = rf"(?:(?:an? |{_SMALL} )hundred(?:(?: and)? {_SMALL})?|{_SMALL})"
_IN_WORDS = re.compile(
    rf"(?<![\w-])(?<!half )(?:(?:an? |{_HUNDREDS} )(?:thousand|million|billion)(?:,?(?: and)? {_HUNDREDS})?"
    rf"|(?:an? |{_SMALL} )dozen|{_HUNDREDS})(?![\w-])"
)
# "The cheaper one", "one of them", "which one": no number, but a thing that was spoken of.
_ONE_IS_A_THING = re.compile(r"(?:\b(?:the|that|this|which|any|each|every|no|another|other|same)|\w{2,}e[rs]t?) $")
_ONE_COUNTS = re.compile(r" (?!(?:of|that|which|who|is|was|with|in|on|at|for|from|to|by|and|or|day|another|i)\b)[a-z]")


class WrittenNumber(NamedTuple):
    """A number and where it stands; ``percent`` where it is so many of a hundred."""

    value: int | float
    start: int
    end: int
    percent: bool = False


@lru_cache(maxsize=1024)
def numbers_in(plain: str) -> tuple[WrittenNumber, ...]:
    """The numbers of a text in lower case with single spaces, those in digits first, then those in words."""
    return (*_in_digits(plain), *_in_words(plain))


def _in_digits(plain: str) -> Iterator[WrittenNumber]:
    for match in _NUMBER.finditer(plain):
        value = _as_number(match["digits"])
        if match["scale"]:
            scaled = value * _SCALES[match["scale"]]
            value = round(scaled) if scaled == round(scaled, 0) else scaled
        yield WrittenNumber(value, match.start(), match.end(), percent=bool(match["percent"]))


def _as_number(text: str) -> int | float:
    digits = text.replace(",", "")
    return int(digits) if len(digits) <= _LONGEST_INTEGER and "." not in digits else float(digits)


def _in_words(plain: str) -> Iterator[WrittenNumber]:
    for match in _IN_WORDS.finditer(plain):
        before, after = plain[: match.start()][-20:], plain[match.end() :][:20]
        if match.group() == "one" and (_ONE_IS_A_THING.search(before) or not _ONE_COUNTS.match(after)):
            continue
        yield WrittenNumber(_worth(match.group()), match.start(), match.end())


def _worth(text: str) -> int:
    total = current = 0
    for word in re.findall(r"[a-z]+", text):
        if word == "hundred":
            current = max(current, 1) * 100
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
        else:
            current += _WORTH.get(word, 0)
    return total + current
