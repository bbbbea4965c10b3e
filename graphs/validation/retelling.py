"""Whether a final answer tells lists as they are: what is on them, how many there are, and what holds for all.

Each single fact of an answer may have been shown, and the answer be wrong all the same: "You have two bookings, all
paid" of three bookings, one of which is not. Only claims that leave no doubt which list they speak of are judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from tools.base import Json, JsonObject
from tools.paths import leaf_values
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words
from tools.written_numbers import numbers_in

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_BETWEEN = re.compile(r"[,;:]|\band\b|\bor\b")
_MARKS = " \t*_-.!?\"'`()"
_COUNTED = re.compile(
    r"\b(?:you (?:currently |now )?have|there (?:are|is|were|was)|found|listed|here (?:are|is)(?: your| the)?)\s+"
    r"(?:a total of |only |exactly |just )?(?P<count>\d{1,4}|[a-z]+(?:-[a-z]+)?)\s+"
    r"(?P<kind>(?:[a-z-]+\s+){0,2}?)(?P<noun>[a-z]+)\s*(?:[:.,;!]|$|in total\b|on file\b)",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:are|were) (?:all|both) (?P<one>[a-z]+)(?=\s*(?:[.,;!]|$|(?:and|with|for)\b))"
    r"|\ball (?:(?:of )?(?:them|these|which|the \w+|your \w+|\w+) )?(?:are|were) (?P<two>[a-z]+)\b"
    r"|\ball (?:of (?:them|these|which) )?(?!done|set|good|right)(?P<three>[a-z]+)(?=\s*(?:[.,;!]|$))"
    r"|\bthey are (?P<they>[a-z]+)(?=\s*(?:[.,;!]|$|(?:and|with|for)\b))",
    re.IGNORECASE,
)
_ENDS = (("departure", "arrival"), ("from", "to"), ("origin", "destination"), ("source", "destination"))
_EXCEPT = re.compile(r"\b(?:except|but|apart|other than|besides|or|not|none)\b", re.IGNORECASE)


class Table(NamedTuple):
    """A list of a result: its name, what its tool says that it returns, and its entries."""

    name: str
    told: str
    entries: list[JsonObject]

    def values(self) -> Iterator[tuple[str, list[str]]]:
        """The texts of each field, where all entries have one."""
        for field in self.entries[0] if self.entries else ():
            found = [entry.get(field) for entry in self.entries]
            texts = [value.casefold() for value in found if isinstance(value, str)]
            if len(texts) == len(self.entries):
                yield field, texts

    def all_named(self, text: str) -> bool:
        """Whether a text (in lower case) names each entry by a text that no other entry has."""
        columns = [texts for _, texts in self.values() if len(set(texts)) == len(texts)]
        return any(all(name in text for name in texts) for texts in columns)

    def ways(self) -> Iterator[tuple[str, str]]:
        """Pairs of fields that tell from where to where something goes: ``departure_city`` and ``arrival_city``."""
        fields = {words(field): field for field, _ in self.values()}
        for begins, ends in _ENDS:
            for spoken, field in fields.items():
                other = fields.get(tuple(ends if word == begins else word for word in spoken))
                if begins in spoken and other is not None:
                    yield field, other


def retold_wrongly(reply: str, outputs: Sequence[Step], steps: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    """What an answer says of lists that is not so; empty where there is nothing.

    Args:
        reply: The answer.
        outputs: The steps whose results were asked for: of their lists it speaks.
        steps: All steps of the attempt.
        specs: The tools by name.
    """
    tables = [table for step in outputs for table in _tables(step, specs)]
    checks = (
        listed_too_often(reply, steps),
        _miscounted(reply, tables),
        _not_all(reply, tables),
        _turned(reply, tables),
    )
    return next(filter(None, checks), "")


def listed_too_often(reply: str, steps: Sequence[Step]) -> str:
    """A name that one sentence of a reply lists more often than the results hold it, so that some of what is listed
    must be something else: "Skylark, Aurora Air and Skylark" of flights of which one is Skylark's."""
    held = Counter(_names(content for step in steps for content in (step.call.arguments, step.observation.content)))
    for sentence in _SENTENCE.split(reply):
        first, *others = (part.strip(_MARKS) for part in _BETWEEN.split(sentence))
        for name, times in Counter(others).items():
            times += first == name or first.endswith(f" {name}")
            if times > held.get(name, times):
                return f"lists {name} {times} times, where the results hold it {held[name]} times"
    return ""


