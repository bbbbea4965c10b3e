"""Whether a query tells how to do what it asks for: a hard query says the goal and leaves the look-ups implicit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphs.validation.own_words import own_words
from graphs.validation.problem import Problem
from tools.advanced import AdvancedTool, Sink
from tools.paths import schema_leaves
from tools.schema_path import schema_at
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import label, singular, words

REASON = "query lists a step"


def _set_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOOKS = re.compile(
    r"\b(?:look(?:ing)?(?= (?:\S+ ){1,6}up\b)|look(?:ing)? (?:up|for)|find(?:ing)?(?: out)?|get(?:ting)?"
    r"|retriev(?:e|ing)|check(?:ing)?|determin(?:e|ing)|fetch(?:ing)?|search(?:ing)?(?: for)?|figur(?:e|ing) out"
    r"|obtain(?:ing)?|identify(?:ing)?|locat(?:e|ing)|pull(?:ing)? up|work(?:ing)? out|query(?:ing)?"
    r"|list(?:ing)?|read(?:ing)?)\b(?!-)",
    re.IGNORECASE,
)
# Somebody who finds out where, when or what something is does so for the sake of what comes after.
_FINDS_OUT = re.compile(
    r"\b(?:find(?:ing)? out|figur(?:e|ing) out|determin(?:e|ing)|work(?:ing)? out|check(?:ing)?|look(?:ing)? up|see)\s+"
    r"(?P<clause>(?:where|when|who|whose|which|what|whether|how)\b[^.,;:!?\n]*)",
    re.IGNORECASE,
)
_OF_WHAT = re.compile(
    r"\b(?:ids?|identifiers?)\s+(?:of|for)\s+(?:(?:the|an?|my|your|our|his|her|their|this|that|each|both)\s+)*"
    r"(?P<what>[^\W\d_][\w-]*|(?=\"\"))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\bstep (?:\d|one\b)|(?:^|\n)\s*1[.)]\s[^\n]*\n\s*2[.)]\s", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_][\w'\u2019-]*|\d+|[^\w\s]")
# What is left of "Rivermist's" where the value was taken out.
_WHOSE = re.compile(r"\"\"['\u2019]s?")
_LONGEST_PHRASE = 14
# Words that may stand before the noun that is looked up, or after it, without being part of it.
_PASSED_OVER = _set_of(
    """a all also an any both correct corresponding current currently each every exact first he her him his i it its
    just kindly many matching me my needed necessary new now our own please proper relevant respective right same
    specific that the their them then these they this those two us we what which whose you your"""
)
_ENDS = _set_of(
    """about after against are around as at based be because before belongs between but by can could do does for from
    given had has have if in inside into is near of off on onto once or over should since so than through to under
    until using via was were when where while who will with within without would"""
)
_ADVICE = "Leave that to the assistant, and say only what is wanted in the end."
_UNTELLING = _set_of(
    """code data detail details id identifier info information key list name number record result status token value
    history"""
)
_IDENTIFIERS = frozenset({"id", "identifier"})


@dataclass(frozen=True)
class _Nouns:
    """What people call something that a tool returns, as words; ``identified`` where it is an identifier, and ``whose``
    the words for what has an identifier that a task gives."""

    phrases: frozenset[tuple[str, ...]]
    identified: bool = False
    whose: frozenset[str] = frozenset()


def told_steps(
    text: str, tool: AdvancedTool, steps: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> Iterator[Problem]:
    """The look-ups among ``steps`` that the text asks for although they are no tasks: a verb of looking something up,
    before the noun of what such a call returns and no task is about."""
    if _NUMBERED.search(text):
        yield Problem(reason=REASON, text="The query numbers its steps. Say only what is wanted in the end.")
    asked = _asked(tool.sinks)
    sinks = {sink.call_id for sink in tool.sinks}
    lookups = [step for step in steps if step.call.id not in sinks and step.call.name in specs]
    own = _OF_WHAT.sub(_whose_id, own_words(text, tool))
    told = [(match.group(), noun) for match in _LOOKS.finditer(own) for noun in _objects(own[match.end() :])]
    clause = _found_out(own, tool, specs) if lookups else ""
    if clause:
        yield Problem(reason=REASON, text=f"The query tells a step ({clause!r}). {_ADVICE}")
    for step in lookups:
        nouns = _nouns(step, steps, specs, asked, _given_ids(tool.sinks))
        for verb, noun in told:
            if _means(noun, nouns, asked):
                words_said = f"{verb} ... {' '.join(noun)}"
                yield Problem(reason=REASON, text=f"The query tells a step ({words_said!r}). {_ADVICE}")


def _whose_id(found: re.Match[str]) -> str:
    """ "ID of the member" with the nouns in the order of "member ID"; of something that goes by a name, "thing ID"."""
    return f"{found['what'] or 'thing'} ID "


def _found_out(own: str, tool: AdvancedTool, specs: Mapping[str, ToolSpec]) -> str:
    """The words that ask to find out where or what something is, where every task is to do something and none of them
    tells that."""
    if any(specs[sink.tool].effect == "read" for sink in tool.sinks if sink.tool in specs):
        return ""
    given = {word for sink in tool.sinks for leaf in schema_leaves(sink.outputs) for word in words(leaf.name)}
    clauses = (found for found in _FINDS_OUT.finditer(own) if not given.intersection(words(found["clause"])))
    return next((found.group() for found in clauses), "")


def _means(noun: tuple[str, ...], nouns: _Nouns, asked: frozenset[str]) -> bool:
    """Whether the last words of a phrase are one of the nouns; "zip code" is "zipcode", and the number of a customer is
    no more than the customer."""
    if nouns.identified and noun[-1] in _IDENTIFIERS:
        return not nouns.whose or (len(noun) > 1 and not nouns.whose.intersection(noun))
    heads = [noun]
    while len(heads[-1]) > 1 and heads[-1][-1] in _UNTELLING - asked:
        heads.append(heads[-1][:-1])
    tails = {"".join(head[index:]) for head in heads for index in range(len(head))}
    return any("".join(phrase) in tails for phrase in nouns.phrases)


def _objects(rest: str) -> Iterator[tuple[str, ...]]:
    """The noun phrases right after a verb, in the singular, whatever is said of them left out; names are no nouns."""
    phrase: list[str] = []
    for token in _TOKEN.findall(_WHOSE.sub("their", rest))[:_LONGEST_PHRASE]:
        word = token.lower().replace("\u2019", "'")
        if word.endswith(("'s", "s'")):
            phrase.clear()
        elif word == "and" and len(phrase) <= 1:
            yield from _whole(phrase)
            phrase.clear()
        elif word in _PASSED_OVER or (token[0].isupper() and not token.isupper() and not phrase):
            continue
        elif word in _ENDS or word == "and" or not token[0].isalpha() or (token[0].isupper() and not token.isupper()):
            break
        else:
            phrase.append(singular(word))
    yield from _whole(phrase)


def _whole(phrase: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if phrase:
        yield tuple(phrase)


def _asked(sinks: Sequence[Sink]) -> frozenset[str]:
    """The words of what the tasks themselves are about: the tools' names, their outputs, and what they do."""
    found: set[str] = set()
    for sink in sinks:
        outputs = [word for leaf in schema_leaves(sink.outputs) for word in words(leaf.name)]
        head = re.split(r"\s(?:of|for|in|on|by|with|from|between|to|using)\s", sink.task, maxsplit=1)[0]
        found.update(words(sink.tool), outputs, words(head), ("".join(words(sink.tool)[1:]),))
        found.update("".join(words(leaf.name)) for leaf in schema_leaves(sink.outputs))
    return frozenset(found)


