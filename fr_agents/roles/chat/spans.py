"""Finds the words of a query that say an input or ask for a task, where a model copied them carelessly."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.advanced import AdvancedInput
from tools.base import Json
from tools.paths import leaf_values
from tools.provenance import normalised, said_in
from tools.wording import words

_REFERENCES = "the|that|this|those|these|my|our|same|its"
_UNTELLING = frozenset({"id", "identifier", "number", "code", "name", "key", "token"})
_STEM = 4
_LONGEST_NUMBER = 40


def input_span(item: AdvancedInput, given: str, query: str) -> str:
    """The words of ``query`` that say ``item``: those given if they do, else the value's own, else a reference to it.

    Where nothing is found, the words given come back as they are.
    """
    stands = bool(given.strip()) and normalised(given) in normalised(query)
    if not item.verbatim:
        return given if stands else (_reference(item, query) if item.earlier else "") or given
    values = [leaf for _, leaf in leaf_values(item.value) if leaf is not None]
    if stands and all(said_in(value, given) for value in values):
        return given
    return _stretch(values, query) or given


def task_span(task: str, given: str, query: str) -> str:
    """The words of ``query`` that ask for ``task``: those given if they stand there, else the clause most like it."""
    if given.strip() and normalised(given) in normalised(query):
        return given
    clauses = [clause for clause in re.split(r"(?<=[.!?;,])\s+|\s+and\s+", query) if clause.strip()]
    best = max(clauses, key=lambda clause: len(_stems(clause) & _stems(task)), default="")
    return best if _stems(best) & _stems(task) else given


def _stretch(values: list[Json], query: str) -> str:
    """The stretch of the query that says all of the values, or an empty text where one is missing."""
    places = [next(_places(value, query), None) for value in values]
    found = [place for place in places if place is not None]
    if not found or len(found) < len(places):
        return ""
    return query[min(start for start, _ in found) : max(end for _, end in found)]


def _places(value: Json, query: str) -> Iterator[tuple[int, int]]:
    """Where the query says a scalar, as a word of its own."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        pattern = rf"(?<![\w.])-?\d[\d,]{{0,{_LONGEST_NUMBER}}}(?:\.\d+)?"
    else:
        parts = (re.escape(part) for part in normalised(value).split())
        pattern = r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)"
    for match in re.finditer(pattern, query, re.IGNORECASE):
        if said_in(value, match.group()):
            yield match.span()


def _reference(item: AdvancedInput, query: str) -> str:
    """Words such as "that booking" for an input labelled "booking ID", or an empty text."""
    for noun in [word for word in words(item.label) if word not in _UNTELLING][::-1]:
        if match := re.search(rf"\b(?:{_REFERENCES})\s+(?:\w+\s+){{0,2}}?{re.escape(noun)}\w*", query, re.IGNORECASE):
            return match.group()
    return ""


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in words(text) if len(word) >= _STEM - 1}
