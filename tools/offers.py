"""What observations offer for a parameter, each value with what a walk asks about it again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from tools.base import Json, JsonObject, canonical_json
from tools.origin import ArgumentOrigin
from tools.reading import entry_at, plain_value, values_at
from tools.reference import belongs_to_session
from tools.trace import Step
from tools.wording import words

# So many steps are remembered; a walk looks at far fewer, and it can always read them again.
_MOST = 512
# Last words of names that say nothing of what the thing is.
_EMPTY_WORDS = frozenset(
    {"id", "name", "number", "code", "type", "label", "title", "text", "status", "mode", "unit"}
    | {"date", "time", "day", "year", "amount", "content", "message", "comment", "description", "subject"}
    | {"note", "body", "tag", "keyword"}
)

Kind = Literal["observation", "earlier_turn"]


@dataclass(frozen=True, eq=False)
class Offer:
    """A value that the observation of ``step`` holds for a parameter, and its origin there."""

    value: Json
    origin: ArgumentOrigin
    step: Step

    @cached_property
    def key(self) -> str:
        """The value as canonical JSON, by which values are compared."""
        return canonical_json(self.value)

    def agrees(self, parameter: str, beside: JsonObject) -> bool:
        """Whether the call and the entry that the value, taken for ``parameter``, comes from are about the same as
        other arguments of the call that takes it: the price of one stock is no price for another, nor the date of a
        trip one to ask another city's weather for. Two of a kind in one call (from, to) are two on purpose."""
        for name, value in beside.items():
            if isinstance(value, str) and not same_kind(name, parameter):
                alike = self._alike(name)
                if alike and value not in alike:
                    return False
        return True

    def _alike(self, name: str) -> list[Json]:
        """What the value's call and entry say of the kind of thing that a parameter names."""
        if name not in self._about:
            self._about[name] = [text for key, text in self._beside.items() if same_kind(key, name)]
        return self._about[name]

    @cached_property
    def _about(self) -> dict[str, list[Json]]:
        return {}

    @cached_property
    def _beside(self) -> JsonObject:
        """The arguments of the value's call, and the fields of the entry that it stands in."""
        place = self.origin.observed[0]
        return {**self.step.call.arguments, **entry_at(self.step.observation.content, place.path or "", place.selector)}


class Readings:
    """Reads observations, each at each place once: a walk asks for the same at every step and in every look ahead.

    A step stands for itself: another one with the same id is read anew.
    """

    def __init__(self) -> None:
        self._found: dict[int, tuple[Step, dict[object, tuple[Offer, ...]]]] = {}

    def offers(self, step: Step, path: str, kind: Kind, wanted: str | None, *, opaque: bool) -> tuple[Offer, ...]:
        """``reading.values_at``, as offers."""
        read = self._of(step)
        question = (path, kind, wanted, opaque)
        if question not in read:
            read[question] = _offers(step, values_at(step, path, kind, wanted, opaque=opaque))
        return read[question]

    def plain(self, step: Step, path: str, wanted: str | None) -> tuple[Offer, ...]:
        """``reading.plain_value``, as offers."""
        read = self._of(step)
        if (path, wanted) not in read:
            read[path, wanted] = _offers(step, plain_value(step, path, wanted))
        return read[path, wanted]

    def _of(self, step: Step) -> dict[object, tuple[Offer, ...]]:
        if id(step) not in self._found:
            if len(self._found) >= _MOST:
                self._found.clear()
            # The step is kept beside what it shows, so that no other one can get its place in memory.
            self._found[id(step)] = (step, {})
        return self._found[id(step)][1]


def _offers(step: Step, found: Iterator[tuple[Json, ArgumentOrigin]]) -> tuple[Offer, ...]:
    return tuple(Offer(value, origin, step) for value, origin in found)


@lru_cache(maxsize=65536)
def same_kind(one: str, other: str) -> bool:
    """Whether two names name the same kind of thing: ``arrival_city`` and ``city`` do, two ids only where they are of
    the same thing, and two mere names never."""
    left, right = words(one), words(other)
    if belongs_to_session(other) or left[-1:] != right[-1:]:
        return False
    return (left == right and len(left) > 1) or not _EMPTY_WORDS.intersection(left[-1:])
