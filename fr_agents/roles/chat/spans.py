"""Finds the words of a query that say an input or ask for a task, where a model copied them carelessly."""

from __future__ import annotations

import re

from tools.advanced import AdvancedInput
from tools.paths import leaf_values
from tools.saying import normalised, said_in, where_said
from tools.wording import words

_REFERENCES = "the|that|this|those|these|my|our|same|its"
_UNTELLING = frozenset({"id", "identifier", "number", "code", "name", "key", "token"})
_STEM = 4
# How people say which end of a scale they mean, by the word for it in a signature.
_EXTREMES = {
    "lowest": "lowest|cheapest|least|smallest|minimum|fewest|shortest|earliest|soonest|slowest|closest|nearest",
    "highest": "highest|most|largest|biggest|maximum|longest|latest|greatest|furthest|farthest|best|top|dearest",
}


def input_span(item: AdvancedInput, given: str, query: str) -> str:
    """The words of ``query`` that say ``item``: those given if they do, else the value's own, else a reference to it.

    Where nothing is found, the words given come back as they are.
    """
    stands = bool(given.strip()) and normalised(given) in normalised(query)
    if not item.verbatim:
        return given if stands else _circumscribed(item, query) or given
    values = [leaf for _, leaf in leaf_values(item.value) if leaf is not None]
    if stands and all(said_in(value, given) for value in values):
        return given
    place = where_said(values, query)
    return query[slice(*place)] if place else given


def task_span(task: str, given: str, query: str) -> str:
    """The words of ``query`` that ask for ``task``: those given if they stand there, else the clause most like it."""
    if given.strip() and normalised(given) in normalised(query):
        return given
    clauses = [clause for clause in re.split(r"(?<=[.!?;,])\s+|\s+and\s+", query) if clause.strip()]
    best = max(clauses, key=lambda clause: len(_stems(clause) & _stems(task)), default="")
    return best if _stems(best) & _stems(task) else given


def _circumscribed(item: AdvancedInput, query: str) -> str:
    """The words that mean an input without its value: a reference to it, an extreme, or what it is called."""
    if item.earlier:
        return _reference(item, query)
    extremes = _EXTREMES.get(str(item.value))
    if extremes is None:
        return next((word for word in words(item.label) if re.search(rf"\b{re.escape(word)}", query, re.I)), "")
    found = re.search(rf"\b(?:{extremes})\b(?:\s+\w+)?", query, re.IGNORECASE)
    return found.group() if found else ""


def _reference(item: AdvancedInput, query: str) -> str:
    """Words such as "that booking" for an input labelled "booking ID", or an empty text."""
    for noun in [word for word in words(item.label) if word not in _UNTELLING][::-1]:
        if match := re.search(rf"\b(?:{_REFERENCES})\s+(?:\w+\s+){{0,2}}?{re.escape(noun)}\w*", query, re.IGNORECASE):
            return match.group()
    return ""


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in words(text) if len(word) >= _STEM - 1}
