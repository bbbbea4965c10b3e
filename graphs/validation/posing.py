"""What answers and thoughts pose as: a refusal, a question to the user, a call that was written instead of made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tools.contents import strings_in
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import labels, words

ASKS_BACK = re.compile(
    r"\b(?:could|can|would|will) you (?:please |kindly )?"
    r"(?:provide|tell me|specify|clarify|confirm|share|give me|let me know)"
    r"|\bplease (?:provide|specify|clarify|confirm|share|tell me|give me|let me know (?:what|which|whether))"
    r"|\b(?:would you like|do you want|shall i|should i|may i)\b(?![^?]*\b(?:another|also|as well|too|else|more)\b)"
    r"[^?]*\b(?:proceed|continue|go ahead|book|order)\b"
    r"|\bi (?:still )?need (?:more|some more|further|additional|your) (?:information|details|input)",
    re.IGNORECASE,
)
CALL_TEXT = re.compile(
    r"</?tool_call|<\|?(?:tool|function|python_tag)|<\uff5ctool|\[TOOL_CALLS\]"
    r"|\"(?:name|tool)\"\s*:\s*\"[^\"]+\"\s*,\s*\"(?:arguments|parameters)\""
)
_REFUSES = re.compile(
    r"\b(?:(?:can(?:no|')t|can\u2019t|cannot|(?:am|'m|\u2019m) (?:not able|unable) to) (?:help|assist|do that|comply)"
    r"|as an? (?:ai|artificial|language|large language)\b[^.]*\b(?:model|assistant|i )|i(?:'m|\u2019m| am) sorry\b"
    r"|i apologi[sz]e\b|i (?:must|have to) (?:decline|refuse))",
    re.IGNORECASE,
)
_TO_THE_USER = re.compile(
    r"\b(?:let me know (?:if|whether|what|which|should)|is there anything else|feel free to|you(?:'|\u2019)?re welcome"
    r"|happy to help|how (?:can|may) i (?:help|assist)|thank you for)\b",
    re.IGNORECASE,
)

# An answer to the form that was asked for, no thought about the request.
_NOTHING_DONE = re.compile(
    r"\bno (?:tools?|calls?|functions?) (?:was|were|has been|have been) (?:called|made|used)\b"
    r"|\bnot done anything yet\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\bmy (?:own )?([a-z]+)\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|(?<!\w)'[^'\n]*'(?!\w)")

_MISSES = re.compile(
    r"\b(?:does|did|do)(?:n't|n\u2019t| not) (?:specify|say|mention|tell|give|include|state|name|provide)\s+"
    r"(?:me )?(?:the |an? |any |which |what )?(?P<what>[\w -]+?)(?=[.,;:!?\n]|$| and\b| or\b| but\b| so\b)",
    re.IGNORECASE,
)


def misses_what_was_said(thought: str, calls: Sequence[Step], tools: Iterable[ToolSpec]) -> Iterator[str]:
    """What a thought misses in the request although the ``calls`` that follow it take it from there: "the request does
    not specify the city"."""
    specs = {tool.name: tool for tool in tools}
    missed = {words(found["what"]): found[0] for found in _MISSES.finditer(thought)}
    for step in calls if missed else ():
        spec = specs.get(step.call.name)
        for name, label in labels(spec).items() if spec else ():
            told = name in step.origins and step.origins[name].kind == "query"
            if told and (found := missed.get(words(label)) or missed.get(words(name))):
                yield f'misses what the request says: "{found}"'


def speaks_as_the_user(text: str, texts: Iterable[str], steps: Iterable[Step]) -> str:
    """What an assistant calls its own that the user has called so in ``texts`` ("I have listed my bookings."); empty
    where nothing is. What it only repeats is somebody else's: what stands in quotation marks, and what the ``steps``
    hold."""
    theirs = {word.lower() for said in texts for word in _OWN.findall(said)}
    if not any(found[1].lower() in theirs for found in _OWN.finditer(text)):
        return ""
    held = (
        leaf
        for step in steps
        for content in (step.call.arguments, step.observation.content)
        for leaf in strings_in(content)
        if _OWN.search(leaf)
    )
    for repeated in held:
        text = text.replace(repeated, "")
    return next((found[0] for found in _OWN.finditer(_QUOTED.sub("", text)) if found[1].lower() in theirs), "")


def thought_poses(thought: str) -> Iterator[str]:
    """What a thought is in place of one: a refusal, words to the user, or a call as text. Of itself it may say much
    ("I cannot book before I know the ID"), so only forms that leave no doubt are named."""
    kinds = (
        ("refuses instead of thinking", _REFUSES),
        ("asks the user instead of thinking", ASKS_BACK),
        ("speaks to the user instead of thinking", _TO_THE_USER),
        ("writes a tool call as text", CALL_TEXT),
        ("tells what was not done instead of thinking", _NOTHING_DONE),
    )
    yield from (f'{what}: "{found[0]}"' for what, pattern in kinds if (found := pattern.search(thought)))
