"""Which output of one tool can be an argument of another, as far as their schemas tell.

The rules read names and descriptions the way a person does: the same specific name; an ``id`` whose description names
the thing; a name that ends like the other; a description that begins with the field's name. A fit is a guess that
execution confirms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from tools.base import JsonObject, Record
from tools.paths import OutputLeaf, json_type, schema_leaves
from tools.remembered import Remembered
from tools.spec import ToolSpec
from tools.wording import words

THRESHOLD = 0.6
_EMPTY_NAMES = frozenset(
    {"status", "message", "result", "error", "success", "description", "content", "text"}
    | {"type", "count", "mode", "unit", "output", "note", "name", "title"}
)
_IDENTIFIERS = frozenset(["id", "identifier", "code", "number", "token", "key", "symbol"])
_SHORT_FORMS = {"zipcode": ("zip", "code"), "identifier": ("id",), "username": ("user", "name")}
_NUMBERS = frozenset({"integer", "number"})


class Fit(Record):
    """An output path of one tool that fits a parameter of another; ``score`` is from 0.6 (a guess) to 1 (same name)."""

    producer: str
    path: str
    consumer: str
    parameter: str
    score: float


# Of a world with 300 tools; of smaller ones all that a run shows in turn.
_PAIRS: Remembered[tuple[str, str], dict[str, Fit]] = Remembered(100_000)
_LEAVES: Remembered[str, tuple[OutputLeaf, ...]] = Remembered(2_000)


def find_fits(specs: Sequence[ToolSpec]) -> tuple[Fit, ...]:
    """All fits between different tools, the best path for each (producer, consumer, parameter), in the tools' order.
    What is found for two tools is remembered: jobs show other sets of the same tools."""
    return tuple(fit for consumer in specs for fit in fits_into(consumer, specs))


def fits_into(consumer: ToolSpec, producers: Sequence[ToolSpec]) -> Iterator[Fit]:
    """The fits of one tool's parameters, in the order of these and of the other tools."""
    found = [_between(producer, consumer) for producer in producers]
    return (fits[name] for name, fits in product(consumer.properties, found) if name in fits)


def fit_score(leaf: OutputLeaf, name: str, schema: JsonObject) -> float:
    """How well an output leaf fits a parameter, from 0 to 1."""
    if not _types_agree(leaf.schema_, schema):
        return 0.0
    field, parameter = _terms(leaf.name), _terms(name)
    meaning = _terms(str(schema.get("description", "")))
    if not field:
        return 0.0
    if field in (("id",), ("identifier",)):
        return _identifier_score(leaf, parameter, meaning)
    if len(field) == 1 and field[0] in _EMPTY_NAMES:
        return 0.0
    if field == parameter:
        return 1.0
    if len(field) > 1 and _ends(parameter, field):
        return 0.9
    return _description_score(field, parameter, str(schema.get("description", "")))


def _between(producer: ToolSpec, consumer: ToolSpec) -> dict[str, Fit]:
    """The best fit for each parameter that has one."""
    if producer.name == consumer.name:
        return {}
    return _PAIRS.get((producer.fingerprint, consumer.fingerprint), lambda: dict(_best(producer, consumer)))


def _best(producer: ToolSpec, consumer: ToolSpec) -> Iterator[tuple[str, Fit]]:
    leaves = _LEAVES.get(producer.fingerprint, lambda: tuple(_useful_leaves(producer)))
    for name, schema in consumer.properties.items():
        scored = [(fit_score(leaf, name, schema), leaf.path) for leaf in leaves]
        score, path = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        if score >= THRESHOLD:
            yield name, Fit(producer=producer.name, path=path, consumer=consumer.name, parameter=name, score=score)


def _useful_leaves(spec: ToolSpec) -> Iterator[OutputLeaf]:
    """Leaves that tell something: not what the caller gave, which the tool only repeats."""
    for leaf in schema_leaves(spec.returns):
        if not any(fit_score(leaf, name, schema) > THRESHOLD for name, schema in spec.properties.items()):
            yield leaf


def _identifier_score(leaf: OutputLeaf, parameter: tuple[str, ...], meaning: tuple[str, ...]) -> float:
    """An ``id`` is the id of the thing that its list, or else its description, names."""
    things = [_terms(leaf.parent)] if leaf.parent else []
    things.append(tuple(word for word in _terms(leaf.description) if word not in _IDENTIFIERS))
    for thing in things:
        if len(parameter) > 1 and parameter[-1] == "id" and set(parameter[:-1]) & set(thing):
            return 0.9
        if thing and meaning[:2] == (thing[-1], "id"):
            return 0.8
    return 0.0


def _description_score(field: tuple[str, ...], parameter: tuple[str, ...], description: str) -> float:
    head, _, rest = _split_head(description)
    if head and _ends(head, field):
        return 0.8
    if len(field) > 1 and head and _ends(field, head) and len(head) > 1:
        return 0.7
    if head and head[-1] in _IDENTIFIERS and rest and field[-1] == rest[-1] and parameter[-1] not in ("id",):
        return 0.65
    return 0.0


def _split_head(description: str) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """A description's head noun phrase, and the noun phrase that follows its first preposition."""
    text = re.split(r"[.,;(\[]", description, maxsplit=1)[0]
    parts = re.split(r"\s(?:of|for|to|in|that|which|on|at|by|from)\s", text)
    head = tuple(word for word in _terms(parts[0]) if word not in ("the", "a", "an"))
    rest = _terms(parts[1]) if len(parts) > 1 else ()
    return head, parts[0], rest


def _terms(text: str) -> tuple[str, ...]:
    return tuple(term for word in words(text) for term in _SHORT_FORMS.get(word, (word,)))


def _ends(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    return 0 < len(shorter) <= len(longer) and longer[-len(shorter) :] == shorter


def _types_agree(output: JsonObject, parameter: JsonObject) -> bool:
    given, wanted = json_type(output), json_type(parameter)
    if given == "boolean" or wanted in ("boolean", None) or "enum" in parameter:
        return False
    if given == "array" or wanted == "array":
        inner = json_type(parameter.get("items", {})) if wanted == "array" else None
        return given == wanted or (inner is not None and given == inner)
    return given == wanted or (given in _NUMBERS and wanted in _NUMBERS)
