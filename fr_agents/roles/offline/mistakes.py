"""The mistakes of the offline reasoning agent, so that critic and hints have real work.

Which mistake is made depends on the request and on the role's own seed. It is not made again once a hint speaks of it:
a step that was skipped comes back with the decomposition, a slip when the critic points at the argument, or already,
in half of the cases, when the critic says that a value is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fr_agents.roles.offline.planning import Known, Output, PlannedCall, with_argument
from graphs.validation.hint_words import KINDS
from tools.base import Json, generator
from tools.provenance import normalised
from tools.wording import labels, request_phrase

_ATTENTIVE = 0.5
_WRONG_VALUE = normalised(KINDS["wrong_argument"])


@dataclass(frozen=True)
class Mistake:
    """A plan with a fault, and the words whose mention prevents it: ``step`` in any hint, or, in a hint of the critic,
    ``task`` together with ``argument``."""

    plan: tuple[PlannedCall, ...]
    step: str = ""
    task: str = ""
    argument: str = ""

    def prevented(self, hints: Sequence[str], *, attentive: bool) -> bool:
        """Whether the hints speak of it, for the ``attentive`` also without a word on where it is. The first one is the
        decomposition, which names every step of the turn and so points at no argument."""
        told = [normalised(hint) for hint in hints]
        pointed = [normalised(self.task) in hint and normalised(self.argument) in hint for hint in told[1:]]
        pointed += [attentive and _WRONG_VALUE in hint for hint in told[1:]]
        return bool(self.step and any(normalised(self.step) in hint for hint in told)) or (
            bool(self.argument) and any(pointed)
        )


def with_mistake(
    plan: tuple[PlannedCall, ...], request: str, hints: Sequence[str], *, seed: int, share: float
) -> tuple[PlannedCall, ...]:
    """The plan, in a ``share`` of requests with one mistake in it, unless a hint prevents that."""
    rng = generator("mistakes", seed, request)
    if rng.random() >= share:
        return plan
    options = list(_mistakes(plan))
    if not options:
        return plan
    chosen = rng.choice(options)
    attentive = rng.random() < _ATTENTIVE
    return plan if chosen.prevented(hints, attentive=attentive) else chosen.plan


def _mistakes(plan: tuple[PlannedCall, ...]) -> Iterator[Mistake]:
    yield from _forgotten(plan)
    for index, goal in enumerate(plan):
        names = labels(goal.spec)
        for name, source in goal.arguments:
            task = request_phrase(goal.spec)
            if isinstance(source, Output):
                lookup = request_phrase(source.call.spec)
                wrong = with_argument(goal, name, Known(_guess(goal, name)))
                yield Mistake(_replaced(plan, index, wrong), step=lookup, task=task, argument=names[name])
            elif isinstance(source, Known) and _slipped(goal, name, source.value) is not None:
                wrong = with_argument(goal, name, Known(_slipped(goal, name, source.value)))
                yield Mistake(_replaced(plan, index, wrong), task=task, argument=names[name])


def _forgotten(plan: tuple[PlannedCall, ...]) -> Iterator[Mistake]:
    """The last of several tasks left out."""
    if len(plan) > 1:
        yield Mistake(plan[:-1], step=request_phrase(plan[-1].spec))


def _guess(goal: PlannedCall, name: str) -> Json:
    """A value made up where one should have been looked up."""
    kind = goal.spec.properties[name].get("type")
    guesses: dict[str, Json] = {"integer": 12345, "number": 100.0, "array": ["12345"]}
    return guesses.get(str(kind), "12345")


def _slipped(goal: PlannedCall, name: str, value: Json) -> Json:
    """Another choice of an enumeration, a number off by one, or the text of a neighbouring argument."""
    schema = goal.spec.properties[name]
    others = [item for item in schema.get("enum", ()) if item != value]
    if others:
        return others[0]
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    neighbours = [
        source.value
        for other, source in goal.arguments
        if other != name and isinstance(source, Known) and isinstance(source.value, str) and isinstance(value, str)
    ]
    return neighbours[0] if neighbours and "enum" not in schema else None


def _replaced(plan: tuple[PlannedCall, ...], index: int, call: PlannedCall) -> tuple[PlannedCall, ...]:
    """The plan with another call at ``index``, whose result the later ones then read."""
    return (*plan[:index], call, *(_reading(later, plan[index], call) for later in plan[index + 1 :]))


def _reading(call: PlannedCall, old: PlannedCall, new: PlannedCall) -> PlannedCall:
    """The call, with all that it reads from ``old``, at any depth, read from ``new``."""
    for name, source in call.arguments:
        if isinstance(source, Output):
            producer = new if source.call == old else _reading(source.call, old, new)
            call = with_argument(call, name, replace(source, call=producer))
    return call
