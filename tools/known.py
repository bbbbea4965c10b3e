"""What the caller of a tool knew, and where a value stands in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tools.base import Json, JsonObject, is_number
from tools.call import Observation
from tools.origin import ArgumentOrigin, OriginKind
from tools.paths import leaf_values, resolve
from tools.saying import said_in, where_said
from tools.spec import ToolSpec
from tools.trace import Step

_THOUGHTS = re.compile(r"<think>.*?</think>\s*", re.DOTALL)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")


@dataclass(frozen=True)
class Told:
    """What a solver knows before its first call: the ``query``, the ``messages`` before it (the system message, and the
    earlier turns in OpenAI's form), and the steps of the ``earlier`` turns."""

    query: str
    messages: Sequence[JsonObject] = ()
    earlier: Sequence[Step] = ()

    @property
    def profile(self) -> str:
        """What the system message tells about the user and the house, after the line that tells what the assistant
        is."""
        system = [message for message in self.messages[:1] if message.get("role") == "system"]
        return str(system[0].get("content") or "").partition("\n")[2] if system else ""

    def turns(self) -> tuple[str, ...]:
        """What was said in each earlier turn, thoughts left out: they are no proof."""
        found: list[str] = []
        for message in self.messages:
            if message.get("role") == "user":
                found.append("")
            if message.get("role") in ("user", "assistant") and found:
                found[-1] += _THOUGHTS.sub("", str(message.get("content") or "")) + "\n"
        return tuple(found)


@dataclass(frozen=True)
class Known:
    """What a caller knew when it made a call: what it was ``told``, and the steps of earlier groups, which it has
    ``seen``."""

    told: Told
    seen: Sequence[Step]
    specs: Mapping[str, ToolSpec]

    def find(self, value: Json) -> ArgumentOrigin | None:
        """Where a scalar comes from that stands somewhere as it is: the query first, then the observations of this
        turn, the latest first, those of earlier turns, what was said in these, and the profile. A value by itself goes
        before one inside a text."""
        if span := where_said(value, self.told.query, self.years):
            return ArgumentOrigin(kind="query", span=span)
        steps: tuple[tuple[OriginKind, Sequence[Step]], ...] = (
            ("observation", self.seen),
            ("earlier_turn", self.told.earlier),
        )
        shown = (self._shown(value, kind, items, whole) for whole in (True, False) for kind, items in steps)
        return next((found for found in shown if found), None) or self._said_before(value)

    def _shown(self, value: Json, kind: OriginKind, steps: Sequence[Step], whole: bool) -> ArgumentOrigin | None:
        for step in reversed(steps):
            for path, item in self._values(step):
                if same_value(item, value) if whole else shows(item, value):
                    return ArgumentOrigin(kind=kind, source=step.call.id, path=path)
        return None

    def _values(self, step: Step) -> list[tuple[str, Json]]:
        if step.call.id not in self._listed:
            spec = self.specs.get(step.call.name)
            fields = property_names(spec.returns) if spec else frozenset()
            self._listed[step.call.id] = observed_values(content_of(step.observation), fields)
        return self._listed[step.call.id]

    @cached_property
    def _listed(self) -> dict[str, list[tuple[str, Json]]]:
        return {}

    def _said_before(self, value: Json) -> ArgumentOrigin | None:
        """What was said in an earlier turn, the latest first, or by the system message."""
        if value in (None, ""):
            return None
        turns = self.told.turns()
        for number in range(len(turns), 0, -1):
            if said_in(value, turns[number - 1], self.years):
                return ArgumentOrigin(kind="earlier_turn", turn=number)
        return ArgumentOrigin(kind="profile") if said_in(value, self.told.profile, self.years) else None

    def at(self, origin: ArgumentOrigin) -> tuple[Json, ...]:
        """What the observation that an origin points to shows there; the key of a table is a path, too.

        Raises:
            LookupError: there is no such call among those that it may come from, nothing is there, or what the selector
                picks is not one thing alone.
        """
        steps = self.told.earlier if origin.kind == "earlier_turn" else self.seen
        step = next((item for item in reversed(steps) if item.call.id == origin.source), None)
        if step is None:
            told = "of an earlier turn" if origin.kind == "earlier_turn" else "of an earlier message of this turn"
            raise LookupError(f"{origin.source} is no call {told}")
        path = origin.path or ""
        # A key may hold a dot, which no path can tell from two keys.
        listed = () if origin.selector else tuple(item for key, item in self._values(step) if key == path)
        try:
            return resolve(content_of(step.observation), path, origin.selector), *listed
        except LookupError:
            if listed:
                return listed
            raise

    @cached_property
    def years(self) -> str:
        """The years that stand anywhere: who says "May 3rd" means one that both know."""
        texts = [*(str(message.get("content") or "") for message in self.told.messages), self.told.query]
        texts += [step.observation.text() for step in self.seen]
        return " ".join(sorted({year for text in texts for year in _YEAR.findall(text)}))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All that was said: the query, earlier turns, and the profile."""
        return (self.told.query, *self.told.turns(), self.told.profile)

    @cached_property
    def contents(self) -> tuple[Json, ...]:
        """All that was shown."""
        return tuple(content_of(step.observation) for step in (*self.told.earlier, *self.seen))


def content_of(observation: Observation) -> Json:
    """What the caller reads of an observation: its content, or the message of its error as ``{"error": message}``."""
    return {"error": observation.error.message} if observation.error else observation.content


def same_value(shown: Json, value: Json) -> bool:
    """Whether both are one scalar: 300 and 300.0 are, True and 1 are not, nor are 300 and "300"."""
    return shown == value and _kind(shown) is _kind(value)


def shows(shown: Json, value: Json) -> bool:
    """Whether a value that was shown is this one, however it is written, or a text that says it."""
    if same_value(shown, value):
        return True
    if isinstance(shown, bool) or shown in (None, "") or value in (None, "") or isinstance(value, bool | dict | list):
        return False
    if is_number(shown) and is_number(value):
        return False
    return not isinstance(shown, dict | list) and said_in(value, str(shown))


def _kind(value: Json) -> type:
    return float if type(value) is int else type(value)


def observed_values(content: Json, fields: Collection[str] = ()) -> list[tuple[str, Json]]:
    """Every scalar that an observation shows, keys of objects included (a table keyed by ids shows the ids) but for the
    names of ``fields``, which show nothing."""
    return list(leaf_values(content)) + [(key, key) for key in sorted(_keys(content) - {*fields}) if key]


def property_names(schema: Json) -> frozenset[str]:
    """The names of all fields that a JSON Schema declares, at any depth."""
    if isinstance(schema, list):
        return frozenset(name for item in schema for name in property_names(item))
    if not isinstance(schema, dict):
        return frozenset()
    own = frozenset(schema.get("properties", {}))
    return own.union(*(property_names(item) for item in schema.values()))


def _keys(content: Json) -> frozenset[str]:
    return frozenset(_each_key(content))


def _each_key(content: Json) -> Iterator[str]:
    if isinstance(content, dict):
        yield from (str(key) for key in content)
    for item in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _each_key(item)
