"""The values of gold calls that a solver has to find, and where a text gives one of them away.

A text says a value in any spelling: a number in other figures or in words, a date or a time as people write it, an
identifier without its dashes, all of it inside longer words as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tools.base import Json, is_number
from tools.fact import Fact, facts_in
from tools.paths import leaf_values
from tools.provenance import normalised, said_in
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import labels, request_phrase, words

Span = tuple[int, int]

_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_FEWEST_DIGITS = 3
_SHORT_WORD = 2
_DATE_PARTS = 3
_SMALL = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBER_WORDS = {
    **dict(enumerate(_SMALL, 2)),
    **dict(zip(range(30, 91, 10), ("thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), strict=True)),
}
# A number below this stands in many a text without being the value that was meant: only a whole word counts.
_LITTLE = 100


@dataclass(frozen=True)
class Sought:
    """A value that the solver has to find, and ``where`` it is used. ``common`` marks one that is a word of the tools'
    own descriptions: it gives something away only in quotation marks."""

    value: Json
    where: str
    common: bool = False

    def spans(self, text: str) -> tuple[Span, ...]:
        """Where a text says it, in any spelling."""
        if isinstance(self.value, bool):
            return _matches(rf"(?<!\w){str(self.value).lower()}(?!\w)", text)
        found = [_span(fact) for fact in facts_in(text) if _claims(fact, self.value)]
        spellings = _number_spellings(self.value) if is_number(self.value) else _text_spellings(str(self.value))
        found += [span for spelling in spellings for span in _matches(spelling, text)]
        return tuple(span for span in found if not self.common or _quoted(span, text))


def sought_values(gold: Sequence[Step], told: str, tools: Sequence[ToolSpec]) -> tuple[Sought, ...]:
    """What the arguments of gold calls hold, as a whole or in a longer text, that ``told`` does not say."""
    common = _vocabulary(tools)
    found: dict[tuple[type, str], Sought] = {}
    for step in gold:
        for name, argument in step.call.arguments.items():
            for _, leaf in leaf_values(argument):
                for value in _unsaid(leaf, told):
                    key = (type(value), normalised(value))
                    plain = isinstance(value, str) and value.islower() and {*words(value)} <= common
                    found.setdefault(key, Sought(value, f"{name} of {step.call.name}", plain))
    return tuple(found.values())


def says(value: Json, text: str) -> bool:
    """Whether a text says a value, in any spelling."""
    return value is None or value == "" or bool(Sought(value, "").spans(text)) or said_in(value, text)


def _unsaid(leaf: Json, told: str) -> Iterator[Json]:
    """A leaf that ``told`` does not say, and what else it claims that ``told`` does not. A boolean is never said."""
    if isinstance(leaf, bool):
        yield leaf
    elif not says(leaf, told):
        yield leaf
        if isinstance(leaf, str):
            claimed = (fact.text for fact in facts_in(leaf) if fact.text != leaf)
            yield from (text for text in claimed if not says(text, told))


def _vocabulary(tools: Sequence[ToolSpec]) -> frozenset[str]:
    """The words that tools and parameters are called by, which a hint needs."""
    texts = [text for spec in tools for text in (spec.name, request_phrase(spec), *labels(spec).values())]
    return frozenset(word for text in texts for word in words(text))


def _matches(pattern: str, text: str) -> tuple[Span, ...]:
    return tuple(found.span() for found in re.finditer(pattern, text, re.IGNORECASE))


def _span(fact: Fact) -> Span:
    return fact.start, fact.start + len(fact.text)


def _quoted(span: Span, text: str) -> bool:
    return span[0] > 0 and span[1] < len(text) and text[span[0] - 1] in _QUOTES and text[span[1]] in _QUOTES


def _claims(fact: Fact, value: Json) -> bool:
    """Whether a fact of a text is what a value says, as a number, a date or a time."""
    if is_number(value):
        return fact.kind == "number" and bool(fact.value == value)
    whole = _whole_fact(str(value))
    if whole is None or whole.kind != fact.kind or whole.kind not in ("number", "date", "time"):
        return False
    return any(_alike(one, other) for one in _readings(whole) for other in _readings(fact))


@lru_cache(maxsize=4096)
def _whole_fact(text: str) -> Fact | None:
    """The fact that a text is as a whole, if it is one."""
    return next((fact for fact in facts_in(text) if fact.text == text.strip()), None)


def _readings(fact: Fact) -> Collection[Json]:
    return fact.value if isinstance(fact.value, list) else (fact.value,)


def _alike(one: Json, other: Json) -> bool:
    """Equal, or a day and the same day without its year."""
    if one == other:
        return True
    short, long = sorted((str(one), str(other)), key=len)
    return long.count("-") == _DATE_PARTS - 1 and short.count("-") == 1 and long.endswith(f"-{short}")


def _number_spellings(value: Json) -> Iterator[str]:
    """A number in words, and its figures with or without marks between thousands, also joined to a unit."""
    word = _NUMBER_WORDS.get(abs(value)) if float(value).is_integer() else None
    if word is not None:
        yield rf"(?<!\w){word}(?!\w)"
    if abs(value) >= _LITTLE or not float(value).is_integer():
        figures, point, decimals = normalised(abs(value)).partition(".")
        grouped = r"[,.'\u2019\u00a0 ]?".join(figures)
        rest = rf"[.,]{decimals}0*(?!\d)" if point else r"(?:[.,]0+)?(?![.,]?\d)"
        yield rf"(?<!\d)(?<!\d[.,]){grouped}{rest}"


def _text_spellings(value: str) -> Iterator[str]:
    """A text with whatever stands between its words, an identifier with whatever stands between its characters, and a
    long number in it by itself."""
    runs = re.findall(r"[^\W_]+", value)
    joined = "".join(runs)
    if len(joined) <= _SHORT_WORD:
        quotes = f"[{_QUOTES}]"
        yield f"{quotes}{re.escape(value)}{quotes}"
        if joined.isupper():
            yield rf"(?-i:(?<!\w){re.escape(value)}(?!\w))"
        return
    coded = any(letter.isdigit() for letter in joined) and not re.search(r"\s", value.strip())
    between = "[\\W_]?" if coded else ""
    spelled = r"[\W_]{0,3}".join(between.join(run) for run in runs)
    edge = r"\d" if joined.isdigit() else r"[^\W_]"
    yield rf"(?<!{edge}){spelled}(?!{edge})"
    whole = _whole_fact(value)
    if whole is not None and whole.kind == "identifier":
        for digits in re.findall(rf"\d{{{_FEWEST_DIGITS},}}", value):
            yield rf"(?<!\d){digits}(?!\d)"
