"""Where the arguments of a call come from, in a few words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from graphs.records import Turn
from tools.origin import ArgumentOrigin, Selector

# What the user said needs no words: the query stands above.
_PLAIN = {"query": "", "default": "its default", "profile": "the system message", "free_text": "free text"}


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
    """``list_cards[label="travel"].card_id``, for an argument of a call in ``turn``; nothing for what the user said."""
    if origin.kind == "composed":
        parts = [describe_origin(part, turn, sources) or "the request" for part in origin.parts]
        return " + ".join(parts)
    if origin.kind in _PLAIN:
        return _PLAIN[origin.kind]
    if origin.source is None:
        return origin.kind.replace("_", " ")
    return sources.name(origin.source, turn) + _path(origin.path or "", origin.selector)


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
