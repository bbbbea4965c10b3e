"""Tells values from prose in the result of a call: a name, a price or an address from a remark that somebody wrote."""

from __future__ import annotations

import re

from tools.base import Json

# A name or an address has no more words than this.
_MOST_WORDS = 8
# What ends like a sentence is one from so many words on.
_SHORTEST_SENTENCE = 4
_ENDS = re.compile(r"[.!?][\"')\u201d\u2019]*$")


def is_free_text(text: str) -> bool:
    """Whether a text is prose: several lines, many words, or a sentence."""
    plain = text.strip()
    size = len(plain.split())
    return "\n" in plain or size > _MOST_WORDS or (size >= _SHORTEST_SENTENCE and _ENDS.search(plain) is not None)


def without_free_texts(content: Json) -> Json:
    """A result with an empty text in the place of each that is prose; keys stay as they are."""
    if isinstance(content, dict):
        return {key: without_free_texts(item) for key, item in content.items()}
    if isinstance(content, list):
        return [without_free_texts(item) for item in content]
    return "" if isinstance(content, str) and is_free_text(content) else content
