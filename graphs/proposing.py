"""What the optional sampling agent proposes for a turn. It has a say in the story, and none in what is legal: what it
proposes is tried out as any other goal and any other value is."""

from __future__ import annotations

import math
from functools import partial

from jsonschema import Draft202012Validator

from envs.world import World
from graphs.roles import Proposal, RoleFailure, SamplingView
from graphs.turn_walk import TurnWalk
from tools.base import Json, json_safe
from tools.pools import Pools, is_opaque
from tools.seen import Seen
from tools.spec import ToolSpec

_MOST_TOOLS = 40
_MOST_EXAMPLES = 5
_DEFINITIONS = ("$defs", "definitions")


async def proposed(turn: TurnWalk) -> Proposal | None:
    """Ask the sampling role what a turn that has not begun could be for.

    None where there is no such role, where nothing can be reached, or where it gave no usable answer: the turn goes by
    the rules alone then. Values that the user could not say, or that do not fit the parameter's schema, are left out.
    """
    role = turn.context.roles.sampling
    if role is None:
        return None
    view = await turn.context.aside(partial(sampling_view, turn))
    if not view.tools:
        return None
    try:
        proposal = await role(view)
    except RoleFailure:
        return None
    return _checked(proposal, view)


def sampling_view(turn: TurnWalk) -> SamplingView:
    """What the sampling role is shown of a turn that has not begun."""
    plan = turn.job.plan(turn.state["turn"])
    tools = _offered(turn, plan.tool)
    with turn.lease(before=True) as lease:
        sayable = _sayable(turn, lease.world, tools)
    return SamplingView(
        tools=tools,
        earlier_messages=tuple(turn.state["messages"]),
        relation=plan.relation,
        planned=plan.tool if plan.tool in {tool.name for tool in tools} else None,
        sayable=sayable,
    )


def _offered(turn: TurnWalk, planned: str | None) -> tuple[ToolSpec, ...]:
    """The tools that the turn may be for, in the order of the world, so that their place tells nothing. Where there are
    many, those on the way to the planned one and a draw of the others, another one for each turn."""
    graph, left_out = turn.graph, turn.context.left_out
    possible = [name for name in graph.specs if graph.costs_from_scratch[name] < math.inf and name not in left_out]
    way = graph.relaxed_plan(planned) if planned in possible else None
    rest = [name for name in possible if name not in (way or ())]
    turn.rng("proposing").shuffle(rest)
    needed = [name for name in reversed(way or ()) if name in possible]
    chosen = frozenset([*needed, *rest][:_MOST_TOOLS])
    return tuple(spec for name, spec in graph.specs.items() if name in chosen)


def _sayable(turn: TurnWalk, world: World, tools: tuple[ToolSpec, ...]) -> dict[str, tuple[Json, ...]]:
    """Examples of what the user could say for each parameter, but for values that only a tool can tell. There may be
    none: of a free text, say, whose name tells nothing."""
    graph, pools = turn.graph, Pools(world.known_values(), world.profile())
    seen = Seen(specs=graph.specs, steps=(), earlier=turn.history)
    found = {}
    for tool in tools:
        for name, schema in tool.properties.items():
            if graph.opaque(tool.name, name) or pools.unsaid(tool.name, name):
                continue
            values = pools.candidates(tool.name, name, schema, turn.rng("proposing", tool.name, name), seen)
            if values or not (is_opaque(name) or graph.sources(tool.name, name)):
                found[f"{tool.name}.{name}"] = tuple(values[:_MOST_EXAMPLES])
    return found


def _checked(proposal: Proposal, view: SamplingView) -> Proposal | None:
    """What of a proposal can be used; none where its goal is no tool that was offered."""
    specs = {tool.name: tool for tool in view.tools}
    if proposal.goal not in specs:
        return None
    values = {
        tool: {
            name: value
            for name, value in json_safe(own).items()
            if f"{tool}.{name}" in view.sayable and _fits(specs[tool], name, value)
        }
        for tool, own in proposal.values.items()
    }
    return proposal.model_copy(update={"values": {tool: own for tool, own in values.items() if own}})


def _fits(spec: ToolSpec, name: str, value: Json) -> bool:
    """Whether a value is one for the parameter, whose schema may refer to definitions beside it."""
    definitions = {key: spec.parameters[key] for key in _DEFINITIONS if key in spec.parameters}
    schema = {**definitions, "properties": {name: spec.properties[name]}}
    return Draft202012Validator(schema).is_valid({name: value})
