"""Decides jobs, and keeps what they gave. Each is a LangGraph thread, which begins anew or goes on where its last
checkpoint left it."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import anyio
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from envs.world import ToolDefectError
from fr_agents.breakdowns import Breakdowns
from fr_agents.config import RunConfig
from fr_agents.draining import Drain, Drained
from fr_agents.errors import InfrastructureError
from fr_agents.jobs import RecordMaker
from fr_agents.logs_jobs import JobRun, found_decided, job_log
from fr_agents.store import Outcome, Store, job_of
from graphs.context import RunContext
from graphs.records import Job
from graphs.records.job import TurnPlan, thread_id
from graphs.synthesis import SynthesisState, build_synthesis, initial_state, job_recursion_limit
from graphs.usage import Usage

_ENDED = frozenset({"accepted", "rejected"})
_LOST = (
    "Job {} cannot go on: by its checkpoint it has not ended, and yet nothing is left to do. The checkpoints were "
    "changed or damaged. A run whose checkpoints.sqlite was deleted begins its unfinished jobs anew and keeps all "
    "records."
)


class Beside(NamedTuple):
    """What is stored beside a job's record: what its models cost, over all of its processes as far as its checkpoints
    know, and what was asked of its turns."""

    usage: Usage | None = None
    plans: tuple[TurnPlan, ...] | None = None


class Decider:
    """Runs the synthesis graph for one job after the other, under one checkpointer or none.

    Once ``drain`` is requested, a job that is under way finishes its step, which is checkpointed, and begins no other.
    """

    def __init__(
        self,
        config: RunConfig,
        context: RunContext,
        saver: BaseCheckpointSaver[Any] | None,
        drain: Drain | None = None,
    ) -> None:
        self._context = context
        self._saver = saver
        self._graph = build_synthesis().compile(checkpointer=saver)
        self._records = RecordMaker(config, context.roles.models())
        self._beside: dict[int, Beside] = {}
        self._control = RunControl()
        self._breakdowns = Breakdowns()
        if drain is not None:
            drain.on_request(self._control.request_drain)

    async def decide(self, job: Job) -> Outcome:
        """The job's outcome. A job that was under way goes on; one that had ended is only read.

        Raises:
            Drained: the run is to end, and the job is between two steps.
            InfrastructureError: its checkpoint is not one that a job can have.
            ToolDefectError: tools broke in so many jobs, one after the other, that their world has to be mended first.
        """
        with job_log(job.number):
            state = await self._ended(job)
        if state["status"] not in _ENDED:
            raise InfrastructureError(_LOST.format(job.number))
        self._beside[job.number] = Beside(state.get("usage") or {}, job.plans)
        return self._records.outcome(job, state, self._context.world_of(job), self._context.tools(job))

    async def _ended(self, job: Job) -> Any:
        """The state that it ends in."""
        # First of all, since to draw and open a world may take long too: from here on its tools are remembered.
        await self._context.aside(partial(self._context.tools, job))
        config: RunnableConfig = {
            "configurable": {"thread_id": thread_id(job.number)},
            "recursion_limit": job_recursion_limit(job.turns, self._context),
        }
        found = await self._found(config)
        if found.get("status") in _ENDED:
            found_decided(found)
            return found
        told = JobRun(job.turns, found)
        try:
            state = await self._run(job, config, begun=bool(found))
            self._breakdowns.none()
        except ToolDefectError as error:
            state = self._breakdowns.rejected(error, await self._found(config))
        if state["status"] in _ENDED:
            told.decided(state)
        return state

    async def _run(self, job: Job, config: RunnableConfig, *, begun: bool) -> Any:
        try:
            return await self._graph.ainvoke(
                None if begun else await self._initial(job),
                config,
                context=self._context,
                durability=None if self._saver is None else "sync",
                control=self._control,
            )
        except GraphDrained:
            raise Drained(f"job {job.number} is between two steps") from None

    async def _found(self, config: RunnableConfig) -> dict[str, Any]:
        """The state that was checkpointed; empty where the job got no further than its input, which has no status, and
        without a checkpointer."""
        if self._saver is None:
            return {}
        values: dict[str, Any] = (await self._graph.aget_state(config)).values
        return values if "status" in values else {}

    def beside(self, number: int) -> Beside:
        """What is to be stored beside the record of a decided job."""
        return self._beside.get(number, Beside())

    async def _initial(self, job: Job) -> SynthesisState:
        return initial_state(job, await self._context.aside(partial(self._context.system_message, job)))

    async def forget(self, number: int) -> None:
        """Delete the checkpoints of a job whose outcome is stored."""
        self._beside.pop(number, None)
        if self._saver is not None:
            await self._saver.adelete_thread(thread_id(number))


class Keeping:
    """Stores what a decider decided, with what it cost, and then forgets it. What has begun to be stored is stored,
    whoever is cancelled meanwhile."""

    def __init__(self, decider: Decider, store: Store) -> None:
        self._decider = decider
        self._store = store

    async def forget_last(self) -> None:
        """Forget the job that was stored last: a kill can come between the two."""
        if self._store.position.jobs:
            await self._decider.forget(self._store.position.jobs - 1)

    async def emit(self, outcome: Outcome) -> None:
        """Store the outcome of the next job."""
        job = job_of(outcome)
        with anyio.CancelScope(shield=True):
            await self._store.append(outcome, *self._decider.beside(job))
            await self._decider.forget(job)

    async def set_aside(self, outcome: Outcome) -> None:
        """Store what was decided beyond the last record."""
        await self._store.append_surplus(outcome, *self._decider.beside(job_of(outcome)))
