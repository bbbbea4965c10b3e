"""Names that the user gets slightly wrong: the call with the slip fails, and a tool that lists what there is tells the
right one."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from envs.world import World
from graphs.execution import Recorder
from graphs.failing_early import failing_call
from graphs.taking import said_values, taking
from tools.base import Json
from tools.call import ToolCall
from tools.graph import ApiGraph
from tools.listing import Listing, plain_lists
from tools.near_miss import near_miss
from tools.origin import ArgumentOrigin, Selector
from tools.paths import names_field, resolve
from tools.pools import Pools
from tools.provenance import said_in
from tools.trace import Step, Trace
from tools.wording import words

_TRIES = 3
_FEWEST_LETTERS = 4
_SECRETS = frozenset({"password", "passcode", "secret", "token", "key", "pin", "code", "cvv"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")


@dataclass(frozen=True)
class _Name:
    """A name that the user says: for a parameter of the call at a place of the turn, the first to need it."""

    at: int
    parameter: str
    value: str


def misnamed_calls(
    start: World, trace: Trace, graph: ApiGraph, pools: Pools, rng: random.Random
) -> Iterator[tuple[Step, ...]]:
    """The turn's steps with a name that the user gets wrong, in random order: the call that fails for it, the read that
    lists what there is, and the calls that use the name with the one that was meant."""
    names = [name for name in _names(trace.steps) if _sayable(name, trace.steps, graph, pools)]
    rng.shuffle(names)
    for name in names:
        for listing in _listings(trace.steps[name.at].call.name, name.parameter, graph):
            shown = _shown(start, trace.steps, name, listing, graph)
            slips = _slips(name.value, rng) if shown is not None else ()
            found = (_mended(start, trace.steps, name, listing, shown, slip) for slip in slips if shown is not None)
            yield from islice((steps for steps in found if steps is not None), 1)


def _names(steps: Sequence[Step]) -> Iterator[_Name]:
    """The texts that the user says, each where it is needed first."""
    seen: set[str] = set()
    for at, step in enumerate(steps):
        for parameter, origin in step.origins.items():
            value = step.call.arguments[parameter]
            if origin.kind == "query" and isinstance(value, str) and value not in seen:
                seen.add(value)
                yield _Name(at=at, parameter=parameter, value=value)


def _sayable(name: _Name, steps: Sequence[Step], graph: ApiGraph, pools: Pools) -> bool:
    """Whether it is a name that people get wrong: no choice from a list, secret, date or identifier."""
    tool = steps[name.at].call.name
    schema = graph.specs[tool].properties[name.parameter]
    made = pools.opaque(tool, name.parameter) or graph.opaque(tool, name.parameter)
    told = "enum" in schema or _SECRETS.intersection(words(name.parameter)) or _DATE.search(name.value)
    return not made and not told


def _slips(name: str, rng: random.Random) -> Iterator[str]:
    """Some slips of a name; none of one that is hardly longer than a code."""
    if sum(letter.isalpha() for letter in name) >= _FEWEST_LETTERS:
        yield from (near_miss(name, rng) for _ in range(_TRIES))


def _listings(tool: str, parameter: str, graph: ApiGraph) -> Iterator[Listing]:
    """The lists that may hold names for a parameter: by the graph, then all that are nothing but names."""
    for edge in graph.sources(tool, parameter):
        field = names_field(edge.path)
        if field is not None and graph.specs[edge.producer].effect == "read":
            yield Listing(tool=edge.producer, path=edge.path, field=field)
    yield from plain_lists(graph.specs.values())


def _shown(start: World, steps: Sequence[Step], name: _Name, listing: Listing, graph: ApiGraph) -> Step | None:
    """The call of a tool that lists names, made just before the name is needed; None where the turn does not have what
    it takes, has made it already, or it does more than to list."""
    given = {parameter: _said_before(parameter, name, steps) for parameter in graph.specs[listing.tool].required}
    found = {parameter: taken for parameter, taken in given.items() if taken is not None}
    arguments = {parameter: value for parameter, (value, _) in found.items()}
    call = ToolCall(id=f"{steps[name.at].call.id}r", name=listing.tool, arguments=arguments)
    made = {step.call.signature for step in steps[: name.at]}
    if len(found) < len(given) or listing.tool == steps[name.at].call.name or call.signature in made:
        return None
    world = start.fork()
    world.replay(step.call for step in steps[: name.at])
    shown = Recorder(world).run(call, {parameter: origin for parameter, (_, origin) in found.items()})
    return None if shown.observation.failed or shown.changed_state else shown


def _said_before(parameter: str, name: _Name, steps: Sequence[Step]) -> tuple[Json, ArgumentOrigin] | None:
    """The latest value that the turn has for a parameter of this name, up to the call that needs the name."""
    for step in reversed(steps[: name.at + 1]):
        if parameter in step.origins and step.call.arguments[parameter] != name.value:
            return step.call.arguments[parameter], step.origins[parameter]
    return None


def _mended(
    start: World, steps: Sequence[Step], name: _Name, listing: Listing, shown: Step, slip: str
) -> tuple[Step, ...] | None:
    """The steps of a user who says ``slip``; None where the call with it does not fail, or the name would be known
    without the list."""
    choice = Selector(kind="nearest", field=listing.field, value=slip)
    try:
        meant = resolve(shown.observation.content, listing.path, choice)
    except LookupError:
        return None
    step = steps[name.at]
    wrong = step.call.model_copy(update={"arguments": {**step.call.arguments, name.parameter: slip}})
    failing = failing_call(start, steps[: name.at], step.model_copy(update={"call": wrong}))
    if meant != name.value or failing is None or said_in(name.value, failing.observation.text()):
        return None
    found = ArgumentOrigin(kind="observation", source=shown.call.id, path=listing.path, selector=choice)
    rest = tuple(taking(item, name.value, found) for item in steps[name.at :])
    mended = (*steps[: name.at], failing, shown, *rest)
    return None if any(said_in(name.value, text) for text in said_values(mended) if isinstance(text, str)) else mended
