"""Gives a call its arguments, each with its origin: from an earlier output, or from what the user could say."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from tools.base import Json, JsonObject, Record, canonical_json
from tools.offers import Offer
from tools.origin import ArgumentOrigin
from tools.paths import resolve
from tools.supply import Supply
from tools.trace import Step

_SAID = ArgumentOrigin(kind="query")
_PROFILE = ArgumentOrigin(kind="profile")

# The values of each parameter that were tried in vain, as canonical JSON.
Tried = Mapping[str, Collection[str]]


class Binding(Record):
    """Arguments for one call, and where each comes from."""

    arguments: JsonObject
    origins: dict[str, ArgumentOrigin]


def bind(supply: Supply, tool: str, rng: random.Random, tried: Tried | None = None) -> Binding | None:
    """Arguments for a call of ``tool``: from outputs as the needs say, then from the user what goes with them.

    Two parameters never get the same looked-up value. None where a parameter has no value.
    """
    shown = _looked_up(supply, tool, rng, tried or {})
    said = None if shown is None else _said(supply, tool, rng, tried or {}, shown)
    if shown is None or said is None:
        return None
    unsaid = supply.needs.pools.unsaid
    arguments = {**{name: offer.value for name, offer in shown.items()}, **said}
    origins = {
        **{name: offer.origin for name, offer in shown.items()},
        **{name: _PROFILE if unsaid(tool, name) else _SAID for name in said},
    }
    given = [name for name in supply.needs.graph.specs[tool].properties if name in arguments]
    return Binding(arguments={name: arguments[name] for name in given}, origins={name: origins[name] for name in given})


def _looked_up(supply: Supply, tool: str, rng: random.Random, tried: Tried) -> dict[str, Offer] | None:
    """What outputs give for a call; None where they lack something."""
    produced = supply.needs.of(tool).produced
    beside = supply.said(tool)
    found: dict[str, Offer] = {}
    for name in supply.needs.graph.specs[tool].properties:
        if name not in produced:
            continue
        taken = {offer.key for offer in found.values()}
        options = [
            offer for offer in supply.offers(tool, name) if offer.key not in taken and offer.agrees(name, beside)
        ]
        if not options:
            return None
        vain = tried.get(name, ())
        fresh = [offer for offer in options if offer.key not in vain] if vain else options
        found[name] = _one_of_best(fresh or options, rng)
        beside[name] = found[name].value
    return found


def _said(supply: Supply, tool: str, rng: random.Random, tried: Tried, shown: Mapping[str, Offer]) -> JsonObject | None:
    """What the user gives for a call beside what outputs show; None where nothing goes with it."""
    given = supply.needs.of(tool).given
    arguments = {name: offer.value for name, offer in shown.items()}
    taken = {offer.key for offer in shown.values()}
    found: JsonObject = {}
    for name in supply.needs.graph.specs[tool].properties:
        if name not in given:
            continue
        candidates = supply.given(tool, name, rng, {**arguments, **found}, tried.get(name, ()))
        if taken:
            candidates = [item for item in candidates if canonical_json(item) not in taken] or candidates
        fitting = (
            item for item in candidates if all(offer.agrees(other, {name: item}) for other, offer in shown.items())
        )
        value = next(fitting, None)
        if value is None:
            return None
        found[name] = value
        if isinstance(value, str):
            taken.add(canonical_json(value))
    return found


def _one_of_best(options: Sequence[Offer], rng: random.Random) -> Offer:
    """One of the choices that the best source offers."""
    best = options[0].step.call.id
    return rng.choice([offer for offer in options if offer.step.call.id == best])


def rebind(step: Step, contents: dict[str, Json]) -> JsonObject:
    """The step's arguments once more, with what calls of the turn showed (``observation``, ``state``) read anew from
    ``contents`` (by call id). What earlier turns showed stays as it is.

    Raises:
        LookupError: a source is gone, or holds nothing there any more.
    """
    given = step.call.arguments
    found = {name: _rebound(given[name], origin, contents) for name, origin in step.origins.items() if name in given}
    return {**given, **found}


def _rebound(value: Json, origin: ArgumentOrigin, contents: dict[str, Json]) -> Json:
    if origin.kind in ("observation", "state"):
        return _read(origin, contents)
    if origin.kind == "composed" and isinstance(value, list) and len(value) == len(origin.parts):
        return [_rebound(item, part, contents) for item, part in zip(value, origin.parts, strict=True)]
    return value


def _read(origin: ArgumentOrigin, contents: dict[str, Json]) -> Json:
    if origin.source not in contents:
        raise LookupError(f"call {origin.source} is gone")
    return resolve(contents[origin.source], origin.path or "", origin.selector)
