"""What a text claims: its numbers, dates, times, identifiers, proper names and quoted texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from tools.base import Json, Record
from tools.written_dates import DATE_PATTERN, TIME_PATTERN, date_value, time_value

FactKind = Literal["number", "date", "time", "identifier", "name", "quoted"]


class Fact(Record):
    """One claim of a text.

    Attributes:
        kind: What it is.
        text: The words that claim it.
        start: The offset of their first character.
        value: A number; a date as ``2026-05-03``, or as much of it as is said (``05-03``, ``2026-05``); a time as
            ``14:30``; else the words. What can be read in several ways is the list of its readings.
    """

    kind: FactKind
    text: str
    start: int
    value: Json


_WORD = r"(?<!\w)[^\W\d_][\w'\u2019-]*"
_QUOTED = (
    r'"(?P<q1>[^"\n]+)"|\u201c(?P<q2>[^\u201d\n]+)\u201d|`(?P<q3>[^`\n]+)`|\u00ab(?P<q4>[^\u00bb\n]+)\u00bb'
    r"|(?<!\w)'(?P<q5>[^'\n]+)'(?!\w)"
)
_ADDRESS = r"https?://[^\s<>\"')\]]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w/.~])(?:~|\.\.?)?/[\w.-]+(?:/[\w.-]+)*/?"
_FILE = r"(?<![\w.])[\w-]+(?:\.[\w-]+)*\.[a-z][a-z0-9]{1,3}(?!\w)"
_MIXED = r"(?<![\w.])(?=[\w-]*\d)(?=[\w-]*[^\W\d])\w+(?:-\w+)*(?!\w)"
_DIGITS = r"(?<![\w.])\+?\d+(?:-\d+){2,}(?!\w)|(?<![\w.,:/-])0\d+(?!\w|[.,:/]\d)"
_SNAKE = r"(?<!\w)[A-Za-z]+(?:_[A-Za-z]+)+(?!\w)"
_NUMBER = (
    r"(?<![\w.])(?P<digits>(?:(?<!\w)[-\u2212](?=\d))?"
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+,\d{2}(?![\d,])|\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2}(?!\w))?))"
    r"(?P<scale>\s?%|\s?(?:k|thousand|million|mn|billion|bn)\b)?"
)
_MARKER = (
    r"^[ \t]*(?:\*\*)?\(?\d{1,2}[.)](?=\s)|(?<=\s)\(?\d{1,2}\)(?=\s\w)|(?i:\b(?:step|option|attempt|part)s?) \d+\b"
)
_SCANNER = re.compile(
    f"(?P<marker>{_MARKER})|(?P<quoted>{_QUOTED})|(?P<address>{_ADDRESS})|(?P<date>{DATE_PATTERN})"
    f"|(?P<time>{TIME_PATTERN})|(?P<file>{_FILE})|(?P<mixed>{_MIXED})|(?P<plain>{_DIGITS}|{_SNAKE})"
    f"|(?P<number>{_NUMBER})|(?P<word>{_WORD})",
    re.MULTILINE,
)
_MEASURED = re.compile(r"(\d+)(?:-?[a-z]{1,4}|-[A-Za-z]+|[A-Z]{1,2})")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_SCALES = {"k": 1e3, "thousand": 1e3, "million": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9}
_BEGINS = re.compile(r"(?:^|[.!?\u2026]|\n)[\s*_#>\"'\u201c(\[\u2022-]*$")
_ACRONYM = re.compile(r"[A-Z]{2,}s?")
# They may stand inside of a name: Bank of America, Rio de Janeiro.
_PARTICLES = ("of", "de", "del", "van", "von", "da", "la", "le")
_LINKS = re.compile(rf"[ \u00a0]+|[ ](?:{'|'.join(_PARTICLES)}) ")
# Longer ones are no numbers that anybody reckons with.
_LONGEST_NUMBER = 40
# Capitalised words that name nobody and nothing.
_PLAIN_WORDS = frozenset(
    re.findall(
        r"\S+",
        """i i'm i'll i've i'd ok okay id ids pin usd eur gbp chf jpy cad aud rmb inr am pm utc gmt mr mrs ms dr
        monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun
        january february march april may june july august september october november december
        jan feb mar apr jun jul aug sep sept oct nov dec english
        the a an and or but if so now then next first second third finally also here there this that these those
        it its he she they we you your my our his her their is are was were has have had do does did
        will would can could should not no yes please thanks thank sorry let as at by for from in of on to with
        after before since once because when while what which who where why how all both each every any some none
        done note step hello hi dear sir madam json api url faq tv pdf cvv ai usa uk eu us asap eta vs etc""",
    )
)
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|ich|f\u00fcr|mit|nicht|ein|eine|einen|den|dem|wurde|haben|Sie)\b")
_ENGLISH = re.compile(r"\b(?:the|and|is|to|for|with|not|an|of|has|have|your|it)\b")


@lru_cache(maxsize=4096)
def facts_in(text: str) -> tuple[Fact, ...]:
    """What a text claims, in the order of the text. Ordinary words, months, weekdays, ordinals and the marks of lists
    claim nothing, nor does the word that a sentence begins with."""
    return tuple(_facts(text))


def _facts(text: str) -> Iterator[Fact]:
    names = _Names(text)
    for found in _SCANNER.finditer(text):
        kind = found.lastgroup if found.lastgroup not in ("digits", "scale") else "number"
        kind = "quoted" if found["quoted"] else kind
        if kind == "word":
            yield from names.word(found)
            continue
        yield from names.end()
        yield from _scanned(str(kind), found)
    yield from names.end()


def _scanned(kind: str, found: re.Match[str]) -> Iterator[Fact]:
    """The facts of one token that is no word."""
    text, start = found[0], found.start()
    if kind == "quoted":
        yield from _quoted(found)
    elif kind == "date":
        yield from _dated(text, start)
    elif kind == "time":
        yield Fact(kind="time", text=text, start=start, value=time_value(text))
    elif kind == "number" and len(found["digits"]) <= _LONGEST_NUMBER:
        yield Fact(kind="number", text=text, start=start, value=_number(found["digits"], found["scale"] or ""))
    elif kind == "mixed" and len(text) <= _LONGEST_NUMBER and (measured := _MEASURED.fullmatch(text)):
        if not _ORDINAL.fullmatch(text):
            yield Fact(kind="number", text=measured[1], start=start, value=_number(measured[1], ""))
    elif kind != "marker":
        plain = text.rstrip(".,;:/") if kind == "address" else text
        yield Fact(kind="identifier", text=plain, start=start, value=plain)


def _quoted(found: re.Match[str]) -> Iterator[Fact]:
    """What is quoted: a fact of another kind where it is one as a whole, or else the words."""
    group = next(name for name in ("q1", "q2", "q3", "q4", "q5") if found[name])
    inner, start = found[group], found.start(group)
    whole = [fact for fact in facts_in(inner) if fact.text == inner.strip()]
    if whole:
        yield whole[0].model_copy(update={"start": start + whole[0].start})
    elif re.search(r"\w", inner):
        yield Fact(kind="quoted", text=inner, start=start, value=inner)


def _dated(text: str, start: int) -> Iterator[Fact]:
    """A date, and the time of day that may be written in one word with it."""
    day, mark, clock = text.partition("T") if re.match(r"\d{4}-", text) else (text, "", "")
    value = date_value(day)
    if value is None:
        yield Fact(kind="identifier", text=text, start=start, value=text)
        return
    yield Fact(kind="date", text=day, start=start, value=value)
    if mark:
        yield Fact(kind="time", text=clock, start=start + len(day) + 1, value=time_value(clock))


def _number(digits: str, scale: str) -> int | float:
    plain = digits.replace("\u2212", "-")
    plain = plain.replace(",", ".") if re.fullmatch(r"-?\d+,\d{2}", plain) else plain.replace(",", "")
    value: int | float = int(plain) if re.fullmatch(r"-?\d+", plain) else float(plain)
    factor = _SCALES.get(scale.strip().lower())
    if factor is None:
        return value
    scaled = round(value * factor, 6)
    return int(scaled) if scaled.is_integer() else scaled


class _Names:
    """Gathers capitalised words that stand together to names, as the scanner goes over a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._run: list[re.Match[str]] = []
        german = len(_GERMAN.findall(text))
        # German writes every noun with a capital.
        self._off = german > 1 and german > len(_ENGLISH.findall(text))

    def word(self, found: re.Match[str]) -> Iterator[Fact]:
        """Takes the next word; gives the name that it ends."""
        if self._run and found[0] in _PARTICLES:
            return
        if self._run and not _LINKS.fullmatch(self._text, self._run[-1].end(), found.start()):
            yield from self.end()
        if not found[0][0].isupper() or found[0].lower().replace("\u2019", "'") in _PLAIN_WORDS or self._off:
            yield from self.end()
            return
        begins = not self._run and _BEGINS.search(self._text, max(0, found.start() - 12), found.start())
        if begins and not _ACRONYM.fullmatch(found[0]):
            return
        self._run.append(found)

    def end(self) -> Iterator[Fact]:
        """The name that was gathered, if any."""
        if self._run:
            start, end = self._run[0].start(), self._run[-1].end()
            text = re.sub(r"['\u2019]s?$|-$", "", self._text[start:end])
            self._run = []
            kind: FactKind = "identifier" if _ACRONYM.fullmatch(text) else "name"
            if len(text) == 1:  # the C of degrees, an initial
                return
            yield Fact(kind=kind, text=text, start=start, value=text)
