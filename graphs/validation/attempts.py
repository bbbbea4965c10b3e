"""``Validate(FC, G)``: does an attempt reach what the gold calls reach, and how (FunReason-MT, phase III)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from envs.hashing import renamed_hash
from envs.world import World
from graphs.execution import Recorder
from graphs.records.attempt import Verdict
from graphs.validation.needed import superfluous
from tools.base import Json
from tools.spec import ToolSpec
from tools.trace import Step


@dataclass(frozen=True)
class Goal:
    """What an attempt is measured against: the world before the turn, the gold steps, and the requested outputs."""

    start: World
    gold: tuple[Step, ...]
    requested: tuple[str, ...]

    def outputs(self) -> tuple[Step, ...]:
        return tuple(step for step in self.gold if step.call.id in self.requested)


@dataclass(frozen=True)
class Ending:
    """The end of a sequence of calls: its public hash, and the ids that were made on the way."""

    public_hash: str
    made: frozenset[str | int]


def ending(start: World, steps: Sequence[Step]) -> Ending:
    """Where ``steps`` lead from ``start``, which is forked."""
    world = start.fork()
    recorder = Recorder(world)
    for step in steps:
        recorder.run(step.call)
    return Ending(public_hash=recorder.public_hash, made=world.made_ids() - recorder.since)


def ungrounded(steps: Sequence[Step], specs: Mapping[str, ToolSpec]) -> tuple[tuple[Step, str], ...]:
    """The arguments whose values the conversation had not shown when they were used: guesses, even lucky ones.

    ``steps`` carry inferred origins. A choice from an enumeration may be made in the solver's own words.
    """
    found = []
    for step in steps:
        properties = specs[step.call.name].properties if step.call.name in specs else {}
        for name, origin in step.origins.items():
            kinds = {part.kind for part in origin.parts} or {origin.kind}
            if "free_text" in kinds and "enum" not in properties.get(name, {}):
                found.append((step, name))
    return tuple(found)


def validate(goal: Goal, attempted: Sequence[Step], told: str, specs: Mapping[str, ToolSpec]) -> tuple[Verdict, ...]:
    """The verdicts ``exact``, ``ordered`` and ``equivalent`` on an attempt, each implied by the one before it.

    exact: the gold calls in their order. ordered: the gold calls in an order in which they come to the same.
    equivalent: the same observable state and the requested observations, by calls none of which failed or was
    superfluous. None holds where an argument was guessed. ``told`` is all text that the solver knew before the attempt.
    """
    guessed = ungrounded(attempted, specs)
    equivalent = f"guessed value: {guessed[0][1]}" if guessed else _equivalent(goal, attempted, told)
    same = Counter(step.call.signature for step in attempted) == Counter(step.call.signature for step in goal.gold)
    in_order = [step.call.signature for step in attempted] == [step.call.signature for step in goal.gold]
    ordered = same and not equivalent
    reason = equivalent or "other calls"
    return (
        Verdict(validator="exact", passed=in_order and ordered, reason="" if in_order and ordered else reason),
        Verdict(validator="ordered", passed=ordered, reason="" if ordered else reason),
        Verdict(validator="equivalent", passed=not equivalent, reason=equivalent),
    )


def _equivalent(goal: Goal, attempted: Sequence[Step], told: str) -> str:
    """Why the attempt does not come to the same as gold; empty where it does."""
    failed = next((step for step in attempted if step.observation.failed), None)
    if failed is not None:
        return f"a call failed: {failed.observation.text()}"
    gold_end, end = ending(goal.start, goal.gold), ending(goal.start, attempted)
    if gold_end.public_hash != end.public_hash:
        return "another state"
    requested = []
    for wanted in goal.outputs():
        match = _matching(wanted, attempted, gold_end, end)
        if match is None:
            return "a requested output is missing"
        requested.append(match.call.id)
    extra = superfluous(goal.start, attempted, requested, told)
    return f"superfluous calls: {len(extra)}" if extra else ""


def _matching(wanted: Step, attempted: Sequence[Step], gold_end: Ending, end: Ending) -> Step | None:
    """The attempt's call that observed what ``wanted`` observed, made ids compared up to renaming."""
    content = _plain(wanted.observation.content, gold_end)
    return next((step for step in attempted if _plain(step.observation.content, end) == content), None)


def _plain(content: Json, at: Ending) -> str:
    return renamed_hash(content, at.made)
