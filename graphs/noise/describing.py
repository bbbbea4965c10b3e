"""The operator ``describe``: a name or an identifier that the user would say is described instead, and looked up."""

from __future__ import annotations

import random
from collections.abc import Iterator

from graphs.execution import Recorder
from graphs.noise.proving import proved
from graphs.noise.sampled import SaidName, SampledTurn, gives_away
from graphs.records.query import Noise
from graphs.taking import taking
from tools.base import Json, canonical_json
from tools.call import ToolCall
from tools.graph import Edge
from tools.origin import ArgumentOrigin
from tools.paths import json_type, resolve
from tools.pools import Pools
from tools.provenance import said_in
from tools.reading import values_at
from tools.trace import Step, Trace
from tools.wording import labels

# Each option is executed several times to be proved.
_MOST_OPTIONS = 12
# So many values are tried for what another one is to be found by.
_MOST_SAID = 24
_SAID = ArgumentOrigin(kind="query")
_Given = dict[str, tuple[Json, ArgumentOrigin]]


def describe(turn: SampledTurn, rng: random.Random) -> tuple[Trace, Noise] | None:
    """The turn in which one value is not said any more, but described so that it is unique: by another field of the
    list that it stands in, as the one with the highest or lowest number, or as the only one. The read that shows it is
    inserted before the value is first needed. None where nothing can be described."""
    if turn.has_failures or len(turn.trace.steps) >= turn.longest:
        return None
    names = [name for name in turn.said_names() if not said_in(name.value, turn.told)]
    rng.shuffle(names)
    tried = 0
    for name in names:
        options = list(_options(turn, name, rng))
        rng.shuffle(options)
        for read, origin in options[: _MOST_OPTIONS - tried]:
            tried += 1
            before, after = turn.trace.steps[: name.at], turn.trace.steps[name.at :]
            steps = (*before, read, *(taking(step, name.value, origin) for step in after))
            trace = proved(turn, steps, name.value)
            if trace is not None:
                return trace, Noise(operator="describe", detail=labels(turn.graph.specs[name.tool])[name.parameter])
    return None


def _options(turn: SampledTurn, name: SaidName, rng: random.Random) -> Iterator[tuple[Step, ArgumentOrigin]]:
    """The reads that show the value, each with an origin that describes it."""
    wanted = json_type(turn.graph.specs[name.tool].properties[name.parameter])
    for edge in turn.graph.sources(name.tool, name.parameter):
        for read in _reads(turn, name, edge, rng):
            for value, origin in values_at(read, edge.path, "observation", wanted, opaque=edge.opaque):
                same = canonical_json(value) == canonical_json(name.value)
                if same and _describes(turn, name, edge, read, origin) and _unique_before(turn, read, origin, value):
                    yield read, origin.model_copy(update={"kind": "state"})


def _reads(turn: SampledTurn, name: SaidName, edge: Edge, rng: random.Random) -> Iterator[Step]:
    """Calls of the edge's producer, made just before the value is needed, with what the turn says anyway. One thing
    more the user may have to say: what the value is found by, such as the city of a zip code."""
    spec = turn.graph.specs[edge.producer]
    if spec.effect != "read" or edge.producer in turn.avoided:
        return
    given = {parameter: _argument(turn, name, parameter) for parameter in spec.required}
    missing = [parameter for parameter, taken in given.items() if taken is None]
    if len(missing) > 1:
        return
    found = {parameter: taken for parameter, taken in given.items() if taken is not None}
    ways = [found]
    for parameter in missing:
        values = _sayable(turn, edge.producer, parameter, rng)
        ways = [{**found, parameter: (value, _SAID)} for value in values if value != name.value]
    for arguments in ways:
        read = _executed(turn, name, edge.producer, arguments)
        if read is not None:
            yield read


def _sayable(turn: SampledTurn, tool: str, parameter: str, rng: random.Random) -> list[Json]:
    """What a user of this world could say for a parameter; nothing for what systems make or nobody says in a chat."""
    pools = Pools(turn.start.known_values())
    if pools.opaque(tool, parameter) or turn.graph.opaque(tool, parameter) or pools.unsaid(tool, parameter):
        return []
    return pools.candidates(tool, parameter, turn.graph.specs[tool].properties[parameter], rng)[:_MOST_SAID]


def _executed(turn: SampledTurn, name: SaidName, tool: str, given: _Given) -> Step | None:
    """The read, made; None where it was made before, gives the value away, fails, or does more than to read."""
    arguments = {parameter: value for parameter, (value, _) in given.items()}
    call = ToolCall(id=f"{turn.trace.steps[name.at].call.id}d", name=tool, arguments=arguments)
    if call.signature in {step.call.signature for step in (*turn.history, *turn.trace.steps)}:
        return None
    world = turn.start.fork()
    world.replay(step.call for step in turn.trace.steps[: name.at])
    read = Recorder(world).run(call, {parameter: origin for parameter, (_, origin) in given.items()})
    return None if read.observation.failed or read.changed_state else read


def _argument(turn: SampledTurn, name: SaidName, parameter: str) -> tuple[Json, ArgumentOrigin] | None:
    """What the turn has for a parameter of this name: in the call that needs the value, else in the latest one before
    it, else what the user says for a later one. The value itself is none: it is to be found."""
    steps = turn.trace.steps
    for at, step in [(name.at, steps[name.at]), *reversed([*enumerate(steps[: name.at])]), *enumerate(steps)]:
        origin = step.origins.get(parameter)
        if origin is None or step.call.arguments[parameter] == name.value:
            continue
        if at <= name.at or origin.kind in ("query", "profile"):
            return step.call.arguments[parameter], origin
    return None


def _describes(turn: SampledTurn, name: SaidName, edge: Edge, read: Step, origin: ArgumentOrigin) -> bool:
    """Whether the origin can be said without the value. What is described by nothing but its being the only one has to
    be needed anyhow, and be what nobody would say or what something is said about: else it would be left out unseen."""
    selector = origin.selector
    if selector is not None and selector.kind == "equals":
        return not gives_away(selector, name.value)
    if selector is not None and selector.kind in ("min", "max"):
        return True
    needed = name.parameter in turn.graph.specs[name.tool].required
    return needed and (selector is None or selector.kind == "only") and (edge.opaque or bool(read.call.arguments))


def _unique_before(turn: SampledTurn, read: Step, origin: ArgumentOrigin, value: Json) -> bool:
    """Whether the description fits the value, and it alone, in the world that the user speaks about."""
    seen = turn.start.fork().execute(read.call)
    try:
        return not seen.failed and bool(resolve(seen.content, origin.path or "", origin.selector) == value)
    except LookupError:
        return False
