"""``Validate(FC, G)``: does an attempt reach what the gold calls reach, and how (FunReason-MT, phase III)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envs.hashing import renamed_hash
from envs.world import World
from graphs.execution import Recorder
from graphs.records.attempt import Validator, Verdict
from graphs.validation.free_text import in_gold_words
from graphs.validation.needed import superfluous
from tools.base import JsonObject
from tools.proof import unproven
from tools.shown import Shown
from tools.spec import ToolSpec
from tools.trace import Step, executed, succeeded

# How many more calls an attempt at an error turn may see fail than gold does.
_MORE_FAILURES = 2


@dataclass(frozen=True)
class Goal:
    """What an attempt is measured against: the world before the turn, the gold steps, and the requested outputs.

    ``failures`` are the gold steps that failed: there are some in an error turn alone. ``allow_recovery``: an attempt
    may hold calls that failed and were mended, also where gold has none.
    """

    start: World
    gold: tuple[Step, ...]
    requested: tuple[str, ...]
    allow_recovery: bool = False

    @property
    def failures(self) -> tuple[Step, ...]:
        return tuple(step for step in self.gold if step.observation.failed)

    def outputs(self) -> tuple[Step, ...]:
        return tuple(step for step in self.gold if step.call.id in self.requested)


@dataclass(frozen=True)
class Ending:
    """The end of a sequence of calls: its public hash, the ids that were made on the way, and whether a call brought
    back a state that an earlier one had left."""

    public_hash: str
    made: frozenset[str | int]
    undone: bool


def ending(start: World, steps: Sequence[Step]) -> Ending:
    """Where ``steps`` lead from ``start``, which is forked."""
    world = start.fork()
    recorder = Recorder(world)
    hashes = [recorder.public_hash]
    for step in executed(steps):
        if recorder.run(step.call).changed_state:
            hashes.append(recorder.public_hash)
    undone = len(set(hashes)) < len(hashes)
    return Ending(public_hash=hashes[-1], made=world.made_ids() - recorder.since, undone=undone)


def validate(goal: Goal, attempted: Sequence[Step], told: str, specs: Mapping[str, ToolSpec]) -> tuple[Verdict, ...]:
    """The verdicts ``exact``, ``ordered`` and ``equivalent`` on an attempt, each implied by the one before it.

    exact: the gold calls in their order. ordered: the gold calls in an order in which they come to the same.
    equivalent: the same observable state and the requested observations, by calls none of which failed or was
    superfluous; free texts are compared by what they say; where gold has calls that fail, or recovery is allowed, a few
    may, and none has to. None holds where an argument was guessed. ``told`` is all text that the solver knew before the
    attempt.
    """
    problem = _guessed(goal, attempted, specs) or _problem(goal, attempted, told, specs)
    made, gold = ([step.call.signature for step in steps] for steps in (attempted, goal.gold))
    same = Counter(made) == Counter(gold)
    return (
        _verdict("exact", problem or ("" if made == gold else "another order" if same else "other calls")),
        _verdict("ordered", problem or ("" if same else "other calls")),
        _verdict("equivalent", problem),
    )


def _guessed(goal: Goal, attempted: Sequence[Step], specs: Mapping[str, ToolSpec]) -> str:
    """Which argument has no proof, if one has none. A choice that nobody spoke of may be made where one has to be made,
    or where gold makes the same: a filter that was not asked for gives the right result by luck."""
    if refused := next((step for step in attempted if step.refused), None):
        return f"a value was used before it was seen: {refused.call.name}"
    guessed = [name for _, name in unproven(attempted, specs)]
    guessed = guessed or [name for step in attempted for name in _unasked(step, goal.gold, specs)]
    return f"guessed value: {guessed[0]}" if guessed else ""


def _unasked(step: Step, gold: Sequence[Step], specs: Mapping[str, ToolSpec]) -> Iterator[str]:
    """The optional arguments of a call that choose what nobody spoke of."""
    spec = specs.get(step.call.name)
    for name, origin in step.origins.items():
        chosen = origin.kind == "query" and origin.span is None
        if spec is None or not chosen or name in spec.required:
            continue
        same = (other.call.arguments.get(name) for other in gold if other.call.name == step.call.name)
        if step.call.arguments[name] not in same:
            yield name


def _verdict(validator: Validator, problem: str) -> Verdict:
    return Verdict(validator=validator, passed=not problem, reason=problem)


def _problem(goal: Goal, attempted: Sequence[Step], told: str, specs: Mapping[str, ToolSpec]) -> str:
    """Why the attempt does not come to the same as gold; empty where it does."""
    failure = _failure(goal, attempted)
    if failure:
        return failure
    contents = [step.observation.content for step in attempted]
    attempted = in_gold_words(goal.start, goal.gold, attempted, Shown.of([told], contents), specs)
    gold_end, end = ending(goal.start, goal.gold), ending(goal.start, attempted)
    if gold_end.public_hash != end.public_hash:
        return "another state"
    if end.undone:
        return "a call undoes another one"
    requested = _answering(goal, attempted, gold_end, end, specs)
    if None in requested:
        return "a requested output is missing"
    ids = [step.call.id for step in requested if step is not None]
    extra = superfluous(goal.start, attempted, ids, told, _also_in(goal.gold, attempted))
    return f"superfluous calls: {len(extra)}" if extra else ""


def _answering(
    goal: Goal, attempted: Sequence[Step], gold_end: Ending, end: Ending, specs: Mapping[str, ToolSpec]
) -> list[Step | None]:
    """For each output that is asked for the step of the attempt that brings it, or none."""
    found: list[Step | None] = []
    for wanted in goal.outputs():
        key = _output_key(wanted, gold_end, specs)
        open_steps = (step for step in succeeded(attempted) if step not in found)
        found.append(next((step for step in open_steps if _output_key(step, end, specs) == key), None))
    return found


def requested_of(goal: Goal, attempted: Sequence[Step], specs: Mapping[str, ToolSpec]) -> tuple[Step, ...]:
    """The steps of an attempt that bring what was asked for: for each such gold call the one that asks the same, where
    the words of a free text differ the last one of its tool."""
    done = succeeded(attempted)
    found = []
    for wanted in goal.outputs():
        of_tool = [step for step in done if step.call.name == wanted.call.name]
        same = [step for step in of_tool if _asked(step, specs) == _asked(wanted, specs)]
        found += same[:1] or of_tool[-1:]
    return tuple(found)


def _also_in(gold: Sequence[Step], attempted: Sequence[Step]) -> tuple[str, ...]:
    """Ids of the attempt's calls that gold makes as well: what they show may be shown by another one by chance."""
    open_calls = [step.call.signature for step in succeeded(gold)]
    found = []
    for step in succeeded(attempted):
        if step.call.signature in open_calls:
            open_calls.remove(step.call.signature)
            found.append(step.call.id)
    return tuple(found)


