"""Candidate arguments for trial calls: what outputs hold, what the user could say, what schemas and the state show."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from envs.discovery.affinity import affine, opaque_name, system_name
from envs.discovery.chains import BoundCall, Reference, Situation
from envs.discovery.leaves import Leaf, code_like, leaves, table_keys
from envs.discovery.static_values import fits, listed, made_up, mentioned, names_row, similar, switch, unique
from tools.base import Json, JsonObject
from tools.paths import json_type, leaf_values
from tools.pools import KnownValue
from tools.provenance import property_names
from tools.spec import ToolSpec

_WORD = re.compile(r"[A-Za-z]{5,}")
_OPTIONAL = 0.25
_MOST = 60
_KEPT = 2000


_Key = tuple[type, Json]


class Candidate(NamedTuple):
    """A value, and the output that it stands in, if it does."""

    value: Json
    reference: Reference | None = None


def _key(value: Json) -> _Key:
    """Equal for the same scalars: 1, 1.0 and true are three."""
    return type(value), value


class Catalogue:
    """What could be said in a world, by tool and parameter, whatever has been called so far."""

    def __init__(self, specs: Mapping[str, ToolSpec], known: tuple[KnownValue, ...], initial: Json) -> None:
        self.specs = specs
        self.fields = {name: property_names(spec.returns) for name, spec in specs.items()}
        self._known: dict[str, list[Json]] = {}
        for item in known:
            self._known.setdefault(item.parameter, []).append(item.value)
        self._rows = list(table_keys(initial))
        self._initial = [*leaves(initial), *self._rows]
        self._static: dict[tuple[str, str], list[list[Candidate]]] = {}
        self._leaves: dict[BoundCall, tuple[Json, list[Leaf]]] = {}
        self._shown: dict[Situation, list[tuple[BoundCall, Leaf]]] = {}
        self._groups: dict[tuple[Situation, str, str], list[list[Candidate]]] = {}

    def propose(
        self, spec: ToolSpec, situation: Situation, rng: random.Random, identity: int, hints: JsonObject | None = None
    ) -> BoundCall | None:
        """A call of a tool with arguments drawn from the candidates; none where a required one has none.

        ``hints`` are arguments of another call that this one is to help: what has the same name, or ends alike, is
        likely meant to be the same.
        """
        arguments: JsonObject = {}
        references: dict[str, Reference] = {}
        for name, schema in spec.properties.items():
            if name not in spec.required and rng.random() > _OPTIONAL:
                continue
            groups = self.groups(spec, name, schema, situation)
            hinted = [value for other, value in (hints or {}).items() if similar(name, other) and fits(value, schema)]
            if hinted:
                groups = [[Candidate(value) for value in hinted]] * (1 + 2 * len(groups)) + groups
            if not groups:
                if name in spec.required:
                    return None
                continue
            chosen = rng.choice(rng.choice(groups))
            arguments[name] = chosen.value
            if chosen.reference is not None:
                references[name] = chosen.reference
        return BoundCall(identity, spec.name, arguments, references)

    def groups(self, spec: ToolSpec, name: str, schema: JsonObject, situation: Situation) -> list[list[Candidate]]:
        """The candidates for a parameter by where they come from; what fits its name counts double."""
        key = (situation, spec.name, name)
        if key not in self._groups:
            if len(self._groups) >= _KEPT:
                self._groups.clear()
            self._groups[key] = self._grouped(spec, name, schema, situation)
        return self._groups[key]

    def _grouped(self, spec: ToolSpec, name: str, schema: JsonObject, situation: Situation) -> list[list[Candidate]]:
        near, far = self._produced(spec, name, schema, situation)
        said = [Candidate(value) for value in self._said(spec, name, schema, situation)]
        if json_type(schema) == "object" and schema.get("properties") and not self._known_for(spec, name):
            objects = self._objects(spec, schema, situation)
            return [objects] if objects else []
        written = [] if opaque_name(name) or self._known_for(spec, name) else self._written(schema, situation)
        return [group for group in (near, near, said, far, written, *self.static(spec, name, schema)) if group]

    def static(self, spec: ToolSpec, name: str, schema: JsonObject) -> list[list[Candidate]]:
        """The candidates that do not depend on what was called."""
        key = (spec.name, name)
        if key not in self._static:
            known = self._known_for(spec, name)
            choices = [*listed(schema), *mentioned(schema)]
            invented = [] if known or schema.get("enum") else made_up(name, schema)
            initial = [] if known else self._from_state(name, schema)
            rows = [] if known or schema.get("enum") or system_name(name) else self._row_names(schema)
            groups = [known, known, choices, invented, initial, rows]
            self._static[key] = [[Candidate(value) for value in unique(group)] for group in groups if group]
        return self._static[key]

    def closed(self, spec: ToolSpec) -> list[JsonObject]:
        """All arguments of a tool that only takes what its schema lists; none where there is a wider choice, or too
        wide a one."""
        choices = {name: listed(spec.properties[name]) or switch(spec.properties[name]) for name in spec.required}
        if not choices or not all(choices.values()) or math.prod(map(len, choices.values())) > _MOST:
            return []
        return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]

    def _known_for(self, spec: ToolSpec, name: str) -> list[Json]:
        return self._known.get(f"{spec.name}.{name}", self._known.get(name, []))

    def _objects(self, spec: ToolSpec, schema: JsonObject, situation: Situation) -> list[Candidate]:
        """A few objects whose fields are filled as parameters of these names would be."""
        fields = dict(schema["properties"])
        flat = spec.model_copy(update={"parameters": {"type": "object", "properties": fields}})
        columns = {
            key: [candidate.value for group in self._grouped(flat, key, inner, situation) for candidate in group]
            for key, inner in fields.items()
        }
        filled = {key: column for key, column in columns.items() if column}
        if not set(schema.get("required", ())) <= filled.keys():
            return []
        rows = range(max(map(len, filled.values()), default=0))
        return [Candidate({key: column[row % len(column)] for key, column in filled.items()}) for row in rows][:_MOST]

    def bound(self, call: BoundCall, situation: Situation) -> BoundCall:
        """The call with its arguments bound to the outputs that they must have come from, as far as values tell."""
        references = {name: item for name, item in call.references.items() if item.call in situation.contents}
        spec = self.specs[call.tool]
        for name, argument in call.arguments.items():
            wrapped = isinstance(argument, list) and len(argument) == 1
            value = argument[0] if wrapped else argument
            if name not in references and (system_name(name) or code_like(value)) and name in spec.properties:
                found = self._shown_as(value, spec, name, situation)
                if found is not None:
                    references[name] = found._replace(wrapped=wrapped)
        return BoundCall(call.id, call.tool, call.arguments, references)

    def _shown_as(self, value: Json, spec: ToolSpec, name: str, situation: Situation) -> Reference | None:
        for call in reversed(situation.calls):
            for leaf in self.shown(call, situation.contents[call.id]):
                if leaf.value == value and affine(leaf, self.specs[call.tool], spec, name):
                    return Reference(call.id, leaf.path, leaf.general)
        return None

    def shown(self, call: BoundCall, content: Json) -> list[Leaf]:
        """The leaves of what a call returned that it was not given."""
        kept = self._leaves.get(call)
        if kept is None or kept[0] is not content:
            given = {_key(value) for _, value in leaf_values(call.arguments)}
            found = leaves(content, self.fields.get(call.tool, frozenset()))
            kept = content, [leaf for leaf in found if _key(leaf.value) not in given]
            if len(self._leaves) >= _KEPT:
                self._leaves.clear()
            self._leaves[call] = kept
        return kept[1]

    def _produced(
        self, spec: ToolSpec, name: str, schema: JsonObject, situation: Situation
    ) -> tuple[list[Candidate], list[Candidate]]:
        """The values of outputs that fit a parameter, the latest first: those whose names agree, and the others."""
        near: dict[_Key, Candidate] = {}
        far: dict[_Key, Candidate] = {}
        wrapped = json_type(schema) == "array"
        inner = dict(schema.get("items", {})) if wrapped else schema
        for call, leaf in self._latest(situation):
            if len(near) >= _MOST:
                break
            key = _key(leaf.value)
            if key in near or not fits(leaf.value, inner):
                continue
            reference = Reference(call.id, leaf.path, leaf.general, wrapped)
            candidate = Candidate([leaf.value] if wrapped else leaf.value, reference)
            if affine(leaf, self.specs[call.tool], spec, name):
                near[key] = candidate
                far.pop(key, None)
            elif len(far) < _MOST:
                far.setdefault(key, candidate)
        return list(near.values()), list(far.values())

    def _latest(self, situation: Situation) -> list[tuple[BoundCall, Leaf]]:
        """What outputs show, the latest first, each value once for each place."""
        if situation not in self._shown:
            found: dict[tuple[str, str, _Key], tuple[BoundCall, Leaf]] = {}
            for call in reversed(situation.calls):
                for leaf in self.shown(call, situation.contents[call.id]):
                    found.setdefault((call.tool, leaf.general, _key(leaf.value)), (call, leaf))
            if len(self._shown) >= _KEPT:
                self._shown.clear()
            self._shown[situation] = list(found.values())
        return self._shown[situation]

    def _said(self, spec: ToolSpec, name: str, schema: JsonObject, situation: Situation) -> Iterator[Json]:
        """What was said to earlier calls: the name that somebody signed up with signs him in."""
        for call in reversed(situation.calls):
            for other, value in call.arguments.items():
                if other not in call.references and fits(value, schema) and similar(name, other):
                    yield value

    def _written(self, schema: JsonObject, situation: Situation) -> list[Candidate]:
        """Words out of texts that were written, or stand in the initial state: what somebody would search for."""
        if json_type(schema) != "string" or schema.get("enum"):
            return []
        said = (value for call in situation.calls for value in call.arguments.values())
        stored = (leaf.value for leaf in self._initial)
        texts = (text for text in (*said, *stored) if isinstance(text, str) and " " in text)
        words = (word for text in texts for word in _WORD.findall(text))
        return [Candidate(word) for word in dict.fromkeys(words)][:_MOST]

    def _row_names(self, schema: JsonObject) -> list[Json]:
        """What the rows of tables are called: the names that people sign in with, or ask for, mostly are such keys."""
        return [leaf.value for leaf in self._rows if fits(leaf.value, schema)][:_MOST]

    def _from_state(self, name: str, schema: JsonObject) -> list[Json]:
        fitting = [leaf for leaf in self._initial if fits(leaf.value, schema)]
        return [leaf.value for leaf in fitting if similar(name, leaf.name) or names_row(name, leaf)][:_MOST]
