"""What a query says of its own accord: without the values that it has to say, and without its tasks word for word."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from graphs.roles import QueryDraft
from tools.advanced import AdvancedTool
from tools.base import Json
from tools.paths import leaf_values

# Ends a phrase, as the words that stood there did.
_BLANK = '""'
_SHORTEST = 3
_WORDY = 3


def own_words(text: str, tool: AdvancedTool, *, tasks: bool = False) -> str:
    """The text with a pair of quotation marks for each value of an input, and for each task or long label that it
    copies. What stands in there is the user's business: a message may hold code, and a file may be called like a tool.
    With ``tasks`` those stay.
    """
    given = [part for item in tool.inputs if item.verbatim and not item.earlier for part in _texts(item.value)]
    copied = [] if tasks else [sink.task for sink in tool.sinks]
    copied += [item.label for item in tool.inputs if len(item.label.split()) >= _WORDY]
    for part in sorted({*given, *copied}, key=lambda part: (-len(part), part)):
        text = _place(part).sub(_BLANK, text)
    return text


def located(draft: QueryDraft) -> QueryDraft:
    """The draft with the exact place of each mention: ``span`` as the text has it, and ``start``. Mentions of the same
    words take one place after the other, as far as there are several; one that stands nowhere is left out."""
    taken: set[int] = set()
    found: dict[str, tuple[tuple[str, str, int], ...]] = {}
    for field in ("mentions", "sinks"):
        places = []
        for mention in getattr(draft, field):
            start, span = _found(mention.span, mention.start, draft.text, taken)
            if span:
                places.append((mention.of, span, start))
                taken.add(start)
        found[field] = tuple(places)
        taken.clear()
    made = {name: [{"of": of, "span": span, "start": at} for of, span, at in rows] for name, rows in found.items()}
    return QueryDraft.model_validate({"text": draft.text, **made})


def _found(span: str, start: int, text: str, taken: set[int]) -> tuple[int, str]:
    """Where the words stand, and as what; an empty text where they stand nowhere."""
    if start >= 0 and span and text[start : start + len(span)] == span:
        return start, span
    if not span.strip():
        return -1, ""
    places = list(_place(span.strip()).finditer(text))
    if not places:
        return -1, ""
    best = next((match for match in places if match.start() not in taken), places[0])
    return best.start(), best.group()


@lru_cache(maxsize=4096)
def _place(words: str) -> re.Pattern[str]:
    """Where words stand, in any case and with any spaces between them, as words of their own."""
    parts = r"\s+".join(re.escape(part) for part in words.split())
    begins = r"(?<!\w)" if words.strip()[:1].isalnum() else ""
    ends = r"(?!\w)" if words.strip()[-1:].isalnum() else ""
    return re.compile(f"{begins}{parts}{ends}", re.IGNORECASE)


def _texts(value: Json) -> list[str]:
    """The texts of a value, and how an object is written down."""
    found = [leaf for _, leaf in leaf_values(value) if isinstance(leaf, str) and len(leaf.strip()) >= _SHORTEST]
    return [json.dumps(value), *found] if isinstance(value, dict) else found
