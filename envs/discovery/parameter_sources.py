"""Which outputs give a parameter its value, found by trying every value of every output in its place."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass, field

from envs.discovery.affinity import affine, system_name
from envs.discovery.chains import BoundCall, Reference, Situation
from envs.discovery.leaves import Leaf, code_like
from envs.discovery.outcome import Outcome
from envs.discovery.outputs import Output
from envs.discovery.start import Start, Witness
from envs.discovery.static_values import fits
from tools.base import Json, JsonObject, canonical_json, generator
from tools.paths import json_type

_VALUES = 6
_MADE_UP = 4
_NUMBERS = ("integer", "number")


@dataclass(eq=False)
class Source:
    """A place in the outputs of a tool, with the values from there that a parameter took, of those that were tried.

    ``refused`` are values that the consumer knows and yet does not accept as it is.
    """

    producer: str
    general: str
    leaf: Leaf
    taken: dict[str, Reference] = field(default_factory=dict)
    tried: int = 0
    refused: list[tuple[Situation, Reference]] = field(default_factory=list)


@dataclass(eq=False)
class ParameterFinding:
    """What was found out about one parameter: whether just any value will do, what is answered to values that are not
    known, and where values came from that are."""

    parameter: str
    checked: bool
    unknown: frozenset[Outcome]
    sources: list[Source] = field(default_factory=list)


def find_sources(start: Start, witness: Witness, found: list[Output], parameter: str) -> ParameterFinding:
    """Try what the outputs hold as a value of one parameter of the witness's call."""
    situation = start.runner.run(witness.chain)
    call = witness.call
    schema = start.specs[call.tool].properties[parameter]
    unknown = _answers_to_made_up(start, situation, call, parameter)
    checked = sum(outcome.succeeded for outcome in unknown) * 2 < len(unknown)
    finding = ParameterFinding(parameter, checked, frozenset(unknown))
    if not checked or _sayable(parameter, schema):
        return finding
    said = {canonical_json(value) for other in witness.chain for value in _said(other)}
    sources: dict[tuple[str, str], Source] = {}
    unknown_after = {id(situation): finding.unknown}
    for output in found:
        leaves = [leaf for leaf in _telling(start, output, call, parameter, schema) if _key(leaf) not in said]
        if leaves and id(output.after) not in unknown_after:
            # The call that gave the output may have changed how others are answered.
            unknown_after[id(output.after)] = frozenset(_answers_to_made_up(start, output.after, call, parameter))
        for leaf in leaves:
            source = sources.setdefault((output.call.tool, leaf.general), Source(output.call.tool, leaf.general, leaf))
            _try(start, output, leaf, call, parameter, unknown_after[id(output.after)], source)
    finding.sources = [source for source in sources.values() if source.taken]
    return finding


def _try(
    start: Start,
    output: Output,
    leaf: Leaf,
    call: BoundCall,
    parameter: str,
    unknown: frozenset[Outcome],
    source: Source,
) -> None:
    """Give the call the leaf's value, and note whether it is known: accepted, or refused for another reason."""
    if _key(leaf) in source.taken or source.tried >= _VALUES:
        return
    source.tried += 1
    wrapped = json_type(start.specs[call.tool].properties[parameter]) == "array"
    reference = Reference(output.call.id, leaf.path, leaf.general, wrapped)
    outcome = start.outcome(output.after, with_value(call, parameter, [leaf.value] if wrapped else leaf.value))
    if outcome not in unknown or outcome.succeeded:
        source.taken[_key(leaf)] = reference
        if not outcome.succeeded:
            source.refused.append((output.after, reference))


def _answers_to_made_up(start: Start, situation: Situation, call: BoundCall, parameter: str) -> list[Outcome]:
    schema = start.specs[call.tool].properties[parameter]
    return [start.outcome(situation, with_value(call, parameter, value)) for value in made_up(schema, call, parameter)]


def _key(leaf: Leaf) -> str:
    return canonical_json(leaf.value)


def _telling(start: Start, output: Output, call: BoundCall, parameter: str, schema: JsonObject) -> Iterator[Leaf]:
    """The leaves of an output that could be the parameter's value: made by a system, or named as such."""
    inner = dict(schema.get("items", {})) if json_type(schema) == "array" else schema
    producer, consumer = start.specs[output.call.tool], start.specs[call.tool]
    for leaf in start.catalogue.shown(output.call, output.after.contents[output.call.id]):
        if not fits(leaf.value, inner) or leaf.value == "":
            continue
        identifies = system_name(leaf.name) or leaf.general.endswith(("*", "@key")) or not leaf.general
        if code_like(leaf.value) or (
            identifies and system_name(parameter) and affine(leaf, producer, consumer, parameter)
        ):
            yield leaf


def with_value(call: BoundCall, parameter: str, value: Json) -> BoundCall:
    """The call with another value of a parameter."""
    references = {name: item for name, item in call.references.items() if name != parameter}
    return BoundCall(call.id, call.tool, {**call.arguments, parameter: value}, references)


def with_reference(call: BoundCall, parameter: str, value: Json, reference: Reference, identity: int) -> BoundCall:
    """The call with another value of a parameter, bound to the output that it stands in."""
    argument = [value] if reference.wrapped else value
    return BoundCall(
        identity, call.tool, {**call.arguments, parameter: argument}, {**call.references, parameter: reference}
    )


def _said(call: BoundCall) -> Iterator[Json]:
    return (value for name, value in call.arguments.items() if name not in call.references)


def _sayable(parameter: str, schema: JsonObject) -> bool:
    """Whether a user can choose the value: from a list in the schema, or a number that identifies nothing."""
    kind = json_type(schema)
    return "enum" in schema or kind in ("boolean", "object") or (kind in _NUMBERS and not system_name(parameter))


def made_up(schema: JsonObject, call: BoundCall, parameter: str) -> list[Json]:
    """Values of the right type and of the same shape that no system made."""
    rng = generator("made up", call.tool, parameter)
    value = call.arguments[parameter]
    if json_type(schema) == "array":
        entries = value if isinstance(value, list) and value else ["entry"]
        return [[_scrambled(entries[0], rng)] for _ in range(_MADE_UP)]
    return [_scrambled(value, rng) for _ in range(_MADE_UP)]


def _scrambled(value: Json, rng: random.Random) -> Json:
    """Another value that looks like this one: letters for letters, digits for digits."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return rng.randint(10**6, 10**7)
    if isinstance(value, float):
        return round(value * rng.uniform(0.6, 0.99), 2)
    if not isinstance(value, str):
        return value
    return "".join(_another(letter, rng) for letter in value) or "zq"


def _another(letter: str, rng: random.Random) -> str:
    for letters in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        if letter in letters:
            return rng.choice(letters)
    return letter
