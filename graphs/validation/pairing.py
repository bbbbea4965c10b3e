"""Puts the calls of an attempt beside the gold calls that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.paths import leaf_values
from tools.provenance import observed_values, said_in
from tools.trace import Step


def pairs(gold: Sequence[Step], attempted: Sequence[Step]) -> Iterator[tuple[Step, Step]]:
    """Gold and attempted calls of the same tool that differ, in order, after equal ones are matched off."""
    open_signatures = [step.call.signature for step in attempted]
    rest_gold = [step for step in gold if not _take(open_signatures, step.call.signature)]
    unmatched = [step for step in attempted if _take(open_signatures, step.call.signature)]
    for wanted in rest_gold:
        given = next((step for step in unmatched if step.call.name == wanted.call.name), None)
        if given is not None:
            unmatched.remove(given)
            yield wanted, given


def gold_of(step: Step, gold: Sequence[Step]) -> Step | None:
    """The gold call that a call stands for: the same one, or else the first one of its tool; None where there is
    neither."""
    same_tool = [wanted for wanted in gold if wanted.call.name == step.call.name]
    same = (wanted for wanted in same_tool if wanted.call.signature == step.call.signature)
    return next(same, same_tool[0] if same_tool else None)


def looked_up(step: Step, name: str) -> bool:
    """Whether an argument comes from what a call returned."""
    origin = step.origins.get(name)
    return origin is not None and any(part.kind in ("observation", "state") for part in origin.observed)


def seen(step: Step, name: str, attempted: Sequence[Step], told: str) -> bool:
    """Whether every value of an argument stood in an earlier group's observation or in the conversation."""
    shown = {
        str(value)
        for other in attempted
        if other.group < step.group
        for _, value in observed_values(other.observation.content)
    }
    return all(str(leaf) in shown or said_in(leaf, told) for _, leaf in leaf_values(step.call.arguments[name]))


def unseen_argument(step: Step, wanted: Step | None, attempted: Sequence[Step], told: str) -> str | None:
    """The argument of a call that was used before anything had shown it, one that gold looks up first; None where each
    had been shown."""
    unseen = [name for name in step.call.arguments if not seen(step, name, attempted, told)]
    found = [name for name in unseen if wanted is not None and looked_up(wanted, name)]
    return next(iter(found or unseen), None)


def _take(items: list[str], item: str) -> bool:
    if item in items:
        items.remove(item)
        return True
    return False
