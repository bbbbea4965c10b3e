"""What the offline reasoning agent says: its thoughts before calls, and the outcome in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fr_agents.roles.offline.planning import Output, PlannedCall
from tools.base import Json, canonical_json
from tools.spec import ToolSpec
from tools.wording import label, labels, request_phrase

_MOST_FACTS = 4
_LONGEST_FACT = 200


def tell_thought(plan: Sequence[PlannedCall], calls: Sequence[PlannedCall], results: Mapping[str, Json]) -> str:
    """Why these calls come next."""
    tasks = [request_phrase(goal.spec) for goal in plan]
    opening = "" if results else f"The user wants me to {_listed(tasks)}. "
    lookups = [call for call in calls if call not in plan]
    if lookups:
        needed = [_needed_for(call, plan) for call in lookups]
        return f"{opening}Before that I need {_listed(list(dict.fromkeys(needed)))}, so I look that up first."
    now = _listed([request_phrase(call.spec) for call in calls])
    return f"{opening}I know all that it takes to {now}." if opening else f"Now I can {now}."


def tell_outcome(results: Sequence[tuple[ToolSpec, Json]]) -> str:
    """What came of each task, with the facts that its call returned and nothing else."""
    return " ".join(_outcome(spec, content) for spec, content in results)


def _outcome(spec: ToolSpec, content: Json) -> str:
    task = request_phrase(spec)
    opening = f"{task[:1].upper()}{task[1:]}"
    facts = list(_facts(spec, content))
    return f"{opening}: {'; '.join(facts)}." if facts else f"{opening}: done."


def _facts(spec: ToolSpec, content: Json) -> list[str]:
    if not isinstance(content, dict):
        return [] if content in (None, [], "") else [_short(content)]
    fields = spec.returns.get("properties", {})
    return [
        f"{label(name, fields.get(name, {}))}: {_short(value)}" for name, value in list(content.items())[:_MOST_FACTS]
    ]


def _short(value: Json) -> str:
    """A value in words; what does not fit in a line is counted, not cut."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.rstrip(".")
    text = canonical_json(value)
    if isinstance(value, list | dict) and len(text) > _LONGEST_FACT:
        return f"{len(value)} entries"
    if value in (None, [], {}):
        return "none"
    return ", ".join(str(item) for item in value) if _is_plain_list(value) else text


def _is_plain_list(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(item, str | int | float) for item in value)


def _needed_for(lookup: PlannedCall, plan: Sequence[PlannedCall]) -> str:
    """The label of the argument that a look-up is for."""
    queue = list(plan)
    while queue:
        call = queue.pop(0)
        for name, source in call.arguments:
            if isinstance(source, Output):
                if source.call == lookup:
                    return f"the {labels(call.spec)[name]}"
                queue.append(source.call)
    return f"to {request_phrase(lookup.spec)}"


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
