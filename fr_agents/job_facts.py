"""What is counted of a finished job: a small record, so that nobody has to read what the job gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from graphs.records import Rejection, Trajectory, Turn
from graphs.records.job import TurnPlan
from graphs.usage import Usage
from tools.base import Record
from tools.trace import succeeded

# A value that a call took from an earlier one's observation: its tool, the earlier call's tool, the path there with the
# positions of lists left open, and the parameter that took it.
Link = tuple[str, str, str, str]
Thoughts = Literal["as solved", "rewritten", "solved again"]


class TurnFacts(Record):
    """What is counted of an accepted turn.

    Attributes:
        target: The tool that its trace was sampled for.
        hints: How many it took.
        thoughts: Where its published thoughts come from.
        padded: Whether it was solved with fewer calls than the trace took.
        depth: The length of its longest chain of dependent calls.
        noise: The operators that had a hand in its request, each once.
        calls: The tools of its accepted calls, in their order.
        failed: Those of them that failed in every call.
        gold: The tools of the trace's calls that succeeded, in their order.
        links: What gold calls took from each other and from accepted calls of earlier turns.
    """

    target: str
    hints: int = 0
    thoughts: Thoughts = "as solved"
    padded: bool = False
    depth: int
    noise: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    gold: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def reached(self) -> frozenset[str]:
        """The tools that an accepted call succeeded with."""
        return frozenset(self.calls).difference(self.failed)


class JobFacts(Record):
    """What is counted of a finished job.

    Attributes:
        job: Its number.
        accepted: Whether it gave a trajectory.
        surplus: Whether it was decided beyond the last record of the run, so that only its cost counts.
        environments: Those of an accepted job's world.
        turns: Those of an accepted job.
        stage: Where a rejected job ended.
        reason: Why.
        finished: How many turns a rejected job had finished before.
        hints: How many each of these took.
        plans: What was asked of its turns; None where that was not told and follows from its number.
        usage: What its models cost, by role. A job's work that a kill took with it, and that was done once more, is not
            in it.
    """

    job: int
    accepted: bool
    surplus: bool = False
    environments: tuple[str, ...] = ()
    turns: tuple[TurnFacts, ...] = ()
    stage: str = ""
    reason: str = ""
    finished: int = 0
    hints: tuple[int, ...] = ()
    plans: tuple[TurnPlan, ...] | None = None
    usage: Usage = Field(default_factory=dict)

    @classmethod
    def of(
        cls,
        outcome: Trajectory | Rejection,
        usage: Usage | None = None,
        plans: Sequence[TurnPlan] | None = None,
        *,
        surplus: bool = False,
    ) -> JobFacts:
        """What is counted of a job that ended in ``outcome`` and cost ``usage``."""
        facts = _of_rejection(outcome) if isinstance(outcome, Rejection) else _of_trajectory(outcome)
        asked = None if plans is None else tuple(plans)
        return facts.model_copy(update={"surplus": surplus, "plans": asked, "usage": usage or {}})

    def line(self) -> bytes:
        """The facts as a line of a file, without what goes without saying."""
        return self.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _of_rejection(rejection: Rejection) -> JobFacts:
    return JobFacts(
        job=rejection.job,
        accepted=False,
        stage=rejection.stage,
        reason=rejection.reason,
        finished=rejection.turns,
        hints=rejection.hints,
    )


def _of_trajectory(trajectory: Trajectory) -> JobFacts:
    return JobFacts(
        job=trajectory.lineage.job,
        accepted=True,
        environments=tuple(sorted(set(trajectory.world.environments))),
        turns=tuple(_turns(trajectory)),
    )


def _turns(trajectory: Trajectory) -> Iterator[TurnFacts]:
    called: dict[str, str] = {}
    for turn in trajectory.turns:
        yield _turn(turn, called)
        called |= {step.call.id: step.call.name for step in succeeded(turn.steps)}


def _turn(turn: Turn, called: Mapping[str, str]) -> TurnFacts:
    """The facts of a turn after those in which calls succeeded whose tools ``called`` has by their ids."""
    reached = {step.call.name for step in succeeded(turn.steps)}
    return TurnFacts(
        target=turn.target_tool,
        hints=len(turn.hints),
        thoughts=_origin_of_thoughts(turn),
        padded=turn.padded,
        depth=turn.depth,
        noise=tuple(sorted({noise.operator for noise in turn.hard_query.noise})),
        calls=tuple(call.name for call in turn.calls),
        failed=tuple(sorted({step.call.name for step in turn.steps} - reached)),
        gold=tuple(step.call.name for step in succeeded(turn.gold_steps)),
        links=tuple(dict.fromkeys(_links(turn, called))),
    )


def _links(turn: Turn, called: Mapping[str, str]) -> Iterator[Link]:
    before = dict(called)
    for step in succeeded(turn.gold_steps):
        for parameter, origin in step.origins.items():
            for part in origin.observed:
                producer = before.get(part.source or "")
                if producer is not None:
                    yield step.call.name, producer, general_path(part.path or ""), parameter
        before[step.call.id] = step.call.name


def general_path(path: str) -> str:
    """A path with the positions of lists left open."""
    return ".".join("*" if key.isdecimal() else key for key in path.split("."))


def _origin_of_thoughts(turn: Turn) -> Thoughts:
    published = turn.attempts[-1]
    if published.rewritten:
        return "rewritten"
    return "solved again" if turn.hints and not published.hints else "as solved"