def _given_ids(sinks: Sequence[Sink]) -> frozenset[str]:
    """The words for what has an identifier that a task gives or is about: those of "loan_id", or of the tool."""
    found: set[str] = set()
    for sink in sinks:
        names = [words(leaf.name) for leaf in schema_leaves(sink.outputs)]
        for name in (*names, words(sink.tool)):
            if _IDENTIFIERS.intersection(name):
                found.update(name if len(name) > 1 else words(sink.tool))
    return frozenset(found - _IDENTIFIERS)


def _nouns(
    step: Step, steps: Sequence[Step], specs: Mapping[str, ToolSpec], asked: frozenset[str], whose: frozenset[str]
) -> _Nouns:
    """What a look-up is for: the things that its tool is named after, and the fields that later calls take from it."""
    spec = specs[step.call.name]
    phrases = [words(spec.name.split("_by_", 1)[0])[1:]]
    for path in _used_paths(step, steps):
        name = next((key for key in reversed(path.split(".")) if key not in ("*", "@key") and not key.isdecimal()), "")
        told = label(name, schema_at(spec.returns, path)).split(" of ", 1)[0]
        phrases += [words(name), words(told)]
    identified = any(phrase[-1:] == ("id",) for phrase in phrases)
    shorter = [phrase[:-1] for phrase in phrases if phrase[-1:] and phrase[-1] in _UNTELLING]
    last = [phrase[-1:] for phrase in (*phrases, *shorter)]
    telling = {phrase for phrase in (*phrases, *shorter, *last) if phrase and not _UNTELLING.issuperset(phrase)}
    return _Nouns(frozenset(item for item in telling if not asked.issuperset(item)), identified, whose)


def _used_paths(step: Step, steps: Sequence[Step]) -> Iterator[str]:
    """Where in a call's result the values stand that other calls take from it."""
    for other in steps:
        for origin in other.origins.values():
            yield from (part.path for part in origin.observed if part.source == step.call.id and part.path)
