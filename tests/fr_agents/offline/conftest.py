"""Sampled travel turns, and how to have an offline reasoner solve them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from envs.pool import WorldPool
from envs.travel import TravelDomain
from fr_agents.roles.offline import OfflineReasoning
from fr_agents.wiring import offline_roles
from graphs.attempting import Solving, Task, continue_attempt
from graphs.context import RunContext
from graphs.records import Job, Turn
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import build_synthesis, initial_state
from tools.base import derive_seed
from tools.spec import ToolSpec
from tools.trace import Trace


@dataclass(frozen=True)
class Sampled:
    """A turn as it was sampled and accepted, and the task that it sets a solver."""

    turn: Turn
    task: Task
    tools: tuple[ToolSpec, ...]


def _sampled(job: Job, state: Any, tools: tuple[ToolSpec, ...]) -> list[Sampled]:
    starts = [index for index, message in enumerate(state["messages"]) if message["role"] == "user"]
    found, history = [], []
    for number, (plain, start) in enumerate(zip(state["turns"], starts, strict=True)):
        turn = Turn.model_validate(plain)
        task = Task(
            job=job,
            turn=number,
            history=tuple(history),
            messages=tuple(state["messages"][:start]),
            query=turn.hard_query.plain(),
            trace=Trace(target_tool=turn.target_tool, steps=turn.gold_steps, requested=turn.requested),
        )
        found.append(Sampled(turn=turn, task=task, tools=tools))
        history += turn.steps
    return found


@pytest.fixture(scope="session")
def context() -> RunContext:
    """Offline roles that make no mistakes, in travel."""
    return RunContext(
        roles=offline_roles(),
        worlds=WorldPool(TravelDomain()),
        sampler=SamplerSettings(),
        author=AuthorSettings(),
        refiner=RefinerSettings(),
    )


@pytest.fixture(scope="session")
def sampled(context: RunContext) -> list[Sampled]:
    """The turns of some jobs that were solved without mistakes."""
    graph = build_synthesis().compile()

    async def run() -> list[Sampled]:
        found = []
        for number in range(14):
            job = Job(number=number, seed=derive_seed("offline", number), turns=3)
            given = initial_state(job, context.system_message(job))
            state = await graph.ainvoke(given, {"recursion_limit": 1000}, context=context)
            world = context.worlds.domain.open(context.world_of(job))
            found += _sampled(job, state, world.specs())
        return found

    return asyncio.run(run())


@pytest.fixture(scope="session")
def solve(context: RunContext) -> Callable[..., Any]:
    """Makes a whole attempt at a turn: ``solve(sampled, role, hints, query)``."""

    async def run(turn: Sampled, role: Any = None, hints: Sequence[str] = (), query: str | None = None) -> Solving:
        roles = replace(context.roles, reasoning=role or OfflineReasoning(mistakes=0.0))
        text = turn.turn.query if query is None else query
        task = turn.task.model_copy(update={"query": {**turn.task.query, "text": text}})
        solving = Solving(index=min(len(hints), 1), hints=tuple(hints))
        while not solving.over:
            solving = await continue_attempt(solving, task, replace(context, roles=roles))
        return solving

    return run
