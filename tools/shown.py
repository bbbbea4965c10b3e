"""What texts and tool results have shown, and whether a claim follows from it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from math import isclose, isfinite, trunc

from tools.base import Json, is_number
from tools.contents import counts_in, strings_in, totals_in
from tools.fact import Fact, facts_in
from tools.paths import leaf_values
from tools.wording import singular

_WORD = re.compile(r"[^\W_]+")
_SHORTEST_DIGITS = 3
# Beyond so many numbers, sums and differences of two come to almost anything.
_MOST_FOR_ARITHMETIC = 40
_LEAST_ADDED, _MOST_ADDED = 10, 1_000_000
_MULTIPLES = range(2, 13)
_LONGEST_LEAP = 60
_LEAPS = {"tomorrow": 1, "yesterday": 1, "tonight": 0, "week": 7, "fortnight": 14, "month": 30, "weekend": 6}
# Words of a sentence that works a number out, and of one that goes on from a date.
_COMPUTING = re.compile(
    r"\b(?:totals?|sum|altogether|together|combined|overall|difference|more|less|cheaper|dearer|higher|lower|left|remains?|"
    r"remaining|saves?|saving|each|per|plus|minus|times|twice|double|half|both|average)\b|[=+\u00d7]",
    re.IGNORECASE,
)
_LEAPING = re.compile(
    r"\b(?:days?|weeks?|months?|tomorrow|yesterday|tonight|weekend|later|earlier|after|before|ago|next|fortnight|nights?)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n|$")
_LOOSELY = 0.05
_ROUGHLY = re.compile(r"(?:about|around|roughly|approximately|nearly|almost|circa|~)\s*[$\u20ac\u00a3]?$")


@dataclass(frozen=True)
class Shown:
    """What was said in ``texts`` and returned in ``contents``. With ``arithmetic``, what follows from numbers
    by a sum, a difference or a small multiple, or by going on from a date, counts as shown as well."""

    texts: tuple[str, ...] = ()
    contents: tuple[Json, ...] = ()
    arithmetic: bool = False

    @classmethod
    def of(cls, texts: Iterable[str], contents: Iterable[Json], *, arithmetic: bool = False) -> Shown:
        """Gather what was shown; nothing is read before it is asked for."""
        return cls(tuple(texts), tuple(contents), arithmetic)

    def holds(self, fact: Fact, text: str = "") -> bool:
        """Whether a fact was said or shown, in whatever form: 1,200.00 is 1200, 3 May 2026 is 2026-05-03, 12.5 is
        12.4871 rounded, and three entries of a list are 3.

        Where the ``text`` that it stands in is given, arithmetic is believed only in a sentence that speaks of it ("in
        total", "two days later"), and "about 1,200" may be 1187.
        """
        if (fact.kind, fact.text) in self._claimed:
            return True
        if fact.kind == "number":
            rough = bool(_ROUGHLY.search(text[: fact.start].casefold()))
            return self._number(fact, rough=rough, computed=self._counting(fact, text, _COMPUTING))
        if fact.kind == "date":
            leaping = self._counting(fact, text, _LEAPING)
            return any(self._date(reading, leaping=leaping) for reading in _readings(fact.value))
        if fact.kind == "time":
            return any(reading in self._times for reading in _readings(fact.value))
        if fact.kind == "identifier":
            return self._identifier(fact.text)
        return self._verbatim(fact.text) or self._in_words(fact)

    def _counting(self, fact: Fact, text: str, signs: re.Pattern[str]) -> bool:
        """Whether arithmetic may be what a fact comes from."""
        if not self.arithmetic or not text:
            return self.arithmetic
        begins = max(text.rfind(mark, 0, fact.start) for mark in (". ", "! ", "? ", "\n")) + 1
        ends = _SENTENCE_END.search(text, fact.start + len(fact.text))
        return signs.search(text, begins, ends.start() if ends else len(text)) is not None

    @cached_property
    def _said(self) -> tuple[str, ...]:
        """Everything that can be read: the texts, and the texts and keys of the contents."""
        return (*self.texts, *(text for content in self.contents for text in strings_in(content)))

    @cached_property
    def _blob(self) -> str:
        numbers = (str(number) for number in self._typed)
        return "\n".join(" ".join(text.casefold().split()) for text in (*self._said, *numbers))

    @cached_property
    def _words(self) -> frozenset[str]:
        found = {word for text in self._said for word in _words_of(text)}
        return frozenset(found | {singular(word) for word in found})

    @cached_property
    def _claims(self) -> tuple[Fact, ...]:
        """The facts of all texts, also of those inside quotation marks."""
        found = [fact for text in self._said for fact in facts_in(text)]
        return (*found, *(inner for fact in found if fact.kind == "quoted" for inner in facts_in(fact.text)))

    @cached_property
    def _claimed(self) -> frozenset[tuple[str, str]]:
        return frozenset((fact.kind, fact.text) for fact in self._claims)

    @cached_property
    def _typed(self) -> tuple[int | float, ...]:
        """The numbers of the contents."""
        leaves = (leaf for content in self.contents for _, leaf in leaf_values(content))
        return tuple(leaf for leaf in leaves if is_number(leaf))

    @cached_property
    def _numbers(self) -> frozenset[int | float]:
        said = (fact.value for fact in self._claims if fact.kind == "number")
        years = (int(day[:4]) for day in self._dates if re.match(r"\d{4}", day))
        return frozenset((*self._typed, *said, *years))

    @cached_property
    def _counts(self) -> frozenset[int]:
        """How long each list and table is, and how many entries of one have the same text in a field."""
        return frozenset(count for content in self.contents for count in counts_in(content))

    @cached_property
    def _dates(self) -> frozenset[str]:
        return frozenset(day for fact in self._claims if fact.kind == "date" for day in _readings(fact.value))

    @cached_property
    def _times(self) -> frozenset[str]:
        return frozenset(time for fact in self._claims if fact.kind == "time" for time in _readings(fact.value))

    @cached_property
    def _computed(self) -> tuple[int | float, ...]:
        """The sum of each field over a list, sums and differences of two shown numbers, and small multiples of one.

        Without bounds on what is added, almost every number would be the sum of two: 346 and 5 make 341 as well."""
        if not self.arithmetic:
            return ()
        totals = tuple(total for content in self.contents for total in totals_in(content))
        numbers = sorted(number for number in self._numbers if _LEAST_ADDED <= abs(number) < _MOST_ADDED)
        if len(numbers) > _MOST_FOR_ARITHMETIC:
            return totals
        pairs = [value for a, b in combinations(numbers, 2) for value in (a + b, b - a)]
        multiples = [count * number for number in numbers for count in {2, *self._numbers} if count in _MULTIPLES]
        return (*totals, *pairs, *multiples)

    def _number(self, fact: Fact, *, rough: bool, computed: bool) -> bool:
        value = fact.value
        if value in self._numbers or value in self._counts or value == 1:
            return True
        if len(re.sub(r"\D", "", fact.text)) >= _SHORTEST_DIGITS and self._figures(fact.text):
            return True
        scaled = [value, *([value / 100] if fact.text.endswith("%") else [])]
        known = (*self._numbers, *(self._computed if computed else ()))
        return any(_same(wanted, number, fact.text, rough=rough) for wanted in scaled for number in known)

    def _figures(self, text: str) -> bool:
        """Whether figures stand anywhere, also inside of an identifier: booking 3382 is BK-3382."""
        return re.search(rf"(?<![\d.,]){re.escape(text)}(?!\d|[.,]\d)", self._blob) is not None

    def _date(self, day: str, *, leaping: bool) -> bool:
        if day in self._dates or any(other.startswith(f"{day}-") or other.endswith(f"-{day}") for other in self._dates):
            return True
        year, _, rest = day.partition("-")
        if rest in self._dates and int(year) in self._numbers:
            return True
        return leaping and any(_leap(day, other) in self._leaps for other in self._dates)

    @cached_property
    def _leaps(self) -> frozenset[int | float]:
        """By how many days one may go on from a date: by those that were said, in figures or words."""
        named = {days for word, days in _LEAPS.items() if word in self._words}
        days = {number for number in self._numbers if 0 < number <= _LONGEST_LEAP}
        return frozenset(named | days | {-day for day in named | days})

    def says(self, value: Json) -> bool:
        """Whether a scalar was said or shown as it is."""
        return self._verbatim(str(value)) or (is_number(value) and value in self._numbers)

    def _identifier(self, text: str) -> bool:
        if self._verbatim(text) or self._verbatim(text.rstrip("s")):
            return True
        return not re.search(r"\d|@|/", text) and all(self._word(word) for word in _words_of(text))

    def _verbatim(self, text: str) -> bool:
        needle = " ".join(text.casefold().split()).strip(" .,;:!?")
        return bool(needle) and _stands_in(self._blob, needle)

    def _in_words(self, fact: Fact) -> bool:
        """Whether all words of a name or a quoted text were shown, and all facts that stand in it."""
        inner = facts_in(fact.text) if fact.kind == "quoted" else ()
        others = [item for item in inner if item.kind not in ("quoted", "name")]
        return all(map(self.holds, others)) and all(self._word(word) for word in _words_of(fact.text))

    def _word(self, word: str) -> bool:
        return word in self._words or singular(word) in self._words or word.isdigit()


def _same(wanted: float, number: float, text: str, *, rough: bool) -> bool:
    """Whether a number is the one that is wanted, as far as the wanted one's digits go."""
    whole = not isfinite(number) or float(number).is_integer()
    if wanted == number or (not whole and isclose(wanted, number, rel_tol=1e-9)):
        return True
    plain = text.rstrip("% ")
    if not re.fullmatch(r"-?[\d.,]+", plain):
        return isclose(wanted, number, rel_tol=_LOOSELY)  # 1.2 million
    _, mark, decimals = plain.partition(".")
    if not mark and rough:
        zeros = len(plain) - len(plain.rstrip("0,"))
        return abs(wanted - number) <= float(0.5 * 10 ** max(zeros, 1))
    factor: int = 10 ** len(decimals) * (100 if text.endswith("%") and wanted < 1 else 1)
    exact = number * factor
    if whole or float(exact).is_integer():
        return False
    return any(isclose(wanted * factor, near) for near in (round(exact), trunc(exact)))


def _readings(value: Json) -> list[str]:
    return value if isinstance(value, list) else [value]


@lru_cache(maxsize=4096)
def _words_of(text: str) -> tuple[str, ...]:
    plain = re.sub(r"['\u2019]s\b", "", text)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return tuple(dict.fromkeys(word.casefold() for part in (plain, split) for word in _WORD.findall(part)))


def _stands_in(text: str, needle: str) -> bool:
    """Whether a text holds another one that is no part of longer words. A pattern for each would have to be compiled
    first, which takes much longer."""
    at = text.find(needle)
    while at >= 0:
        ends = at + len(needle)
        if not (_joined(text[at - 1 : at], needle[0]) or _joined(text[ends : ends + 1], needle[-1])):
            return True
        at = text.find(needle, at + 1)
    return False


def _joined(beside: str, edge: str) -> bool:
    return edge.isalnum() and (beside.isalnum() or beside == "_")


def _leap(day: str, other: str) -> int | None:
    """How many days lie between two whole dates; None where one is not whole."""
    try:
        return (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(other)).days
    except ValueError:
        return None
