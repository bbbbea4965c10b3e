"""Phase I as one call: the next turn of a job, in the world that the turns before it left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.runnables.config import var_child_runnable_config

from graphs.context import RunContext
from graphs.records.job import Job
from graphs.sampler import build_sampler, recursion_limit
from graphs.turn_memory import remembering
from tools.base import JsonObject
from tools.trace import Step, Trace

_SAMPLER = build_sampler().compile(checkpointer=False)


async def sample_turn(
    context: RunContext,
    job: Job,
    turn: int,
    history: Sequence[Step],
    messages: Sequence[JsonObject] = (),
    past_targets: Sequence[str] = (),
) -> Trace | None:
    """Sample turn number ``turn`` after the accepted steps ``history``; none where no target could be reached."""
    given = {
        "job": job.plain(),
        "turn": turn,
        "history": [step.plain() for step in history],
        "messages": list(messages),
        "past_targets": list(past_targets),
    }
    with remembering():
        sampled = await run_detached(_SAMPLER, given, context, recursion_limit(context.sampler))
    return Trace.model_validate(sampled["trace"]) if sampled["status"] == "done" else None


async def run_detached(graph: Any, given: Any, context: RunContext, recursion_limit: int) -> Any:
    """Run a compiled graph inside a node as one step of the parent, without checkpoints of its own.

    LangGraph would hand the parent's checkpointer down through a context variable; with ``checkpointer=False`` below
    ``durability="sync"`` that raises AttributeError (langgraph 1.2), so the variable is cleared for the call.
    """
    token = var_child_runnable_config.set(None)
    try:
        return await graph.ainvoke(given, {"recursion_limit": recursion_limit}, context=context)
    finally:
        var_child_runnable_config.reset(token)
