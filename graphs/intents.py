"""What a turn may set out to do: what its plan asks for first, then what goes on with earlier turns as it asks, then
whatever else can be reached."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import get_args

from envs.world import World
from graphs.turn_walk import TurnWalk
from tools.base import Json, canonical_json
from tools.graph import ApiGraph
from tools.intent import Intent
from tools.paths import json_type
from tools.pools import Pools, is_opaque
from tools.reading import values_at
from tools.reference import belongs_to_session, said_names
from tools.relation import takes_back
from tools.spec import ToolSpec
from tools.trace import Relation, Step

# So many intents have to fail before a turn that was to have an error, or a certain relation, may do without.
_PATIENCE = 10
_LESS_PATIENCE = 4


def intents(turn: TurnWalk, world: World) -> list[Intent]:
    """The intents of a turn in the order in which they are tried, each once; ``world`` is as it is before the turn."""
    return turn.memory.intents(lambda: _intents(turn, world))


def _intents(turn: TurnWalk, world: World) -> list[Intent]:
    plan = turn.job.plan(turn.state["turn"])
    if turn.settings.policy != "purposeful":
        tools = dict.fromkeys([*([plan.tool] if plan.tool else []), *ranking(turn)])
        return [Intent(tool=tool) for tool in tools if tool in turn.graph.specs]
    related = _related(turn, world, plan.relation) if turn.history else _planned(turn, fresh=False)
    asked = _with_proposal(turn, list(related)[:_PATIENCE])
    ranked = [Intent(tool=tool) for tool in ranking(turn)]
    likely = [*asked, *ranked[: _PATIENCE - len(asked)]] if plan.error else []
    found = [*(intent.model_copy(update={"error": True}) for intent in likely), *asked]
    if turn.history:
        for relation in _other_relations(turn, plan.relation):
            found += list(_related(turn, world, relation))[:_LESS_PATIENCE]
        found += _planned(turn, fresh=False)
    found += ranked
    unique = {canonical_json(intent.plain()): intent for intent in found}
    return [intent for intent in unique.values() if intent.tool in turn.graph.specs]


def _with_proposal(turn: TurnWalk, asked: list[Intent]) -> list[Intent]:
    """What was asked for with the goal that the sampling role proposes: first, unless the quotas want another one."""
    if turn.proposal is None:
        return asked
    goal = Intent(tool=turn.proposal.goal)
    wanted = turn.job.plan(turn.state["turn"]).tool
    return [goal, *asked] if wanted in (None, goal.tool) else [*asked, goal]


def _other_relations(turn: TurnWalk, planned: Relation) -> list[Relation]:
    """What to fall back on where the planned relation cannot be had: the others in an order that is drawn by their
    shares."""
    rng, shares = turn.rng("relations"), turn.settings.relations
    others = [relation for relation in get_args(Relation) if relation != planned and getattr(shares, relation) > 0]
    return sorted(others, key=lambda relation: rng.random() ** (1 / getattr(shares, relation)), reverse=True)


def ranking(turn: TurnWalk) -> list[str]:
    """All tools in a weighted random order: those with values that can be looked up come early, targets of earlier
    turns and tools that take no arguments late, those that nothing leads to last."""
    rng, graph = turn.rng("targets"), turn.graph
    weights = {}
    for name, spec in graph.specs.items():
        if name not in turn.context.left_out:
            weight = (0.3 + len(_looked_up(graph, name))) ** 2 * (1.0 if spec.properties else 0.3)
            weight *= 1.0 if graph.costs_from_scratch[name] < math.inf else 0.001
            weights[name] = weight * (0.1 if name in turn.state["past_targets"] else 1.0)
    return sorted(weights, key=lambda name: rng.random() ** (1 / weights[name]), reverse=True)


def _looked_up(graph: ApiGraph, tool: str) -> list[str]:
    """The required parameters that a tool which reads can give."""
    return [
        name
        for name in graph.specs[tool].required
        if not belongs_to_session(name)
        and any(graph.specs[edge.producer].effect == "read" for edge in graph.sources(tool, name))
    ]


def _related(turn: TurnWalk, world: World, relation: Relation) -> Iterator[Intent]:
    """Intents with a relation to earlier turns, the plan's tool first."""
    plan = turn.job.plan(turn.state["turn"])
    if relation in ("follow_up", "drill_down"):
        yield from _first(plan.tool, _going_on(turn, relation))
    elif relation == "correction":
        yield from _first(plan.tool, _corrections(turn, world.made_ids()))
    elif relation == "same_entity":
        yield from _first(plan.tool, _about_the_same(turn, world))
    else:
        planned = (intent.model_copy(update={"relation": relation}) for intent in _planned(turn, fresh=True))
        yield from planned
        yield from (Intent(tool=tool, relation=relation, fresh=True) for tool in ranking(turn))


def _planned(turn: TurnWalk, *, fresh: bool) -> Iterator[Intent]:
    plan = turn.job.plan(turn.state["turn"])
    if plan.tool is not None and plan.edge is not None:
        yield Intent(tool=plan.tool, edge=plan.edge, fresh=fresh)
    if plan.tool is not None:
        yield Intent(tool=plan.tool, fresh=fresh)