def _failure(goal: Goal, attempted: Sequence[Step]) -> str:
    """What is wrong with an attempt's failed calls; empty where none failed, or where gold has failures too and these
    are about as few, did no harm and were mended."""
    failed = [index for index, step in enumerate(attempted) if step.observation.failed]
    if failed and not goal.failures and not goal.allow_recovery:
        return f"a call failed: {attempted[failed[0]].observation.text()}"
    if len(failed) > len(goal.failures) + _MORE_FAILURES:
        return f"{len(failed)} calls failed"
    needed = {step.call.name for step in succeeded(goal.gold)}
    for index in failed:
        tool = attempted[index].call.name
        if attempted[index].changed_state:
            return f"a call failed and changed the state: {tool}"
        if tool in needed and tool not in {step.call.name for step in succeeded(attempted[index + 1 :])}:
            return f"a failed call was not made again: {tool}"
    return ""


def _output_key(step: Step, at: Ending, specs: Mapping[str, ToolSpec]) -> str:
    """Equal for the same question with the same answer: the tool, its arguments but for stated defaults, and what it
    returned, made ids up to renaming. Another question's answer may look the same by chance."""
    return renamed_hash([step.call.name, _asked(step, specs), step.observation.content], at.made)


def _asked(step: Step, specs: Mapping[str, ToolSpec]) -> JsonObject:
    """The arguments of a call but for stated defaults."""
    properties = specs[step.call.name].properties if step.call.name in specs else {}
    return {
        name: value
        for name, value in step.call.arguments.items()
        if "default" not in properties.get(name, {}) or properties[name]["default"] != value
    }
