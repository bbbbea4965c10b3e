"""Whether a final answer tells something of each result that was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.base import Json, is_number
from tools.fact import facts_in
from tools.paths import leaf_values
from tools.shown import Shown
from tools.trace import Step
from tools.wording import words

SUCCESS = re.compile(
    r"\b(?:done|success\w*|completed?|has been|have been|was|were|is now|are now|i(?:'ve| have)|\w+ed)\b", re.I
)
# The same of verbs that do not end in "ed", and in other words.
_DONE = re.compile(
    r"\b(?:(?:is|are|all|now) set|sent|bought|paid|lent|sold|put|made|taken|took|given|gave|kept|written|wrote|begun"
    r"|began|held|cut|shut|left|got|gone|built|spent|ready|on (?:its|their|the) way|good to go|all good|in place)\b",
    re.IGNORECASE,
)
SHORTEST_WORD = 4
_COUNTED = ("zero no none", "one a single", "two both", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def silence(reply: str, outputs: Sequence[Step]) -> str:
    """A result that was asked for and of which the reply tells nothing."""
    for step in outputs:
        plain = _without_arguments(reply, step)
        told, spoken = Shown.of([plain], []), frozenset(words(reply))
        if step.changed_state:
            if not _tells_of_doing(reply, step, told, spoken):
                return f"tells nothing of what {step.call.name} did"
            continue
        known = {str(leaf) for _, leaf in leaf_values(step.call.arguments)}
        leaves = [leaf for _, leaf in leaf_values(step.observation.content) if str(leaf) not in known]
        tellable = [leaf for leaf in leaves if _tellable(leaf)]
        counted = _counts_words(step.observation.content).intersection(words(plain))
        if tellable and not counted and not any(_tells(told, spoken, leaf) for leaf in tellable):
            return f"tells nothing of what {step.call.name} returned"
    return ""


def _without_arguments(reply: str, step: Step) -> str:
    """A reply without what was asked by: in "the flights of 2026-11-23" 11 is not how many seats are left."""
    if step.changed_state:
        return reply
    said = sorted({str(leaf) for _, leaf in leaf_values(step.call.arguments)} - {""}, key=len, reverse=True)
    return re.sub("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in said), " ", reply) if said else reply


def _tells_of_doing(reply: str, step: Step, told: Shown, spoken: frozenset[str]) -> bool:
    """Of what was done it is enough to say so, or to say with what, for what, or what came of it."""
    if SUCCESS.search(reply) or _DONE.search(reply) or spoken.intersection(words(step.call.name)):
        return True
    leaves = [leaf for content in (step.call.arguments, step.observation.content) for _, leaf in leaf_values(content)]
    return any(_tells(told, spoken, leaf) for leaf in leaves if _tellable(leaf))


def _tellable(leaf: Json) -> bool:
    return is_number(leaf) or (isinstance(leaf, str) and bool(leaf.strip()))


def _tells(told: Shown, spoken: frozenset[str], leaf: Json) -> bool:
    """Whether a reply has a value in it: as it is, in other words or digits, or a word of a longer text."""
    if told.says(leaf):
        return True
    facts = facts_in(f"it {leaf}")
    if facts and any(told.holds(fact) for fact in facts):
        return True
    if is_number(leaf):
        return any(Shown.of([], [leaf]).holds(fact) for text in told.texts for fact in facts_in(text))
    long = [word for word in words(leaf) if len(word) >= SHORTEST_WORD]
    return any(word in spoken for word in long)


def _counts_words(content: Json) -> frozenset[str]:
    """The words that tell how long the lists in a content are, in figures and letters."""
    tables = [content] if isinstance(content, list) else list(content.values()) if isinstance(content, dict) else []
    sizes = [len(table) for table in tables if isinstance(table, list)]
    lettered = [word for size in sizes if size < len(_COUNTED) for word in _COUNTED[size].split()]
    return frozenset([*map(str, sizes), *lettered])
