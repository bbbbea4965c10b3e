"""Which of the values for a parameter make sense in a turn, by what it is: a number, a date, or free text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.base import Json, JsonObject
from tools.bounds import allowed, limits, partner
from tools.dates import Form, Frame, date_form, made_up, sensible
from tools.figures import number_kind
from tools.numbers import affordable, following, paired, small_counts
from tools.paths import json_type
from tools.plausible import plausible_values
from tools.seen import Seen
from tools.texts import general, tag_of, text_kind, written


def makes_up(tool: str, name: str, schema: JsonObject, values: Sequence[Json]) -> bool:
    """Whether values for a parameter are made up beside, or instead of, those that are known: numbers, free texts,
    dates."""
    if json_type(schema) in ("integer", "number"):
        return True
    return text_kind(tool, name, schema) is not None or date_form(name, schema, values) is not None


@dataclass(frozen=True)
class Wanted:
    """A parameter that the user gives a value for, beside the ``chosen`` arguments of the same call, on the day
    ``today`` (None where nobody tells), after what was ``seen``."""

    tool: str
    name: str
    schema: JsonObject
    rng: random.Random
    seen: Seen | None
    chosen: Mapping[str, Json]
    today: str | None

    def sensible(self, values: Sequence[Json]) -> list[Json]:
        """The values that make sense, and new ones that follow from what was seen before them; where there are no
        values, plausible ones."""
        if json_type(self.schema) in ("integer", "number"):
            return self._numbers(values)
        kind = text_kind(self.tool, self.name, self.schema)
        if kind is not None:
            return self._texts(kind, values)
        form = date_form(self.name, self.schema, values)
        if form is not None:
            return self._dates(form, values)
        return list(values) or self._plausible()

    def _numbers(self, values: Sequence[Json]) -> list[Json]:
        kind = number_kind(self.tool, self.name, self.schema)
        found = list(values)
        if not found:
            found = small_counts(self.schema) if kind == "count" else []
            self.rng.shuffle(found)
        found = found or self._within_limits(self._plausible())
        if self.seen is not None and self.rng.random() < self.seen.observed_numbers:
            derived = following(self.tool, self.name, self.schema, self.seen, self.chosen, self.rng)
            if kind == "level" and values:
                derived = self._among(derived, values)
            kept = affordable(self.tool, self.name, self.schema, self.seen, self.chosen, found)
            found = [*derived, *(kept if values or not derived else ())]
        return paired(self.name, self.schema, found, self.chosen, self.rng)

    def _within_limits(self, values: list[Json]) -> list[Json]:
        return [value for value in values if allowed(value, self.schema)] or values

    def _among(self, derived: Sequence[Json], values: Sequence[Json]) -> list[Json]:
        """Those that lie among the known values or not far off, where the schema itself sets no limits: nobody heats a
        car to -10 degrees because it is that cold outside."""
        if limits(self.schema).bounded:
            return list(derived)
        numbers = [value for value in values if isinstance(value, int | float)]
        if not numbers:
            return []
        slack = (max(numbers) - min(numbers)) / 2
        return [value for value in derived if min(numbers) - slack <= value <= max(numbers) + slack]

    def _dates(self, form: Form, values: Sequence[Json]) -> list[Json]:
        other = partner(self.name, self.chosen)
        start, end = (None, None) if other is None else (other[0], None) if other[1] else (None, other[0])
        frame = Frame(self.today, start, end)
        purpose = f"{self.tool} {self.name}"
        fitting = sensible(values, purpose, form, frame)
        if self.today is None and self.seen is not None:
            frame = frame._replace(today=self.seen.latest_date)
        return fitting or made_up(purpose, form, frame, self.rng) or self._plausible()

    def _texts(self, kind: str, values: Sequence[Json]) -> list[Json]:
        made: list[str] = []
        named = [entity for entity in self.seen.named if entity.known] if self.seen else []
        if kind == "tag":
            made = [tag_of(entity.name) for entity in named if entity.kind in ("place", "company")]
        elif self.seen:
            addressee = self.seen.addressee(self.chosen)
            made = written(kind, [(entity.name, entity.kind) for entity in named], addressee, self.rng)
        longest = self.schema.get("maxLength", len(max(made, key=len, default="")))
        texts: list[Json] = [text for text in made if len(text) <= longest]
        fallback: list[Json] = [] if values else [*general(kind, self.rng)]
        if json_type(self.schema) == "array":
            texts, fallback = [[text] for text in texts], [[text] for text in fallback]
        return [*texts, *values, *fallback]

    def _plausible(self) -> list[Json]:
        return plausible_values(self.name, self.schema, self.rng)
