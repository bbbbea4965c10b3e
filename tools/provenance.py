"""Finds by value where the arguments of executed calls come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.argument_parts import argument_leaves, is_choice, spoken_parts
from tools.base import Json, JsonObject
from tools.composing import composed
from tools.deriving import derived_like
from tools.facts import Fact, Shown, facts_in, unheld
from tools.known import Known, Told, observed_values, property_names
from tools.origin import ArgumentOrigin
from tools.pools import is_opaque
from tools.saying import normalised, said_in, where_said
from tools.spec import ToolSpec
from tools.texts import text_kind
from tools.trace import Step

__all__ = [
    "Told",
    "infer_origins",
    "known_to",
    "normalised",
    "observed_values",
    "property_names",
    "said_in",
    "where_said",
    "written_freely",
]


def infer_origins(
    steps: Sequence[Step], told: Told, specs: Mapping[str, ToolSpec], gold: Sequence[Step] = ()
) -> tuple[Step, ...]:
    """The steps with the origins of their arguments as far as values tell.

    A value comes from the query, from the observations of earlier groups, from earlier turns, from the schema's default
    or from the profile, in this order; a list or an object from where its parts come from, a text from values that it
    joins with punctuation. A number or a date is ``derived`` only where the ``gold`` call's is, and comes out of the
    same expression with the attempt's own operands. What is none of this is ``free_text``, which is a proof only for
    parameters that take such, and only with a known part for each of its facts (``tools.proof.unproven``).
    """
    found = []
    for step in steps:
        schemas = specs[step.call.name].properties if step.call.name in specs else {}
        known = known_to(step, steps, told, specs)
        origins = {
            name: _Argument(step.call.name, name, schemas.get(name, {}), known, gold).origin(value)
            for name, value in step.call.arguments.items()
        }
        found.append(step.model_copy(update={"origins": origins}))
    return tuple(found)


def known_to(step: Step, steps: Sequence[Step], told: Told, specs: Mapping[str, ToolSpec]) -> Known:
    """What the caller of a step knew: all groups before the step's."""
    return Known(told, [item for item in steps if item.group < step.group and not item.refused], specs)


def written_freely(text: str, known: Known) -> ArgumentOrigin:
    """The origin of a text in the caller's own words: its facts, each with the origin that it has itself."""
    facts = facts_in(text)
    shown = Shown.of(known.texts, known.contents)
    open_facts = set(unheld(text, shown))
    parts = tuple(_of_fact(fact, fact not in open_facts, known) for fact in facts)
    return ArgumentOrigin(kind="free_text", facts=tuple(fact.text for fact in facts), parts=parts)


def _of_fact(fact: Fact, held: bool, known: Known) -> ArgumentOrigin:
    """Where a fact was said or shown; ``derived`` where it follows from what was, as the number of entries in a list
    does; ``free_text`` where it is made up."""
    readings = fact.value if isinstance(fact.value, list) else [fact.value]
    found = (known.find(value) for value in (fact.text, *readings))
    origin = next((item for item in found if item), None)
    return origin or ArgumentOrigin(kind="derived" if held else "free_text")


@dataclass(frozen=True)
class _Argument:
    """A parameter that a call gives a value for, and what its caller knew."""

    tool: str
    name: str
    schema: JsonObject
    known: Known
    gold: Sequence[Step]

    def origin(self, value: Json) -> ArgumentOrigin:
        """Where a value comes from: as a whole, or each of its parts."""
        if value in (None, "", [], {}):
            stated = "default" not in self.schema or self.schema["default"] == value
            return ArgumentOrigin(kind="default" if value is None or stated else "free_text")
        if not isinstance(value, list | dict):
            return self._scalar(value, self.schema)
        if span := where_said(spoken_parts(value, self.schema), self.known.told.query, self.known.years):
            return ArgumentOrigin(kind="query", span=span)
        if self.schema.get("default") == value:
            return ArgumentOrigin(kind="default")
        parts = tuple(self._scalar(leaf, schema) for schema, leaf in argument_leaves(value, self.schema))
        if set(parts) == {ArgumentOrigin(kind="query")}:
            return parts[0]
        return ArgumentOrigin(kind="composed", parts=parts)

    def _scalar(self, value: Json, schema: JsonObject) -> ArgumentOrigin:
        found = None if isinstance(value, bool) else self.known.find(value)
        stated = "default" in schema and schema["default"] == value
        if found is not None and not (stated and found.kind == "profile"):
            return found
        if stated:
            return ArgumentOrigin(kind="default")
        if is_choice(value, schema):
            return ArgumentOrigin(kind="query")
        return self._made(value, schema)

    def _made(self, value: Json, schema: JsonObject) -> ArgumentOrigin:
        """The origin of a value that stands nowhere as it is."""
        derived = self._derived(value)
        if derived is not None or not isinstance(value, str):
            return derived or ArgumentOrigin(kind="free_text")
        joined = None if is_opaque(self.name) else composed(value, self.known)
        if joined is not None:
            return joined
        if text_kind(self.tool, self.name, schema) is None:
            return ArgumentOrigin(kind="free_text")
        return written_freely(value, self.known)

    def _derived(self, value: Json) -> ArgumentOrigin | None:
        by_id = {step.call.id: step for step in self.gold}
        wanted = (step.origins[self.name] for step in self.gold if self._like(step))
        found = (derived_like(value, origin, by_id, self.known) for origin in wanted if origin.kind == "derived")
        return next((origin for origin in found if origin), None)

    def _like(self, step: Step) -> bool:
        return step.call.name == self.tool and self.name in step.origins
