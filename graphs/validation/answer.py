"""Whether a final answer tells the truth: it invents nothing, tells what was asked for, and owns up to what failed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from graphs.validation.posing import ASKS_BACK, CALL_TEXT, speaks_as_the_user
from graphs.validation.retelling import retold_wrongly
from graphs.validation.telling import SHORTEST_WORD, SUCCESS, silence
from tools.base import Json
from tools.contents import strings_in
from tools.facts import unheld
from tools.free_texts import without_free_texts
from tools.remembered import Remembered
from tools.shown import Shown
from tools.spec import ToolSpec
from tools.trace import Step, succeeded
from tools.wording import words

_GIVES_UP = re.compile(
    r"\bi(?:'m| am| was)? (?:sorry,? (?:but )?i )?(?:can(?:no|')t|cannot|could ?n[o']t|could not|unable to|not able to|"
    r"failed to|was unable to|was not able to|am unable to|am not able to|do not have (?:access|the ability|enough)|"
    r"don't have (?:access|the ability|enough)|lack)\b(?! only)(?P<what>(?: \w+)?)",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:i(?:'ll| will| am going to|'m going to) (?:now|next|first|then|proceed)\b|let me (?:now |first |just )?"
    r"(?:check|look|find|search|get|book|proceed|retrieve|fetch|try|call|use)\b|please (?:wait|hold on)\b)",
    re.IGNORECASE,
)
# What one may say of a search that found nothing.
_NOT_FOUND = frozenset({"find", "see", "locate", "identify", "spot"})
_DENIES = re.compile(
    r"\b(?:not|no|never|failed|fail|fails|error|unable|cannot|without|denied|refused|instead|tried|problem)\b|n't\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
# By the fingerprint of a tool.
_TOOL_WORDS: Remembered[str, tuple[str, ...]] = Remembered(4096)


def shown_to(texts: Iterable[str], tools: Iterable[ToolSpec], steps: Iterable[Step]) -> Shown:
    """All that whoever answers has seen: the ``texts`` that were said, what the tools are for, and calls with what they
    returned, errors included, and how often each was made."""
    said = [*texts]
    for tool in tools:
        said += _TOOL_WORDS.get(tool.fingerprint, partial(_words_of, tool))
    steps = list(steps)
    contents: list[Json] = [[{"tool": step.call.name} for step in steps]]
    for step in steps:
        contents += [step.call.arguments, step.observation.content]
        said += [step.observation.error.message] if step.observation.error else []
    return Shown.of(said, contents, arithmetic=True)


def check_reply(
    reply: str,
    outputs: Sequence[Step],
    steps: Sequence[Step],
    shown: Shown,
    specs: Mapping[str, ToolSpec] | None = None,
) -> str:
    """What is wrong with the final answer of an attempt in which all else is right; empty where nothing is.

    Args:
        reply: The answer.
        outputs: The steps whose results were asked for.
        steps: All steps of the attempt.
        shown: What the attempt has seen, these steps included (``shown_to``).
        specs: The tools by name, whose descriptions tell how people call what they return.
    """
    if not reply.strip():
        return "says nothing"
    checks = (
        *_poses(reply, outputs, steps, shown),
        _invention(reply, shown),
        _hearsay(reply, outputs, shown),
        _boast(reply, steps),
        silence(reply, outputs),
        retold_wrongly(reply, outputs, steps, specs or {}),
    )
    return next(filter(None, checks), "")


def _words_of(tool: ToolSpec) -> tuple[str, ...]:
    """The names and descriptions of a tool, its parameters and the fields of its results."""
    schemas = (text for schema in (tool.parameters, tool.returns) for text in strings_in(schema) if text)
    return (tool.name, tool.description, *schemas)


def _poses(reply: str, outputs: Sequence[Step], steps: Sequence[Step], shown: Shown) -> Iterator[str]:
    """What a reply must not be when everything is done: a question, a refusal, a promise, a call in words."""
    if found := CALL_TEXT.search(reply):
        yield f"writes a tool call as text: {found[0]}"
    if found := ASKS_BACK.search(reply):
        yield f"asks back although all is done: {found[0]}"
    if own := speaks_as_the_user(reply, shown.texts, steps):
        yield f"speaks as if it were the user: {own}"
    if found := _ANNOUNCES.search(reply):
        yield f"announces what is done already: {found[0]}"
    empty = any(_is_empty(step.observation.content) for step in outputs)
    failed = any(step.observation.failed for step in steps)
    for found in _GIVES_UP.finditer(reply):
        honest = failed or (empty and found["what"].strip().lower() in _NOT_FOUND)
        if not honest or (failed and re.match(r"\s*(?:finish|complete|do)\b", found["what"])):
            yield f"claims failure although all is done: {found[0]}"


def _invention(reply: str, shown: Shown) -> str:
    """The facts that nothing has shown."""
    invented = dict.fromkeys(fact.text for fact in unheld(reply, shown))
    return f"invents a fact: {', '.join(invented)}" if invented else ""


def _hearsay(reply: str, outputs: Sequence[Step], shown: Shown) -> str:
    """The facts that only a remark tells, which is no result that was asked for. Whoever wrote it may have meant it to
    be repeated: "lent to Eve Stone instead"."""
    wanted = [step.observation.content for step in outputs]
    plain = (content if content in wanted else without_free_texts(content) for content in shown.contents)
    told = dict.fromkeys(fact.text for fact in unheld(reply, replace(shown, contents=tuple(plain))))
    return f"takes from a remark what no result says: {', '.join(told)}" if told else ""


def _boast(reply: str, steps: Sequence[Step]) -> str:
    """A success that is claimed of a call that failed and was not made again with success."""
    for index, step in enumerate(steps):
        mended = step.call.name in {later.call.name for later in succeeded(steps[index + 1 :])}
        if not step.observation.failed or mended:
            continue
        purpose = [word for word in words(step.call.name) if len(word) >= SHORTEST_WORD]
        for sentence in _SENTENCE.split(reply):
            spoken = words(sentence)
            named = purpose and all(any(word.startswith(part[:5]) for word in spoken) for part in purpose)
            if named and SUCCESS.search(sentence) and not _DENIES.search(sentence):
                return f"claims a success of {step.call.name}, which failed"
    return ""


def _is_empty(content: Json) -> bool:
    """Whether a result holds nothing, or a list in it does."""
    if content in (None, "", [], {}, False):
        return True
    return isinstance(content, dict) and any(item in (None, "", [], {}, False) for item in content.values())
