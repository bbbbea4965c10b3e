"""One job of the comparison: sampled, asked and solved blind; what fails then is continued in two ways.

All of it is the product's own graph. A turn that failed its first, blind attempt is put back to where it was before it
was given up, in a thread of its own for each arm, and goes on there with that arm's settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig

from fr_agents.checkpointing import open_checkpointer
from graphs.context import RunContext
from graphs.records import Job
from graphs.roles import Move, ReasoningView, Role
from graphs.settings import ProbeSettings
from graphs.synthesis import build_synthesis, initial_state, job_recursion_limit
from tools.base import JsonObject

HINTS, RETRIES = "hints", "retries"
ARMS = (HINTS, RETRIES)

# What is done with the final state of a job that was accepted.
Keep = Callable[[Job, Any], None]

# From here on the graph makes the next attempt, whatever kind of attempt its settings say that is.
_BEFORE_AN_ATTEMPT = "critique"


class AskedAgain:
    """A reasoning role by rules that is asked again as a model would be, so that a dry run takes the same way."""

    makes_model_calls = True

    def __init__(self, role: Role[ReasoningView, Move]) -> None:
        self._role = role

    @property
    def model(self) -> str:
        return self._role.model

    async def __call__(self, view: ReasoningView) -> Move:
        """Answer as the role does."""
        return await self._role(view)


@dataclass(frozen=True)
class Arms:
    """The context of a run for each part of a job: one ``blind`` attempt alone, and after it as many ``hints`` or
    blind ``retries``."""

    blind: RunContext
    hints: RunContext
    retries: RunContext

    @classmethod
    def of(cls, context: RunContext, attempts: int) -> Arms:
        """The arms with so many further attempts each."""
        if not context.roles.reasoning.makes_model_calls:
            context = replace(context, roles=replace(context.roles, reasoning=AskedAgain(context.roles.reasoning)))
        return cls(
            blind=_with(context, probe=1, hinted=0),
            hints=_with(context, probe=1, hinted=attempts),
            retries=_with(context, probe=1 + attempts, hinted=0),
        )


def _nowhere(job: Job, state: Any) -> None:
    """Keeps nothing."""


async def compared(job: Job, arms: Arms, keep: Keep = _nowhere) -> JsonObject:
    """What became of a job, as a line of the output file. Accepted states are given to ``keep``.

    Raises:
        InfrastructureError: a model failed for good. Nothing of the job is kept then.
    """
    async with open_checkpointer("memory", Path()) as saver:
        graph = build_synthesis().compile(checkpointer=saver)
        begun = initial_state(job, arms.blind.system_message(job))
        blind = await graph.ainvoke(begun, _thread("blind", job, arms.blind), context=arms.blind)
        row = {"job": job.number, "tools": len(arms.blind.tools(job)), **_task(blind), "blind": _end(blind, 0)}
        if blind["status"] == "accepted":
            keep(job, blind)
        if not _failed_its_attempt(blind):
            return row
        before = {**blind, "rejection": None, "status": "running", "usage": {}}
        for name in ARMS:
            context = getattr(arms, name)
            thread = _thread(name, job, context)
            await graph.aupdate_state(thread, before, as_node=_BEFORE_AN_ATTEMPT)
            end = await graph.ainvoke(None, thread, context=context)
            row[name] = _end(end, len(blind["attempts"]))
            if end["status"] == "accepted":
                keep(job, end)
        return row


def _with(context: RunContext, *, probe: int, hinted: int) -> RunContext:
    # No attempt at all is no valid configuration, and none is built here: the probe has always one or more.
    update = {"probe": ProbeSettings(attempts=probe), "max_attempts": hinted}
    return replace(context, refiner=context.refiner.model_copy(update=update))


def _thread(name: str, job: Job, context: RunContext) -> RunnableConfig:
    return {"configurable": {"thread_id": name}, "recursion_limit": job_recursion_limit(job.turns, context)}


def _failed_its_attempt(state: Any) -> bool:
    """Whether the turn had a query, and its blind attempt did not pass."""
    return state["status"] == "rejected" and state["rejection"]["stage"] == "refiner" and bool(state["attempts"])


def _task(state: Any) -> JsonObject:
    """What was asked for: the target and the gold calls of the turn, and the query; as far as the job came to them."""
    done = state["turns"][-1] if state["turns"] else None
    trace = state.get("trace")
    if done is not None:
        return {"target": done["target_tool"], "gold": len(done["gold_calls"]), "query": done["query"]}
    return {
        "target": trace["target_tool"] if trace else None,
        "gold": len(trace["steps"]) if trace else 0,
        "query": (state.get("query") or {}).get("text"),
    }


def _end(state: Any, before: int) -> JsonObject:
    """How a part ended: the reason of a rejection, the error of each attempt after the first ``before`` (none for one
    that passed), the hints that were given, and what the models cost."""
    done = state["turns"][-1] if state["turns"] else state
    attempts = done.get("attempts") or []
    rejection = state["rejection"] or {}
    return {
        "accepted": state["status"] == "accepted",
        "stage": rejection.get("stage"),
        "reason": rejection.get("reason"),
        "detail": rejection.get("detail"),
        "errors": [attempt["error"] for attempt in attempts[before:] if not attempt["rewritten"]],
        "hints": done.get("hints") or [],
        "usage": state.get("usage") or {},
    }
