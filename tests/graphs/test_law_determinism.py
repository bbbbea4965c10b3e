"""What comes out depends on the jobs alone: not on ``hash``, not on order or company (law 8)."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import anyio

from tools.base import digest

SCRIPT = """
import asyncio
from envs.pool import WorldPool
from envs.travel import TravelDomain
from fr_agents.wiring import offline_roles
from graphs.context import RunContext
from graphs.records import Job
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings
from graphs.synthesis import build_synthesis, initial_state
from tools.base import derive_seed, digest

async def main():
    context = RunContext(
        roles=offline_roles(0, 0.5), worlds=WorldPool(TravelDomain()), sampler=SamplerSettings(),
        author=AuthorSettings(), refiner=RefinerSettings(),
    )
    graph = build_synthesis().compile()
    for number in range(3):
        job = Job(number=number, seed=derive_seed("tests", number), turns=3)
        given = initial_state(job, context.system_message(job))
        print(digest(await graph.ainvoke(given, {"recursion_limit": 1000}, context=context)))

asyncio.run(main())
"""


def outcomes(hash_seed: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def test_hash_seeds_change_nothing(make_context: Any, make_job: Any, synthesise: Any) -> None:
    running = [outcomes("1"), outcomes("4242")]
    results = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0], results
    context = make_context(mistakes=0.5, noise={}, probe=2)
    here = [digest(await synthesise(context, make_job(number, turns=3))) for number in range(3)]
    assert [printed.split() for printed, _ in results] == [here, here]


async def test_neither_order_nor_company_changes_a_job(make_context: Any, make_job: Any, synthesise: Any) -> None:
    jobs = [make_job(number) for number in range(4)]
    alone = [await synthesise(make_context(mistakes=0.5), job) for job in jobs]
    shared = make_context(mistakes=0.5)
    backwards = [await synthesise(shared, job) for job in reversed(jobs)][::-1]
    together: dict[int, Any] = {}
    crowded = make_context(mistakes=0.5)

    async def run(job: Any) -> None:
        together[job.number] = await synthesise(crowded, job)

    async with anyio.create_task_group() as group:
        for job in jobs:
            group.start_soon(run, job)
    assert backwards == alone
    assert [together[job.number] for job in jobs] == alone
    assert len({digest(state) for state in alone}) == len(alone)
