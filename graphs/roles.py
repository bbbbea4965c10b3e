"""The agents of the method as protocols: what each one is shown, and what it answers.

A role sees a view and nothing else. No view has a field for a job's seed, and the reasoning role's has none for gold
data: a leak would be a type error (law 7).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol, TypeVar

from graphs.records.attempt import ErrorClass
from graphs.records.query import Mention, Noise
from tools.advanced import AdvancedTool
from tools.base import Json, JsonObject, Record
from tools.spec import ToolSpec
from tools.trace import Relation, Step, Trace

View_contra = TypeVar("View_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)


class RoleFailure(Exception):  # noqa: N818 - an unusable answer, which is an outcome of a job and not a defect
    """The role gave no usable answer, even when told what was wrong. Never raised for a fault of the infrastructure."""


class Unanswerable(RoleFailure):
    """This request cannot be answered at all: it is too long for the model, or a filter withholds the answer. To ask
    again would come to the same, so whoever needs the answer gives the job up (``graphs.giving_up``)."""


class Role(Protocol[View_contra, Answer_co]):
    """One agent. ``model`` names what answers, for the lineage; ``makes_model_calls`` is false for rules."""

    @property
    def model(self) -> str: ...

    @property
    def makes_model_calls(self) -> bool: ...

    async def __call__(self, view: View_contra) -> Answer_co:
        """Answer. Raises RoleFailure where no usable answer comes, and Unanswerable where none can; everything else
        that it raises ends the run."""
        ...


class SamplingView(Record):
    """For the optional sampling agent: what the next turn could be about.

    Attributes:
        tools: Those that the turn may be for.
        earlier_messages: The conversation so far, in OpenAI's form.
        relation: How the turn should go on with it.
        planned: The one of the tools that the run wants next; the goal should be that one.
        sayable: What the user of this world could say: up to five examples for each ``tool.parameter``, none where it
            may be anything that fits. What is not in it, the user has to leave to the tools.
    """

    tools: tuple[ToolSpec, ...]
    earlier_messages: tuple[JsonObject, ...]
    relation: Relation
    planned: str | None
    sayable: dict[str, tuple[Json, ...]]


class Proposal(Record):
    """What a turn could be for: the ``goal`` (a tool), ``values`` that its user says (by tool and parameter), and the
    ``reason``: a sentence about who wants what, and why."""

    goal: str
    values: dict[str, dict[str, Json]]
    reason: str


class ToolingView(Record):
    """For the tooling agent (A_T): the executed trace and the advanced tool's computed signature, still unnamed."""

    trace: Trace
    signature: AdvancedTool
    tools: tuple[ToolSpec, ...]


class Naming(Record):
    """A name and a description for the advanced tool."""

    name: str
    description: str


class QueryingView(Record):
    """For the querying agent (A_Q). ``feedback`` is what was wrong with its earlier drafts, oldest first."""

    advanced_tool: AdvancedTool
    trace: Trace
    tools: tuple[ToolSpec, ...]
    hidden: tuple[Json, ...]
    noise: tuple[Noise, ...]
    earlier_messages: tuple[JsonObject, ...]
    feedback: tuple[str, ...]


class QueryDraft(Record):
    """A query, with the span that says each input and the span that asks for each sink."""

    text: str
    mentions: tuple[Mention, ...]
    sinks: tuple[Mention, ...]


class ReasoningView(Record):
    """For the reasoning agent (A_R): what a model that solves the task sees, and nothing more.

    ``messages`` hold the system message, the earlier turns, the query and this attempt so far, in OpenAI's form.
    ``hints`` are the advanced tool's description and the critic's hints; empty in a blind attempt. With ``plan`` all
    calls are asked for at once; where their results are the last messages, the final reply is asked for.
    """

    tools: tuple[ToolSpec, ...]
    messages: tuple[JsonObject, ...]
    hints: tuple[str, ...]
    plan: bool = False


class WantedCall(Record):
    """A call that the reasoning agent asks for; its id is given by the refiner. In a plan its arguments may hold
    references to the results of earlier calls (``graphs.plan_mode``)."""

    name: str
    arguments: JsonObject


class Move(Record):
    """One assistant message: thoughts, and either calls or a final reply."""

    thought: str
    calls: tuple[WantedCall, ...] = ()
    reply: str = ""


class RewritingView(Record):
    """For the rewriting agent: what the reasoning agent of a blind attempt sees, and what it is to do next.

    The thoughts in ``messages`` are rewritten already. ``feedback`` is what was wrong with earlier tries.
    """

    tools: tuple[ToolSpec, ...]
    messages: tuple[JsonObject, ...]
    calls: tuple[WantedCall, ...]
    reply: str
    feedback: tuple[str, ...] = ()


class Thought(Record):
    """What an assistant thinks before it makes calls or replies."""

    text: str


class JudgingView(Record):
    """For the optional judging agent: what code cannot decide about a request, asked by the name of a ``rubric``.

    ``tasks`` are what the request is meant to ask for, ``said`` the values that it is meant to say.
    """

    rubric: str
    query: str
    tasks: tuple[str, ...]
    said: tuple[Json, ...]
    earlier_messages: tuple[JsonObject, ...]


class Judgement(Record):
    """Whether the rubric holds, and why or why not, in a sentence."""

    passed: bool
    reason: str


class Finding(Record):
    """What validation found wrong with an attempt: the error class, and where, in code's words.

    ``missing`` and ``wrong`` are the gold step concerned and the attempt's own; either may be none.
    """

    error: ErrorClass
    detail: str
    parameter: str | None = None
    missing: Step | None = None
    wrong: Step | None = None


class CritiqueView(Record):
    """For the critiquing agent (A_C): the query, the gold calls, the attempt's calls and the computed findings.

    ``level`` is how plainly the hint may speak, from 1: the kind of mistake; from 2 the step and the argument too; from
    3 where the right value comes from as well.
    """

    query: str
    advanced_tool: AdvancedTool
    tools: tuple[ToolSpec, ...]
    gold: tuple[Step, ...]
    attempted: tuple[Step, ...]
    findings: tuple[Finding, ...]
    earlier_hints: tuple[str, ...]
    level: int = 1


class Hint(Record):
    """The critic's words for the next attempt."""

    text: str


@dataclass(frozen=True)
class Roles:
    """The four agents of the method, the one that writes thoughts anew, and the optional ones: ``sampling`` proposes
    what a turn is for, ``judging`` decides what code cannot."""

    tooling: Role[ToolingView, Naming]
    querying: Role[QueryingView, QueryDraft]
    reasoning: Role[ReasoningView, Move]
    critiquing: Role[CritiqueView, Hint]
    rewriting: Role[RewritingView, Thought] | None = None
    sampling: Role[SamplingView, Proposal] | None = None
    judging: Role[JudgingView, Judgement] | None = None

    def models(self) -> dict[str, str]:
        """Which model answers for each role that there is."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: role.model for name, role in found.items() if role is not None}
