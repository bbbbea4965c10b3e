"""Where the arguments of a call come from, in a few words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from graphs.records import Turn
from tools.origin import ArgumentOrigin, Selector

# What the user said needs no words: the query stands above.
_PLAIN = {"query": "", "default": "its default", "profile": "the system message"}
_FIELD = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_NAME = re.compile(r"\b[a-z]\b")


@dataclass(frozen=True)
class Sources:
    """The turn and the tool of each call of a trajectory, by the call's id."""

    calls: dict[str, tuple[int, str]]

    @classmethod
    def of(cls, turns: Iterable[Turn]) -> Sources:
        """All calls of ``turns``; an accepted call goes before a gold one of the same id."""
        calls: dict[str, tuple[int, str]] = {}
        for number, turn in enumerate(turns, 1):
            for step in (*turn.gold_steps, *turn.steps):
                calls[step.call.id] = (number, step.call.name)
        return cls(calls)

    def name(self, call_id: str | None, turn: int) -> str:
        """The tool of a call, after ``turn N,`` where that is another turn than ``turn``."""
        if call_id is None or call_id not in self.calls:
            return "an earlier call"
        number, tool = self.calls[call_id]
        return tool if number == turn else f"turn {number}, {tool}"


def describe_origin(origin: ArgumentOrigin, turn: int, sources: Sources) -> str:
    """``list_cards[label="travel"].card_id``, for an argument of a call in ``turn``; nothing for what the user said.

    A derived value is described by its expression over such places, a composed text by its template with them, and a
    text in the caller's own words by what it claims and where that was shown.
    """
    if origin.kind in _PLAIN:
        return _PLAIN[origin.kind]
    if origin.kind == "free_text":
        return _free_text(origin, turn, sources)
    parts = [describe_origin(part, turn, sources) or "the request" for part in origin.parts]
    if origin.kind == "derived":
        return _expression(origin.expression, parts)
    if origin.kind == "composed":
        return _composed(origin.template, parts)
    if origin.source is None:
        return f"turn {origin.turn}" if origin.turn is not None else origin.kind.replace("_", " ")
    described = "described in the request, " if origin.kind == "state" else ""
    return described + sources.name(origin.source, turn) + _path(origin.path or "", origin.selector)


def _free_text(origin: ArgumentOrigin, turn: int, sources: Sources) -> str:
    """The facts, each with its place; one that nothing holds is told as made up."""
    claims = []
    for fact, part in zip(origin.facts, origin.parts, strict=False):
        place = "made up" if part.kind == "free_text" else describe_origin(part, turn, sources) or "the request"
        claims.append(f"{fact} ({place})")
    return f"own words, with {', '.join(claims)}" if claims else "own words"


def _expression(expression: str | None, parts: Sequence[str]) -> str:
    """The arithmetic with the places of its operands; without one, that the value follows from what was shown."""
    if expression is None:
        return "what was shown"
    named = dict(zip(ascii_lowercase, parts, strict=False))
    return _NAME.sub(lambda name: named.get(name.group(), name.group()), expression)


def _composed(template: str | None, parts: Sequence[str]) -> str:
    """The places of the parts in the template's, or after each other."""
    if template is None:
        return " + ".join(parts)

    def fill(field: re.Match[str]) -> str:
        number = field.group(1)
        return field.group()[0] if number is None else f"<{parts[int(number)] if int(number) < len(parts) else '?'}>"

    return f"“{_FIELD.sub(fill, template)}”"


def _path(path: str, selector: Selector | None) -> str:
    """The path with the selector in the place of its list; ``.path`` where there is no list."""
    if selector is None:
        return f".{path}" if path else ""
    before, star, after = path.partition("*")
    if not star:
        return f"{'.' + path if path else ''}[{_selected(selector)}]"
    before = before.rstrip(".")
    return f"{'.' + before if before else ''}[{_selected(selector)}]{after}"


def _selected(selector: Selector) -> str:
    if selector.kind == "nearest":
        field = f"{selector.field} " if selector.field else ""
        return f"{field}nearest {json.dumps(selector.value, ensure_ascii=False)}"
    if selector.kind == "equals":
        return f"{selector.field}={json.dumps(selector.value, ensure_ascii=False)}"
    if selector.kind in ("min", "max"):
        return f"{'lowest' if selector.kind == 'min' else 'highest'} {selector.field}"
    return selector.kind
