"""Stops hints that give the answer away: a hint may say what was wrong and where to look, never what is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphs.roles import CritiqueView
from graphs.validation.hint_words import computed_hint
from graphs.validation.sought import Span, says, sought_values
from tools.base import Json
from tools.paths import leaf_values
from tools.provenance import normalised
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words

LEFT_OUT = "(a value to be found)"

# So many words has a hint at least that says something besides what is left out of it.
_FEWEST_WORDS = 4
_SHORTEST_VALUE = 2
_NAMES = re.compile(r"[A-Za-z_]\w*")
_UNNEEDED = re.compile(
    r"\b(?:not|n't) (?:be )?(?:needed|necessary|required|called)\b|\bunnecessary\b"
    r"|\b(?:do not|don't|never) (?:call|use)\b",
    re.IGNORECASE,
)
# A call that is needed may still come too early, or too often.
_ONLY_SO = re.compile(r"\b(?:before|until|unless|without|again|twice|first|yet|with)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def safe_hint(hint: str, view: CritiqueView) -> str:
    """What of a hint may be said: the hint without the values that the solver has to find, or code's own words for the
    findings where that leaves no hint, one that was given before, or one that misleads: it repeats a value that the
    solver made up, or talks the solver out of a call that is needed."""
    mended = without_answers(hint, view.gold, view.query, view.tools)
    said = {normalised(earlier) for earlier in view.earlier_hints}
    misleads = _repeats_made_up(mended, view) or _talks_out_of(mended, view)
    return mended if mended and normalised(mended) not in said and not misleads else computed_hint(view)


def _repeats_made_up(hint: str, view: CritiqueView) -> bool:
    """Whether a hint holds a value of the solver's refused calls that the request does not say: whoever reads it there
    again takes it for right."""
    refused = [step.call.arguments for step in view.attempted if step.refused]
    values = [value for arguments in refused for _, value in leaf_values(arguments)]
    telling = [value for value in values if not isinstance(value, bool) and len(str(value)) >= _SHORTEST_VALUE]
    return any(says(value, hint) and not says(value, view.query) for value in telling)


def _talks_out_of(hint: str, view: CritiqueView) -> bool:
    """Whether a sentence says that a gold call is not needed. That one of its arguments is not, it may say."""
    tools = {step.call.name for step in view.gold}
    specs = {spec.name: spec for spec in view.tools}
    for sentence in _SENTENCE.split(hint):
        for name in tools & set(_NAMES.findall(sentence)):
            arguments = specs[name].properties if name in specs else {}
            about_argument = any(re.search(rf"\b{re.escape(argument)}\b", sentence) for argument in arguments)
            if _UNNEEDED.search(sentence) and not (about_argument or _ONLY_SO.search(sentence)):
                return True
    return False


def hint_problem(hint: str, gold: Sequence[Step], told: str, tools: Sequence[ToolSpec]) -> str:
    """Why a hint must not be given: it spells a gold call out, or says a value of one that ``told``, the text that the
    solver knows, does not say. Empty where it may be given."""
    call = _spelled_out(hint, gold)
    if call is not None:
        return f"The hint spells out the call of {call.call.name}."
    said = hint.replace(LEFT_OUT, " ")
    for sought in sought_values(gold, told, tools):
        if sought.spans(said):
            return f"The hint says the value of {sought.where}, which the solver has to find."
    return ""


def without_answers(hint: str, gold: Sequence[Step], told: str, tools: Sequence[ToolSpec]) -> str:
    """The hint in one line, with ``LEFT_OUT`` for each value that the solver has to find; empty where that is not
    enough: it spells a gold call out, or says little else."""
    hint = _without_brackets(" ".join(hint.split()), gold)
    if _spelled_out(hint, gold):
        return ""
    spans = [span for sought in sought_values(gold, told, tools) for span in sought.spans(hint)]
    mended = _replaced(hint, spans)
    little = len(re.findall(r"[^\W\d_]+", mended.replace(LEFT_OUT, " "))) < _FEWEST_WORDS
    return "" if little or hint_problem(mended, gold, told, tools) else mended


def _replaced(text: str, spans: Sequence[Span]) -> str:
    """The text with each span, or what overlapping ones cover, left out."""
    parts, position = [], 0
    for start, end in _merged(spans):
        parts += [text[position:start], LEFT_OUT]
        position = end
    return "".join([*parts, text[position:]])


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without_brackets(hint: str, gold: Sequence[Step]) -> str:
    """``list_items()``, which many write for the tool's name, is the name."""
    for name in sorted({step.call.name for step in gold}):
        hint = re.sub(rf"(?<!\w){re.escape(name)}\(\s*\)", name, hint)
    return hint


def _spelled_out(hint: str, gold: Sequence[Step]) -> Step | None:
    """The first gold call that a hint holds as a whole: written as a call or as JSON, or its tool's name in one
    sentence with all its values."""
    for step in gold:
        values = list(_values(step))
        for part in (*_written_calls(hint, step.call.name), *(_sentences(hint, step.call.name) if values else ())):
            if all(says(value, part) for value in values):
                return step
    return None


def _values(step: Step) -> Iterator[Json]:
    for _, leaf in leaf_values(step.call.arguments):
        if leaf is not None and leaf != "":
            yield leaf


def _written_calls(hint: str, name: str) -> Iterator[str]:
    """What follows a tool's name where it is written as a call, and all where it is the name in a JSON object."""
    quote, plain = "[\"'`]", re.escape(name)
    for found in re.finditer(rf"(?<!\w){plain}{quote}?\s*\(", hint):
        yield hint[found.start() :]
    if re.search(rf"{quote}(?:name|tool|function){quote}\s*:\s*{quote}{plain}{quote}", hint):
        yield hint


def _sentences(hint: str, name: str) -> Iterator[str]:
    """The sentences that name a tool, as it is called or in its words."""
    spelled = r"[\W_]*".join(re.escape(word) for word in re.split(r"[\W_]+", _CAMEL.sub("_", name)) if word)
    pattern = re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE)
    yield from (sentence for sentence in _SENTENCE.split(hint) if words(name) and pattern.search(sentence))
