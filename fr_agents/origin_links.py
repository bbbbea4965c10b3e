"""Where on a page the origin of an argument stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fr_agents.origins import Sources, describe_origin
from graphs.records import Turn
from tools.origin import ArgumentOrigin

SYSTEM = "system"


@dataclass(frozen=True)
class Link:
    """An origin in words, and the anchor that it leads to; empty where there is nothing to look at."""

    text: str
    target: str


@dataclass(frozen=True)
class Anchors:
    """The anchor of each call's result in the published attempts and in gold, by the place and the call's id."""

    results: frozenset[str]
    published: dict[str, str]

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> Anchors:
        """Those of all turns. An id that several turns' published calls have leads to the last of them."""
        results: set[str] = set()
        published: dict[str, str] = {}
        for number, turn in enumerate(turns, 1):
            results |= {f"{cls.gold(number)}-{step.call.id}" for step in turn.gold_steps}
            for position, attempt in enumerate(turn.attempts):
                results |= {f"{cls.attempt(number, position)}-{step.call.id}" for step in attempt.steps}
            last = cls.attempt(number, len(turn.attempts) - 1)
            published |= {step.call.id: f"{last}-{step.call.id}" for step in turn.attempts[-1].steps}
        return cls(frozenset(results), published)

    @staticmethod
    def query(turn: int) -> str:
        return f"t{turn}-query"

    @staticmethod
    def gold(turn: int) -> str:
        return f"t{turn}-gold"

    @staticmethod
    def attempt(turn: int, position: int) -> str:
        return f"t{turn}-a{position}"

    def result(self, place: str, call_id: str) -> str:
        """The result of a call as an argument at ``place`` sees it: there, or else in an earlier turn."""
        here = f"{place}-{call_id}"
        return here if here in self.results else self.published.get(call_id, "")


@dataclass(frozen=True)
class Place:
    """A column of a page: an attempt at a turn, or its gold calls."""

    turn: int
    anchor: str
    anchors: Anchors
    sources: Sources

    def links(self, origin: ArgumentOrigin) -> tuple[Link, ...]:
        """The origin of an argument of a call in this column, part by part."""
        return tuple(dict.fromkeys(self._links(origin)))

    def _links(self, origin: ArgumentOrigin) -> Iterator[Link]:
        words = describe_origin(origin, self.turn, self.sources)
        if not origin.parts:
            yield Link(words or "the request", self._target(origin))
            return
        if origin.kind != "composed" and words:
            yield Link(words, "")
        for part in origin.parts:
            yield from self._links(part)

    def _target(self, origin: ArgumentOrigin) -> str:
        if origin.source is not None:
            return self.anchors.result(self.anchor, origin.source)
        if origin.kind == "query":
            return self.anchors.query(self.turn) + (f"-{origin.span[0]}" if origin.span else "")
        if origin.kind == "earlier_turn" and origin.turn is not None:
            return self.anchors.query(origin.turn)
        return SYSTEM if origin.kind == "profile" else ""
