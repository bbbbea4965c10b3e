"""Decides jobs: each one a LangGraph thread that begins anew, or goes on where its last checkpoint left it."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from fr_agents.config import RunConfig
from fr_agents.jobs import RecordMaker
from fr_agents.store import Outcome
from graphs.context import RunContext
from graphs.records import Job
from graphs.records.job import thread_id
from graphs.synthesis import SynthesisState, build_synthesis, initial_state, job_recursion_limit
from graphs.usage import Usage


class Decider:
    """Runs the synthesis graph for one job after the other, under one checkpointer or none."""

    def __init__(self, config: RunConfig, context: RunContext, saver: BaseCheckpointSaver[Any] | None) -> None:
        self._context = context
        self._saver = saver
        self._graph = build_synthesis().compile(checkpointer=saver)
        self._records = RecordMaker(config, context.roles.models())
        self._spent: dict[int, Usage] = {}

    async def decide(self, job: Job) -> Outcome:
        """The job's outcome. A job that was under way goes on; one that had ended is only read."""
        config: RunnableConfig = {
            "configurable": {"thread_id": thread_id(job.number)},
            "recursion_limit": job_recursion_limit(job.turns, self._context),
        }
        if self._saver is None:
            state: Any = await self._graph.ainvoke(self._initial(job), config, context=self._context)
        else:
            begun = (await self._graph.aget_state(config)).values
            given = None if begun else self._initial(job)
            state = await self._graph.ainvoke(given, config, context=self._context, durability="sync")
        self._spent[job.number] = state.get("usage") or {}
        return self._records.outcome(job, state, self._context.world_of(job), self._context.tools(job))

    def spent_on(self, number: int) -> Usage:
        """What the models of a decided job cost, over all of its processes, as far as its checkpoints know."""
        return self._spent.get(number, {})

    def _initial(self, job: Job) -> SynthesisState:
        return initial_state(job, self._context.system_message(job))

    async def forget(self, number: int) -> None:
        """Delete the checkpoints of a job whose outcome is stored."""
        self._spent.pop(number, None)
        if self._saver is not None:
            await self._saver.adelete_thread(thread_id(number))
