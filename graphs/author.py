"""Phase II: abstracts a turn's trace into one advanced tool, and writes, in reverse, a hard query that needs it.

abstract -> write -+-> done
             ^     |
             +-----+  what is wrong with the draft
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.aside import ToolTooSlow, too_slow
from graphs.context import RunContext
from graphs.giving_up import given_up
from graphs.judging import judged
from graphs.messages import told as known_text
from graphs.noise import worded
from graphs.records.job import Job
from graphs.records.query import HardQuery, Noise
from graphs.roles import QueryDraft, QueryingView, RoleFailure, ToolingView, Unanswerable
from graphs.validation.purpose import made_for_nothing
from graphs.validation.query import Occasion, Problem, check_draft, hidden_values, located
from graphs.validation.references import ambiguous_references
from tools.advanced import AdvancedTool, signature
from tools.base import JsonObject
from tools.call import ToolCall
from tools.proof import Proof, proven_gold
from tools.provenance import Told
from tools.spec import ToolSpec
from tools.trace import Step, Trace
from tools.wording import request_phrase


class AuthorState(TypedDict, total=False):
    """A sampled turn on its way to a query. ``noise`` is what was done to the trace to make the query less plain,
    ``feedback`` what was wrong with each draft so far."""

    job: JsonObject
    turn: int
    history: list[JsonObject]
    noise: list[JsonObject]
    trace: JsonObject | None
    messages: list[JsonObject]
    advanced_tool: JsonObject | None
    feedback: list[str]
    drafts: int
    query: JsonObject | None
    rejection: JsonObject | None


async def abstract(state: AuthorState, runtime: Runtime[RunContext]) -> JsonObject:
    """Name the advanced tool whose signature the trace gives (A_T)."""
    trace = Trace.model_validate(state["trace"])
    specs = runtime.context.tools(Job.model_validate(state["job"]))
    computed = signature(trace, {spec.name: spec for spec in specs})
    view = ToolingView(trace=trace, signature=computed, tools=specs)
    try:
        naming = await runtime.context.roles.tooling(view)
    except Unanswerable as failure:
        return {"rejection": given_up("author", failure)}
    except RoleFailure as failure:
        return {"rejection": rejection("the advanced tool got no name", str(failure))}
    named = computed.model_copy(update={"name": naming.name, "description": naming.description})
    return {"advanced_tool": named.plain(), "feedback": [], "drafts": 0, "query": None}


async def write(state: AuthorState, runtime: Runtime[RunContext]) -> JsonObject:
    """Write the query (A_Q) and prove it; a draft that fails comes back with what is wrong."""
    trace = Trace.model_validate(state["trace"])
    view = _view(state, trace, runtime.context)
    try:
        draft, proof, problems = await _proven_draft(state, trace, view, runtime.context)
    except Unanswerable as failure:
        return {"drafts": state["drafts"] + 1, "rejection": given_up("author", failure)}
    except ToolTooSlow as failure:
        return {"drafts": state["drafts"] + 1, "rejection": too_slow("author", failure)}
    except RoleFailure as failure:
        return _refused(state, "", (Problem(reason="no usable query", text=str(failure)),), runtime.context)
    if problems:
        return _refused(state, draft.text, problems, runtime.context)
    query = HardQuery(
        text=draft.text,
        noise=(*(Noise.model_validate(item) for item in state["noise"]), *view.noise),
        mentions=draft.mentions,
        sinks=draft.sinks,
        hidden=view.hidden,
    )
    proven = trace.model_copy(update={"steps": proof.steps})
    return {"query": query.plain(), "trace": proven.plain(), "drafts": state["drafts"] + 1}


def _view(state: AuthorState, trace: Trace, context: RunContext) -> QueryingView:
    job = Job.model_validate(state["job"])
    tool = AdvancedTool.model_validate(state["advanced_tool"])
    by_rules = not context.roles.querying.makes_model_calls
    return QueryingView(
        advanced_tool=tool,
        trace=trace,
        tools=context.tools(job),
        hidden=hidden_values(trace.looked_up(), tool),
        noise=worded(context.author.noise, job.seed, state["turn"], trace, by_rules=by_rules),
        earlier_messages=tuple(state["messages"]),
        feedback=tuple(state["feedback"]),
    )


async def _proven_draft(
    state: AuthorState, trace: Trace, view: QueryingView, context: RunContext
) -> tuple[QueryDraft, Proof, tuple[Problem, ...]]:
    """A draft, its gold calls with the places where it says their values, and what is wrong with it. The judge is asked
    about no draft that code refuses."""
    draft = located(await context.roles.querying(view))
    proof, problems = await context.aside(partial(_examined, draft, state, trace, view, context))
    if not problems:
        found = await judged(draft, view, context)
        problems = (found,) if found is not None else ()
    return draft, proof, problems


def _examined(
    draft: QueryDraft, state: AuthorState, trace: Trace, view: QueryingView, context: RunContext
) -> tuple[Proof, tuple[Problem, ...]]:
    """The gold calls with the places where a draft says their values, and what code finds wrong with it."""
    specs = {spec.name: spec for spec in view.tools}
    history = tuple(Step.model_validate(item) for item in state["history"])
    noise = (*(Noise.model_validate(item) for item in state["noise"]), *view.noise)
    told = Told(query=draft.text, messages=view.earlier_messages, earlier=history)
    proof = proven_gold(trace.steps, told, draft.mentions, specs)
    with context.worlds.branch(context.world_of(Job.model_validate(state["job"])), _calls(history)) as lease:
        text = known_text(view.earlier_messages, {"text": draft.text})
        occasion = Occasion.at(lease.world, trace.steps, view.earlier_messages, noise)
        problems = (
            *check_draft(draft, view.advanced_tool, view.hidden, specs, occasion),
            *ambiguous_references(lease.world, trace, history, specs, draft.mentions),
            *_told_already(made_for_nothing(lease.world, trace.steps, trace.requested, text), specs),
        )
    return proof, (*problems, *(Problem(reason="argument without origin", text=text) for text in proof.problems))


def _told_already(calls: Sequence[Step], specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    """What is wrong with a draft whose words tell by chance what a call is made to find: "two cities" the entry 2."""
    for step in calls:
        told = (
            f"The query holds what the step to {request_phrase(specs[step.call.name])} is to find, perhaps as a number "
            "in other words. Say it without that."
        )
        yield Problem(reason="query shows a value", text=told)


def _calls(history: Sequence[Step]) -> list[ToolCall]:
    return [step.call for step in history]


def _refused(state: AuthorState, text: str, problems: Sequence[Problem], context: RunContext) -> JsonObject:
    """One draft more that came to nothing: what was wrong with it, and the rejection where it was the last."""
    drafts = state["drafts"] + 1
    told = " ".join(problem.text for problem in problems)
    feedback = [*state["feedback"], f"{text!r}: {told}" if text else told]
    update: JsonObject = {"drafts": drafts, "feedback": feedback}
    if drafts >= context.author.max_drafts:
        update["rejection"] = rejection(problems[0].reason, feedback[-1])
    return update


async def after_abstract(state: AuthorState) -> str:
    return "stop" if state.get("rejection") else "write"


async def after_write(state: AuthorState) -> str:
    if state.get("rejection"):
        return "stop"
    return "done" if state.get("query") else "write"


def rejection(reason: str, detail: str) -> JsonObject:
    return {"stage": "author", "reason": reason, "detail": detail}


def build_author() -> StateGraph[AuthorState, RunContext, AuthorState, AuthorState]:
    """The state machine by itself, not yet compiled; ``synthesis`` uses the same nodes."""
    builder = StateGraph(AuthorState, context_schema=RunContext)
    builder.add_node("abstract", abstract)
    builder.add_node("write", write)
    builder.add_edge(START, "abstract")
    builder.add_conditional_edges("abstract", after_abstract, {"write": "write", "stop": END})
    builder.add_conditional_edges("write", after_write, {"write": "write", "done": END, "stop": END})
    return builder
