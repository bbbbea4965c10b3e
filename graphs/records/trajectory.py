"""What a run keeps: trajectories, and why the rest was rejected."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field

from envs.environment import WorldSpec
from graphs.records.attempt import Attempt, Verdict
from graphs.records.query import HardQuery
from tools.advanced import AdvancedTool
from tools.base import JsonObject, Record, digest
from tools.trace import Relation, Step, succeeded

SCHEMA_VERSION = 3

_Item = TypeVar("_Item")
Some = Annotated[tuple[_Item, ...], Field(min_length=1)]


class RecordedCall(Record):
    """A call as a record lists it; calls with the same ``group`` stand in one assistant message."""

    name: str
    arguments: JsonObject
    group: int

    @classmethod
    def of(cls, steps: tuple[Step, ...]) -> tuple[RecordedCall, ...]:
        return tuple(cls(name=step.call.name, arguments=step.call.arguments, group=step.group) for step in steps)


class Turn(Record):
    """One turn of a trajectory: the request, what was sampled for it (gold) and what solved it.

    ``gold_calls`` replay after the accepted ``calls`` of all earlier turns. ``allow_recovery`` tells whether attempts
    could hold failed calls that were mended, where gold has none.
    """

    kind: Literal["task"] = "task"
    gold_outcome: Literal["calls"] = "calls"
    relation: Relation = "new_topic"
    query: str
    target_tool: str
    advanced_tool: AdvancedTool
    hard_query: HardQuery
    gold_calls: Some[RecordedCall]
    gold_steps: Some[Step]
    goals: tuple[str, ...] = ()
    requested: tuple[str, ...]
    calls: Some[RecordedCall]
    steps: Some[Step]
    attempts: Some[Attempt]
    hints: tuple[str, ...]
    allow_recovery: bool = False
    verdicts: tuple[Verdict, ...]
    depth: int
    replay_hash: str

    @property
    def padded(self) -> bool:
        """Whether the accepted calls are fewer than gold's, which came to the same: the trace was padded."""
        return len(succeeded(self.steps)) < len(succeeded(self.gold_steps))


class Lineage(Record):
    """Where a record comes from. ``prompts`` are those that models were asked with: ``version:digest`` by name; none
    where rules played every role."""

    run: str
    job: int
    seed: int
    models: dict[str, str]
    prompts: dict[str, str] = Field(default_factory=dict)
    configuration: str
    package_version: str


class Trajectory(Record):
    """A verified multi-turn conversation with everything that is needed to replay it."""

    id: str
    schema_version: int = SCHEMA_VERSION
    world: WorldSpec
    tools: tuple[JsonObject, ...]
    messages: tuple[JsonObject, ...]
    turns: Some[Turn]
    flags: tuple[str, ...] = ()
    lineage: Lineage

    def content_id(self) -> str:
        """The identity that the content has: a digest of everything but the id itself."""
        return digest(self.model_dump(mode="json", exclude={"id"}))[:20]

    def identified(self) -> Trajectory:
        """The same record under the id of its content."""
        return self.model_copy(update={"id": self.content_id()})


class Rejection(Record):
    """A job that gave no trajectory: the stage where it ended, a reason to count by, and what happened.

    ``turns`` were finished before, with so many ``hints`` each.
    """

    job: int
    stage: Literal["sampler", "author", "refiner", "cleaner"]
    reason: str
    detail: str
    turns: int = 0
    hints: tuple[int, ...] = ()
