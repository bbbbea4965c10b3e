"""Free text as people write it: messages, comments, titles and the like, about what a turn is about."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from tools.base import JsonObject
from tools.paths import json_type
from tools.text_templates import ABOUT, GENERAL, TO
from tools.wording import words

LONGEST_TEXT = 100
_KINDS = {
    **dict.fromkeys(("message", "body", "text", "content"), "message"),
    **dict.fromkeys(("comment", "reply"), "comment"),
    **dict.fromkeys(("tweet", "post", "caption"), "post"),
    "subject": "subject",
    **dict.fromkeys(("title", "headline", "summary"), "title"),
    **dict.fromkeys(("description", "detail"), "description"),
    "resolution": "resolution",
    **dict.fromkeys(("note", "memo", "remark", "reminder"), "note"),
    **dict.fromkeys(("review", "feedback"), "review"),
    "reason": "reason",
    "tag": "tag",
}
# Where the last word of a parameter's name leaves open what a text is for, the other words around it tell.
_CLOSER = {
    "message": (
        *(("comment", "comment"), ("tweet", "post"), ("post", "post"), ("support", "support"), ("log", "note")),
        *(("file", "file_text"), ("echo", "file_text"), ("document", "file_text"), ("note", "note")),
    ),
    "title": (("event", "event_title"), ("meeting", "event_title"), ("appointment", "event_title")),
}


def text_kind(tool: str, name: str, schema: JsonObject) -> str | None:
    """Which kind of free text a parameter takes, or None where it takes something else."""
    inner = schema.get("items", {}) if json_type(schema) == "array" else schema
    if json_type(inner) != "string" or {"enum", "pattern", "format"}.intersection(inner):
        return None
    own = words(name)
    kind = _KINDS.get(own[-1]) if own else None
    if kind is None:
        return None
    around = {*words(tool), *own}
    return next((closer for word, closer in _CLOSER.get(kind, ()) if word in around), kind)


def written(
    kind: str, about: Iterable[tuple[str, str]], addressee: str | None, rng: random.Random, count: int = 6
) -> list[str]:
    """Texts of a kind about names (each with what it names), those about the first name first.

    ``addressee`` is the person whom the text goes to; it is greeted, not spoken of. Without a name that the kind has
    something to say about, there are none.
    """
    greeting = f"Hi {addressee.split()[0]}, " if addressee and kind in TO else ""
    found: list[str] = []
    for name, named in about:
        if name == addressee:
            continue
        templates = list(ABOUT.get(kind, {}).get(named, ()))
        rng.shuffle(templates)
        found += [_greeted(greeting, template.format(name)) for template in templates]
    if greeting and not found:
        found = [_greeted(greeting, text) for text in _shuffled(TO[kind], rng)]
    return [text for text in found if len(text) <= LONGEST_TEXT][:count]


def general(kind: str, rng: random.Random) -> list[str]:
    """Texts of a kind about nothing in particular."""
    return _shuffled(GENERAL[kind], rng)


def tag_of(name: str) -> str:
    """A name as a tag: "Crescent Hollow" is #CrescentHollow."""
    return "#" + "".join(part[0].upper() + part[1:] for part in name.split())


def _greeted(greeting: str, text: str) -> str:
    """A text after a greeting, where its first word is written small unless it is a name or "I"."""
    if not greeting:
        return text
    small = text.split(maxsplit=1)[0] in _SENTENCE_STARTS
    return greeting + (text[0].lower() + text[1:] if small else text)


def _shuffled(texts: Sequence[str], rng: random.Random) -> list[str]:
    mixed = list(texts)
    rng.shuffle(mixed)
    return mixed


def _starts(tables: Mapping[str, Mapping[str, Sequence[str]]]) -> frozenset[str]:
    firsts = {text.split(maxsplit=1)[0] for table in tables.values() for texts in table.values() for text in texts}
    firsts |= {text.split(maxsplit=1)[0] for texts in TO.values() for text in texts}
    return frozenset(word for word in firsts if "{" not in word and word not in ("I", "I'm"))


_SENTENCE_STARTS = _starts(ABOUT)
