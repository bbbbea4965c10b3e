"""All calls of a plan at once: arguments that only a result can give become references to it."""

from __future__ import annotations

from collections.abc import Sequence

from fr_agents.roles.offline.planning import Expression, Output, PlannedCall
from fr_agents.roles.offline.progressing import Progress
from graphs.plan_mode import reference
from graphs.roles import WantedCall
from tools.base import Json
from tools.paths import KEY
from tools.schema_path import fields_through


def planned_ahead(plan: Sequence[PlannedCall], progress: Progress) -> tuple[tuple[PlannedCall, WantedCall], ...]:
    """The calls of a plan in order, each after its look-ups, up to the first task that takes a value which has to be
    seen before anybody can refer to it, or that no earlier turn told."""
    made: list[tuple[PlannedCall, WantedCall]] = []
    for goal in plan:
        needed = list(made)
        try:
            _add(goal, needed, progress)
        except LookupError:
            break
        made = needed
    return tuple(made)


def _add(call: PlannedCall, made: list[tuple[PlannedCall, WantedCall]], progress: Progress) -> int:
    """The number of a call among those that are ``made``, to which it and its look-ups are added where they are new."""
    for number, (known, _) in enumerate(made, 1):
        if known == call:
            return number
    arguments = {name: _value(source, made, progress) for name, source in call.arguments}
    made.append((call, WantedCall(name=call.spec.name, arguments=arguments)))
    return len(made)


def _value(source: Expression, made: list[tuple[PlannedCall, WantedCall]], progress: Progress) -> Json:
    """The value of an argument, or a reference to it. Raises LookupError where it can be neither."""
    if not isinstance(source, Output):
        return progress.value(source)
    path = _path(source)
    found = reference(_add(source.call, made, progress), path)
    return [found] if source.wrapped else found


def _path(source: Output) -> str:
    """The path of an output as a reference has it, with its choice of an entry in brackets."""
    front, star, rest = source.path.partition("*")
    if KEY in source.path.split(".") or "*" in rest:
        raise LookupError("the way to the value shows only in the result")
    return f"{front.rstrip('.')}[{_choice(source)}]{rest}" if star else source.path


def _choice(source: Output) -> str:
    """How brackets pick the entry of a list."""
    selector = source.selector
    if selector is None or selector.kind in ("only", "first"):
        return "0"
    known = selector.field in fields_through(source.call.spec.returns, source.path)
    if not known or selector.kind == "nearest" or "]" in str(selector.value):
        raise LookupError("the entry can be picked only when it is seen")
    return f"{selector.field}={selector.value}" if selector.kind == "equals" else f"{selector.kind} {selector.field}"
