"""What answers and thoughts pose as: a refusal, a question to the user, a call that was written instead of made."""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def thought_poses(thought: str) -> Iterator[str]:
    """What a thought is in place of one: a refusal, words to the user, or a call as text. Of itself it may say much
    ("I cannot book before I know the ID"), so only forms that leave no doubt are named."""
    kinds = (
        ("refuses instead of thinking", _REFUSES),
        ("asks the user instead of thinking", ASKS_BACK),
        ("speaks to the user instead of thinking", _TO_THE_USER),
        ("writes a tool call as text", CALL_TEXT),
    )
    yield from (f'{what}: "{found[0]}"' for what, pattern in kinds if (found := pattern.search(thought)))