def _miscounted(reply: str, tables: Sequence[Table]) -> str:
    """A number of things that is not how many there are: "You have two payment cards." of three."""
    for found in _COUNTED.finditer(reply):
        count = _number(f"{found['count']} {found['kind']}{found['noun']}".lower())
        right = [_right_counts(table, words(found["kind"]), words(found["noun"])) for table in tables]
        known = [counts for counts in right if counts]
        if known and count is not None and count not in {*chain.from_iterable(known), sum(map(max, known))}:
            return f"miscounts: {found[0].strip()!r}, where there are {max(known[0])}"
    return ""


def _right_counts(table: Table, kind: Sequence[str], noun: Sequence[str]) -> set[int]:
    """How many there are of a kind; empty where a table has none of these things, or does not tell of the kind."""
    if not noun or words(table.name)[-1:] != tuple(noun):
        return set()
    counts = {texts.count(word) for _, texts in table.values() for word in kind if word in texts}
    if counts:
        return counts
    called = " ".join((*kind, *noun))
    return {len(table.entries)} if not kind or f" {called} " in f" {' '.join(words(table.told))} " else set()


def _not_all(reply: str, tables: Sequence[Table]) -> str:
    """What is said to hold for all and does not: "They are all paid."; and of "they" after each of them was named."""
    before = ""
    for sentence in _SENTENCE.split(reply):
        for found in () if _EXCEPT.search(sentence) else _OF_ALL.finditer(sentence):
            value = next(filter(None, found.groups())).casefold()
            spoken_of = [table for table in tables if not found["they"] or table.all_named(before)]
            columns = [texts for table in spoken_of for _, texts in table.values() if value in texts]
            if columns and not any(set(texts) == {value} for texts in columns):
                return f"says of all what holds for some: {found[0]!r}"
        before = f"{before} {sentence}".casefold()
    return ""


def _turned(reply: str, tables: Sequence[Table]) -> str:
    """A way that is told the wrong way round: "Rome to Oslo" of a flight from Oslo to Rome."""
    for table in tables:
        for begins, ends in table.ways():
            ways = [(str(entry[begins]), str(entry[ends])) for entry in table.entries]
            for start, end in ways:
                turned = re.search(rf"\b{re.escape(end)} to {re.escape(start)}\b", reply)
                if turned and (end, start) not in ways:
                    return f"tells a way the wrong way round: {turned[0]!r}"
    return ""


def _number(phrase: str) -> int | float | None:
    """How many "three paid bookings" are; none where no number is told."""
    counted = (number.value for number in numbers_in(phrase) if number.start == 0)
    return 0 if phrase.startswith("no ") else next(counted, None)


def _tables(step: Step, specs: Mapping[str, ToolSpec]) -> Iterator[Table]:
    """The lists of entries in a result that have a name."""
    spec, content = specs.get(step.call.name), step.observation.content
    for name, value in content.items() if isinstance(content, dict) else ():
        if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
            yield Table(name, spec.description if spec else "", value)


def _names(contents: Iterator[Json]) -> Iterator[str]:
    """The texts in contents that have a letter."""
    for content in contents:
        for _, leaf in leaf_values(content):
            if isinstance(leaf, str) and any(letter.isalpha() for letter in leaf):
                yield leaf.strip(_MARKS)
