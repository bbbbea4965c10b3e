"""What a turn's intent and its present goal ask of the arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.base import Json, canonical_json
from tools.graph import ApiGraph
from tools.intent import Constraints, Goal, Intent, Slot
from tools.reference import belongs_to_session
from tools.trace import Step


def constraints_of(
    intent: Intent,
    goal: Goal,
    steps: Sequence[Step],
    graph: ApiGraph,
    suggested: Mapping[str, Mapping[str, Json]] | None = None,
) -> Constraints:
    """The constraints of a walk toward ``goal``; ``suggested`` are values by tool and parameter."""
    tool = intent.tool
    edge = intent.edge
    edges = {(tool, edge.parameter): edge} if edge is not None and edge.parameter is not None else {}
    other = {(tool, name): frozenset([canonical_json(value)]) for name, value in intent.other.items()}
    sources: dict[Slot, str] = {}
    kept: Mapping[Slot, Json] = {}
    if goal.kind == "use":
        sources = {(goal.tool, goal.parameter): goal.source}
    if goal.kind == "second":
        first = list(steps[: goal.since])
        varied = varied_slots(first, graph)
        other = {slot: frozenset(canonical_json(value) for value in _values(slot, first)) for slot in varied}
        kept = {
            (step.call.name, name): value
            for step in first
            for name, value in step.call.arguments.items()
            if (step.call.name, name) not in varied
        }
    return Constraints(
        edges=edges,
        sources=sources,
        earlier=frozenset((tool, name) for name in intent.earlier),
        said={(tool, name): value for name, value in intent.said.items() if (tool, name) not in other},
        suggested={
            (name, parameter): value
            for name, values in (suggested or {}).items()
            for parameter, value in values.items()
            if (name, parameter) not in other
        },
        kept=kept,
        other=other,
        fresh=intent.fresh,
    )


def varied_slots(steps: Sequence[Step], graph: ApiGraph) -> frozenset[Slot]:
    """What has to be another value for a second instance of a chain, whose last call is its aim: what that call is
    about, and, where this was looked up by itself, what it was looked up by. None where nothing can vary."""
    by_id = {step.call.id: step for step in steps}
    found: set[Slot] = set()
    step: Step | None = steps[-1]
    while step is not None:
        name = _instance(step, graph)
        if name is None:
            return frozenset(found)
        found.add((step.call.name, name))
        (part, *_) = (*step.origins[name].observed, None)
        by_itself = part is not None and part.selector is None
        step = by_id.get(str(part.source)) if part is not None and by_itself else None
    return frozenset(found)


def _instance(step: Step, graph: ApiGraph) -> str | None:
    """The parameter that says which instance a call is about: one that was looked up in this turn before one that the
    user says, a name before a number."""
    properties = graph.specs[step.call.name].properties
    names = [name for name in step.origins if name in properties and not belongs_to_session(name)]
    looked_up = [name for name in names if any(part.kind == "observation" for part in step.origins[name].observed)]
    said = [name for name in names if step.origins[name].kind == "query" and isinstance(step.call.arguments[name], str)]
    return next(iter([*looked_up, *said]), None)


def _values(slot: Slot, steps: Sequence[Step]) -> list[Json]:
    tool, name = slot
    return [step.call.arguments[name] for step in steps if step.call.name == tool and name in step.call.arguments]
