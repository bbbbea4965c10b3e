"""Phase II: abstracts a turn's trace into one advanced tool, and writes, in reverse, a hard query that needs it.

abstract -> write -+-> done
             ^     |
             +-----+  what is wrong with the draft
"""

from __future__ import annotations

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from graphs.context import RunContext
from graphs.records.job import Job
from graphs.records.query import HardQuery
from graphs.roles import QueryDraft, QueryingView, RoleFailure, ToolingView
from graphs.validation.query import Problem, check_draft, hidden_values
from tools.advanced import AdvancedTool, signature
from tools.base import JsonObject
from tools.trace import Trace


class AuthorState(TypedDict, total=False):
    """A sampled turn on its way to a query. ``feedback`` is what was wrong with each draft so far."""

    job: JsonObject
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
    except RoleFailure as failure:
        return {"rejection": rejection("the advanced tool got no name", str(failure))}
    named = computed.model_copy(update={"name": naming.name, "description": naming.description})
    return {"advanced_tool": named.plain(), "feedback": [], "drafts": 0, "query": None}


async def write(state: AuthorState, runtime: Runtime[RunContext]) -> JsonObject:
    """Write the query (A_Q) and check it; a draft that fails comes back with what is wrong."""
    tool = AdvancedTool.model_validate(state["advanced_tool"])
    trace = Trace.model_validate(state["trace"])
    specs = runtime.context.tools(Job.model_validate(state["job"]))
    hidden = hidden_values(trace.looked_up(), tool)
    view = QueryingView(
        advanced_tool=tool,
        trace=trace,
        tools=specs,
        hidden=hidden,
        noise="plain",
        earlier_messages=tuple(state["messages"]),
        feedback=tuple(state["feedback"]),
    )
    try:
        draft = await runtime.context.roles.querying(view)
        problems = check_draft(draft, tool, hidden, {spec.name: spec for spec in specs})
    except RoleFailure as failure:
        draft = QueryDraft(text="", mentions=(), sinks=())
        problems = (Problem(reason="no usable query", text=str(failure)),)
    drafts = state["drafts"] + 1
    if not problems:
        query = HardQuery(
            text=draft.text, noise=view.noise, mentions=draft.mentions, sinks=draft.sinks, hidden=tuple(hidden)
        )
        return {"query": query.plain(), "drafts": drafts}
    told = " ".join(problem.text for problem in problems)
    feedback = [*state["feedback"], f"{draft.text!r}: {told}" if draft.text else told]
    if drafts >= runtime.context.author.max_drafts:
        return {"drafts": drafts, "feedback": feedback, "rejection": rejection(problems[0].reason, feedback[-1])}
    return {"drafts": drafts, "feedback": feedback}


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
