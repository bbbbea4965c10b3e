"""Whether one argument comes from where its origin says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from tools.argument_parts import argument_leaves, is_choice, spoken_parts
from tools.base import Json, JsonObject, canonical_json
from tools.composing import pieces, punctuation_only
from tools.deriving import recomputes
from tools.known import Known, shows
from tools.origin import ArgumentOrigin
from tools.provenance import written_freely
from tools.saying import said_in, where_said
from tools.texts import text_kind


class Said(Protocol):
    """Where a query says an input: the input's name, the words, and the offset of their first character."""

    @property
    def of(self) -> str: ...

    @property
    def span(self) -> str: ...

    @property
    def start(self) -> int: ...


@dataclass(frozen=True)
class Claim:
    """That a parameter's value comes from somewhere, and what its caller knew."""

    tool: str
    name: str
    schema: JsonObject
    value: Json
    known: Known

    def placed(self, origin: ArgumentOrigin, mentions: Sequence[Said]) -> ArgumentOrigin:
        """The origin with what only the written query tells: the span of a value that the user says, and what a free
        text claims."""
        if origin.kind == "query":
            return origin.model_copy(update={"span": self._span(mentions)})
        if origin.kind == "free_text" and isinstance(self.value, str):
            return written_freely(self.value, self.known)
        return origin

    def _span(self, mentions: Sequence[Said]) -> tuple[int, int] | None:
        own = [item for item in mentions if self._is_of(item.of) and item.start >= 0]
        spans = [(item.start, item.start + len(item.span)) for item in own]
        said = (span for span in spans if not self._unsaid(span))
        found = next(said, None) or where_said(self._spoken, self.known.told.query, self.known.years)
        return found or next(iter(spans), None)

    @property
    def _spoken(self) -> Json:
        return spoken_parts(self.value, self.schema)

    def _is_of(self, name: str) -> bool:
        """Whether an input's name is the parameter's, or that with a number where there are several."""
        rest = name.removeprefix(self.name)
        return name.startswith(self.name) and (not rest or (rest[0] == "_" and rest[1:].isdecimal()))

    def flaw(self, origin: ArgumentOrigin) -> str:
        """Why an origin does not give the value; empty where it does."""
        if not origin.well_formed:
            return f"a {origin.kind} origin does not tell so much"
        checks: dict[str, Callable[[ArgumentOrigin], str]] = {
            "query": self._query,
            "earlier_turn": self._looked_up,
            "observation": self._looked_up,
            "state": self._looked_up,
            "profile": self._profile,
            "default": self._default,
            "derived": self._derived,
            "composed": self._composed,
            "free_text": self._free_text,
        }
        return checks[origin.kind](origin)

    def _query(self, origin: ArgumentOrigin) -> str:
        leaves = list(argument_leaves(self.value, self.schema))
        chosen = bool(leaves) and all(is_choice(leaf, schema) for schema, leaf in leaves)
        if origin.span is None:
            return "" if chosen else f"the query does not say {self.value!r}"
        if chosen and not said_in(self._spoken, self.known.told.query):
            return "" if _words_at(origin.span, self.known.told.query) else "its span is none of the query's words"
        return self._unsaid(origin.span)

    def _unsaid(self, span: tuple[int, int]) -> str:
        """Why the words at a place of the query do not say the value."""
        words = _words_at(span, self.known.told.query)
        if not words:
            return "its span is none of the query's words"
        if where_said(self._spoken, words, self.known.years):
            return ""
        return f"the query's {words!r} does not say {self.value!r}"

    def _looked_up(self, origin: ArgumentOrigin) -> str:
        if origin.source is None:
            return self._said_earlier(origin)
        try:
            shown = self.known.at(origin)
        except LookupError as error:
            return str(error.args[0] if error.args else error)
        if any(canonical_json(item) == canonical_json(self.value) or shows(item, self.value) for item in shown):
            return ""
        return f"there stands {shown[0]!r} and not {self.value!r}"

    def _said_earlier(self, origin: ArgumentOrigin) -> str:
        turns = self.known.told.turns()
        if origin.kind != "earlier_turn" or origin.turn is None or not 0 < origin.turn <= len(turns):
            return "it names no call that shows it"
        said = said_in(self.value, turns[origin.turn - 1], self.known.years)
        return "" if said else f"turn {origin.turn} does not say {self.value!r}"

    def _profile(self, origin: ArgumentOrigin) -> str:
        said = where_said(self.value, self.known.told.profile, self.known.years)
        return "" if said else "the system message does not say it"

    def _default(self, origin: ArgumentOrigin) -> str:
        if self.value is None or (self.value in ("", [], {}) and "default" not in self.schema):
            return ""
        stated = "default" in self.schema and self.schema["default"] == self.value
        return "" if stated else f"its schema has no default {self.value!r}"

    def _derived(self, origin: ArgumentOrigin) -> str:
        if recomputes(self.value, origin, self.known):
            return ""
        return f"{origin.expression!r} does not come to {self.value!r}"

    def _composed(self, origin: ArgumentOrigin) -> str:
        if origin.template is not None:
            return self._joined(origin)
        leaves = list(argument_leaves(self.value, self.schema)) if isinstance(self.value, list | dict) else []
        if not leaves or len(leaves) != len(origin.parts):
            return f"it has {len(leaves)} parts, and its origin {len(origin.parts)}"
        return self._flaws((leaf, schema, part) for (schema, leaf), part in zip(leaves, origin.parts, strict=True))

    def _joined(self, origin: ArgumentOrigin) -> str:
        template = origin.template or ""
        if not punctuation_only(template):
            return f"{template!r} has words of its own"
        ways = pieces(template, self.value) if isinstance(self.value, str) else ()
        fitting = [way for way in ways if len(way) == len(origin.parts)]
        flaws = [
            self._flaws((piece, {}, part) for piece, part in zip(way, origin.parts, strict=True)) for way in fitting
        ]
        if not flaws:
            return f"{self.value!r} is not made after {template!r}"
        return "" if "" in flaws else flaws[0]

    def _flaws(self, parts: Iterable[tuple[Json, JsonObject, ArgumentOrigin]]) -> str:
        """What is wrong with the first part that has no proof."""
        found = (replace(self, value=value, schema=schema).flaw(origin) for value, schema, origin in parts)
        return next((flaw for flaw in found if flaw), "")

    def _free_text(self, origin: ArgumentOrigin) -> str:
        if text_kind(self.tool, self.name, self.schema) is None or not isinstance(self.value, str):
            return f"nobody said or showed {self.value!r}, and it is no text in one's own words"
        made_up = [fact for fact, part in zip(origin.facts, origin.parts, strict=False) if part.kind == "free_text"]
        if made_up:
            return f"it makes up {made_up[0]!r}"
        again = written_freely(self.value, self.known)
        return "" if again == origin else "its facts are not those of the text"


def _words_at(span: tuple[int, int], query: str) -> str:
    """The words of the query at a place; empty where it is none, or cuts a word in two."""
    start, end = span
    if not 0 <= start < end <= len(query):
        return ""
    cut = any(query[at - 1 : at].isalnum() and query[at : at + 1].isalnum() for at in (start, end) if at)
    return "" if cut else query[start:end]
