"""Reads requests in the language of ``phrases``: a recursive descent over its tokens."""

from __future__ import annotations

import json
import re

from fr_agents.roles.offline.openers import FUSED, FUSED_IN_ANY_ORDER, opening_words
from fr_agents.roles.offline.phrases import Slot, TaskPhrase, Token, tokens
from tools.base import Json
from tools.origin import Selector

_OPENERS = opening_words()
_FUSED = "|".join(re.escape(joint) for joint in (FUSED, FUSED_IN_ANY_ORDER))
_EXTREMES = {"lowest": "min", "highest": "max"}


def read_request(text: str) -> tuple[TaskPhrase, ...]:
    """The tasks of a request in their order; a sentence that cannot be read is a task without slots."""
    tasks = []
    for plain in (clause for sentence in _sentences(text) for clause in _clauses(sentence)):
        while _OPENERS.match(plain):
            plain = _OPENERS.sub("", plain, count=1)
        task, using, rest = plain.partition(", using ")
        slots = _Reader(tokens(rest)).slots() if using else ()
        tasks.append(TaskPhrase(text=task, slots=slots))
    return tuple(tasks)


def _sentences(text: str) -> list[str]:
    """Sentences end at a full stop outside quotation marks that white space or the end follows."""
    pieces = re.findall(r'(?:"[^"\n]*"|[^".?!]|[.?!](?=\S))+', text)
    return [piece.strip() for piece in pieces if piece.strip()]


def _clauses(sentence: str) -> list[str]:
    """The tasks of a sentence that joins several, outside quotation marks."""
    pieces = re.findall(rf'(?:"[^"\n]*"|(?!{_FUSED})[^"])+', sentence)
    return [piece.strip(" ,") for piece in pieces if piece.strip(" ,")]


class _Reader:
    def __init__(self, items: list[Token]) -> None:
        self._items = items
        self._at = 0

    def slots(self) -> tuple[Slot, ...]:
        """Slots up to the end or a closing bracket."""
        found = []
        while self._at < len(self._items) and self._kind() != "close":
            if self._kind() == "comma" or self._word() in ("and", "given"):
                self._at += 1
            elif self._word() == "the":
                found.append(self._slot())
            else:
                self._at += 1
        return tuple(found)

    def _slot(self) -> Slot:
        self._at += 1
        label = self._label()
        values = self._values()
        if values is not None:
            return Slot(label=label, values=values)
        if self._words(2) == ["from", "before"]:
            self._at += 2
            return Slot(label=label, earlier=True, selector=self._selector())
        plain = label.removeprefix("resulting ")
        return Slot(label=plain, resulting=plain != label, selector=self._selector(), inner=self._inner())

    def _label(self) -> str:
        """Words up to what ends a label."""
        found = []
        while self._at < len(self._items) and not self._ends_label():
            found.append(self._items[self._at].text)
            self._at += 1
        return " ".join(found)

    def _ends_label(self) -> bool:
        kind = self._kind()
        if kind == "number":
            return self._at_boundary(1)
        if kind != "word":
            return True
        ahead = self._words(3)
        return (
            ahead[:2] in (["from", "before"], ["and", "the"], ["set", "to"], ["for", "the"], ["that", "comes"])
            or ahead[0] == "whose"
            or (ahead[:2] == ["with", "the"] and ahead[-1] in _EXTREMES)
        )

    def _values(self) -> tuple[Json, ...] | None:
        """Literals, joined by "and"."""
        found: list[Json] = []
        while True:
            if self._words(2) == ["set", "to"]:
                self._at += 2
                found.append(self._word() == "yes")
                self._at += 1
            elif self._kind() in ("text", "object") or (self._kind() == "number" and self._at_boundary(1)):
                found.append(_parsed(self._items[self._at]))
                self._at += 1
            if not (found and self._word() == "and" and self._kind(1) in ("text", "number")):
                return tuple(found) or None
            self._at += 1

    def _selector(self) -> Selector | None:
        ahead = self._words(3)
        if ahead == ["that", "comes", "first"]:
            self._at += 3
            return Selector(kind="first")
        if ahead[:2] == ["with", "the"] and ahead[-1] in _EXTREMES:
            self._at += 3
            return Selector.model_validate({"kind": _EXTREMES[ahead[-1]], "field": self._label()})
        if ahead[:1] == ["whose"]:
            self._at += 1
            field = self._label().removesuffix(" is")
            values = self._values() or (None,)
            return Selector(kind="equals", field=field, value=values[0])
        return None

    def _inner(self) -> tuple[Slot, ...]:
        if self._words(2) == ["for", "the"]:
            self._at += 1
            return (self._slot(),)
        if self._kind() == "open":
            self._at += 1
            inner = self.slots()
            self._at += 1
            return inner
        return ()

    def _kind(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._items[index].kind if index < len(self._items) else "end"

    def _word(self) -> str:
        return self._items[self._at].text.lower() if self._kind() == "word" else ""

    def _words(self, count: int) -> list[str]:
        window = self._items[self._at : self._at + count]
        return [item.text.lower() if item.kind == "word" else "" for item in window] or [""]

    def _at_boundary(self, ahead: int) -> bool:
        following = self._items[self._at + ahead].text.lower() if self._at + ahead < len(self._items) else "and"
        return self._kind(ahead) in ("comma", "close", "stop", "end") or following == "and"


def _parsed(token: Token) -> Json:
    if token.kind == "text":
        return token.text[1:-1]
    try:
        return json.loads(token.text)
    except json.JSONDecodeError:
        return token.text
