"""Whether a query is something that a person would say: no names out of code, no gaps, no talk about machinery."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from graphs.validation.own_words import own_words
from graphs.validation.problem import Problem
from tools.advanced import AdvancedTool
from tools.speaker import as_the_user_says
from tools.spec import ToolSpec
from tools.wording import labels

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_KINDS = "tool|function|api|endpoint|method|command"
_GAP = re.compile(
    r"\[[A-Za-z][^\]\n\"]{0,40}\]|\{\{?\s*[A-Za-z][^{}\n\":]{0,40}\}\}?|<[A-Za-z][^<>\n\"=]{0,40}>|_{3,}|\b[Xx]{3,}\b"
)
_CODE = re.compile(r"\"\w+\"\s*:|\{\s*\"|```|</?\w+>|\w\(\s*\w+\s*=")
_MACHINERY = re.compile(
    r"\bas an ai\b|\ban ai (?:model|assistant)\b|\blanguage model\b|\bhints?\b|\bground truth\b"
    r"|\b(?:advanced|available|provided|following|right|appropriate|your|these|which|any) (?:tools?|functions?)\b"
    r"|\b(?:tool|function|api) calls?\b|\bcall(?:ing)? the \w+ (?:tool|function|api)\b|\bapis?\b"
    r"|\b(?:here is|here's) (?:the|a|your) (?:query|request|draft)\b|\bi (?:can't|cannot|can not|am unable to) "
    r"(?:help|assist|comply)\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\bthe (?:specified|given|provided|aforementioned|respective) \w+", re.IGNORECASE)
_TWICE = re.compile(r"\bplease\b[^.?!\n]*,? please\s*(?:[.?!]|$)", re.IGNORECASE)
_MANNER = "query is not what a person says"


def unlike_a_person(text: str, tool: AdvancedTool, specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    """What in a text no person would say in a chat; the values of its inputs may be anything."""
    own = own_words(text, tool)
    yield from _said_like_code(own, tool, specs)
    if template := _TEMPLATE.search(own):
        told = f"The query leaves open what it means: {template.group()!r}. Say it in the words of the person."
        yield Problem(reason=_MANNER, text=told)
    if _TWICE.search(own):
        yield Problem(reason=_MANNER, text="The query says please twice in one sentence. Once is enough.")
    said = own_words(text, tool, tasks=True)
    covered = [specs[name] for name in tool.covered if name in specs]
    others = (*(item.label for item in tool.inputs), *(label for spec in covered for label in labels(spec).values()))
    spoken = as_the_user_says(said, others)
    if spoken != said:
        told = f"The person speaks of themselves as of somebody else. Write it so: {spoken}"
        yield Problem(reason=_MANNER, text=told)


def _said_like_code(own: str, tool: AdvancedTool, specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    yield from _names(own, specs)
    if gap := _GAP.search(own):
        yield Problem(reason=_MANNER, text=f"The query has a gap where a value should stand: {gap.group()}")
    if code := _CODE.search(own):
        yield Problem(reason=_MANNER, text=f"The query holds code: {code.group()}")
    told = " ".join(specs[name].description for name in tool.covered if name in specs).casefold()
    for match in _MACHINERY.finditer(own.replace("\u2019", "'")):
        if match.group().casefold() not in told:
            yield Problem(reason=_MANNER, text=f"The query talks about machinery: {match.group()!r}")
            return


def _names(text: str, specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    reason = "query names a tool"
    for name, spec in specs.items():
        if _called(name, text):
            yield Problem(reason=reason, text=f"The query names the tool {name}.")
        for parameter in spec.properties:
            if _identifier(parameter, text):
                yield Problem(reason=reason, text=f"The query names the parameter {parameter}.")


def _called(name: str, text: str) -> bool:
    """Whether a text names a tool: as code writes it, or in words as a tool."""
    if _lacks(text, _split(name)):
        return False
    return _identifier(name, text) or _spoken(name).search(text) is not None


@lru_cache(maxsize=4096)
def _spoken(name: str) -> re.Pattern[str]:
    """A tool's name in words, called a tool."""
    spoken = r"[\s_.-]*".join(_split(name))
    quoted = rf"[`'\"*]*{spoken}[`'\"*]*"
    pattern = rf"(?<!\w){quoted}\s+(?:{_KINDS})\b|\b(?:{_KINDS})\s+(?:called\s+|named\s+)?{quoted}(?!\w)"
    return re.compile(pattern, re.IGNORECASE)


def _identifier(name: str, text: str) -> bool:
    """Whether a text has a name of several words as code joins them: ``get_zipcode``, ``getZipcode``, ``GetZipcode``,
    and of three words or more also ``get-zip-code``; names of one word are words like any other."""
    parts = _split(name)
    if len(parts) < 2 or _lacks(text, parts):
        return False
    return any(pattern.search(text) for pattern in _joined(name))


@lru_cache(maxsize=4096)
def _joined(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A name of several words with marks between them, and with capitals for marks."""
    parts = _split(name)
    marks = "[_.-]" if len(parts) > 2 else "[_.]"  # "check-in" is a word
    titled = [part.title() for part in parts]
    joined = "".join(titled[1:])
    return (
        re.compile(rf"(?<![\w]){marks.join(parts)}(?!\w)", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?:{parts[0].lower()}|{titled[0]}){joined}(?!\w)"),
    )


def _lacks(text: str, parts: tuple[str, ...]) -> bool:
    """Whether a text surely does not hold all parts of a name, which is the rule; other letters have more forms than
    two."""
    if not text.isascii():
        return False
    lower = text.lower()
    return any(part.isalnum() and part not in lower for part in parts)


@lru_cache(maxsize=4096)
def _split(name: str) -> tuple[str, ...]:
    return tuple(part.lower() for part in _PARTS.findall(name)) or (re.escape(name),)