def _planned_across(turn: TurnWalk, relation: Relation) -> Iterator[Intent]:
    """The planned edge, where an earlier turn has called its producer."""
    plan = turn.job.plan(turn.state["turn"])
    edge = plan.edge
    if plan.tool is None or edge is None or edge.parameter is None or belongs_to_session(edge.parameter):
        return
    if any(step.call.name == edge.producer for step in turn.history):
        yield Intent(tool=plan.tool, edge=edge, relation=relation, earlier=(edge.parameter,))


def _first(tool: str | None, found: Iterator[Intent]) -> list[Intent]:
    """Those of the tool that the plan asks for before the others, those over its edge before all."""
    return sorted(found, key=lambda intent: (intent.tool != tool, intent.edge is None))


def _shuffled(turn: TurnWalk, found: Sequence[Intent], key: str) -> list[Intent]:
    """In random order; targets with more values that can be looked up come early, those of earlier turns last."""
    rng = turn.rng("intents", key)
    free = {intent.tool: 1 + 2 * len({*_looked_up(turn.graph, intent.tool)} - {*intent.earlier}) for intent in found}
    drawn = [
        (intent.tool in turn.state["past_targets"], -(rng.random() ** (1 / free[intent.tool]))) for intent in found
    ]
    order = sorted(range(len(found)), key=drawn.__getitem__)
    return [found[position] for position in order]


def _going_on(turn: TurnWalk, relation: Relation) -> Iterator[Intent]:
    """Targets that take a value which an earlier turn showed: reads to drill down, others to follow up."""
    yield from _planned_across(turn, relation)
    found: dict[tuple[str, str], Intent] = {}
    for step in reversed(turn.history):
        for edge in turn.graph.outgoing(step.call.name):
            spec, name = turn.graph.specs[edge.consumer], edge.parameter
            if name is None or belongs_to_session(name) or (relation == "drill_down" and spec.effect != "read"):
                continue
            if relation == "follow_up" and takes_back(spec):
                continue
            wanted = json_type(spec.properties[name])
            if any(values_at(step, edge.path, "earlier_turn", wanted, opaque=edge.opaque)):
                found.setdefault((spec.name, name), Intent(tool=spec.name, relation=relation, earlier=(name,)))
    yield from _shuffled(turn, list(found.values()), relation)


def _corrections(turn: TurnWalk, made: frozenset[str | int]) -> Iterator[Intent]:
    """Targets that take back what an earlier turn did, or do it again in another way."""
    yield from _planned_across(turn, "correction")
    found: list[Intent] = []
    for step in reversed([step for step in turn.history if step.changed_state]):
        for spec in turn.graph.specs.values():
            if spec.effect == "write" and takes_back(spec) and spec.name != step.call.name:
                found += _taking_back(turn, step, spec)
        if not _makes(step, made):
            found += _again(turn, step)
    yield from _shuffled(turn, found, "correction")


def _taking_back(turn: TurnWalk, step: Step, spec: ToolSpec) -> Iterator[Intent]:
    for edge in turn.graph.outgoing(step.call.name):
        if edge.consumer == spec.name and edge.parameter is not None and not belongs_to_session(edge.parameter):
            yield Intent(tool=spec.name, relation="correction", earlier=(edge.parameter,))
    names = said_names(step, turn.graph.specs)
    same = {name: step.call.arguments[name] for name in spec.properties if name in names}
    if same:
        yield Intent(tool=spec.name, relation="correction", said=same)


def _again(turn: TurnWalk, step: Step) -> Iterator[Intent]:
    """The same call with one value changed."""
    said = {name: value for name, value in step.call.arguments.items() if step.origins[name].kind == "query"}
    found = {name for name, origin in step.origins.items() if origin.kind not in ("query", "profile")}
    earlier = tuple(name for name in step.call.arguments if name in found and not belongs_to_session(name))
    for name, value in said.items():
        kept = {other: item for other, item in said.items() if other != name}
        if kept or earlier:
            yield Intent(tool=step.call.name, relation="correction", earlier=earlier, said=kept, other={name: value})


def _makes(step: Step, made: frozenset[str | int]) -> bool:
    """Whether a call made something new: to make another one is no correction."""
    content = step.observation.content
    return isinstance(content, dict) and any(
        isinstance(value, str | int) and value in made for value in content.values()
    )


def _about_the_same(turn: TurnWalk, world: World) -> Iterator[Intent]:
    """Targets that can be about somebody or something that an earlier turn was about: by parameters for which its user
    could say the same."""
    pools = turn.memory.sayable(world).pools
    named = {
        canonical_json(step.call.arguments[name]): step.call.arguments[name]
        for step in turn.history
        for name in said_names(step, turn.graph.specs)
    }
    found = []
    for spec in turn.graph.specs.values():
        for name, schema in spec.properties.items():
            if named and "enum" not in schema and not is_opaque(name):
                texts = {canonical_json(value) for value in _sayable(turn, pools, spec.name, name)}
                found += [
                    Intent(tool=spec.name, relation="same_entity", said={name: value}, fresh=True)
                    for text, value in named.items()
                    if text in texts
                ]
    yield from _shuffled(turn, found, "same entity")


def _sayable(turn: TurnWalk, pools: Pools, tool: str, parameter: str) -> Sequence[Json]:
    schema = turn.graph.specs[tool].properties[parameter]
    listed = pools.listed(tool, parameter, schema)
    if listed is not None:
        return listed
    return pools.candidates(tool, parameter, schema, turn.rng("same entity", tool, parameter))
