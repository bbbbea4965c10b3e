"""A job goes on where it was left: after a drain, after a failure, after a kill between a step and its checkpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from fr_agents.checkpointing import open_checkpointer
from fr_agents.config import RunConfig
from fr_agents.draining import Drain, Drained
from fr_agents.errors import InfrastructureError
from fr_agents.running import Decider
from fr_agents.store import Outcome
from fr_agents.studio import run_context
from graphs.context import RunContext
from graphs.records import Job, Trajectory
from graphs.records.job import thread_id
from graphs.synthesis import build_synthesis

JOB = Job(number=0, seed=7, turns=2)
CONFIG = RunConfig.model_validate({"name": "small", "count": 1, "world": "travel"})


class Noted:
    """A role that notes each time it is asked, and tells ``then`` how often it was, before it answers."""

    makes_model_calls = False

    def __init__(self, inner: Any, then: Callable[[int], None]) -> None:
        self.model = inner.model
        self.asked = 0
        self._inner = inner
        self._then = then

    async def __call__(self, view: Any) -> Any:
        self.asked += 1
        self._then(self.asked)
        return await self._inner(view)


def noted(then: Callable[[int], None] = lambda asked: None) -> tuple[RunContext, Noted]:
    """Roles by rules, of which the one that names the advanced tool of each turn is noted."""
    rules = run_context("travel", 0.0)
    tooling = Noted(rules.roles.tooling, then)
    return replace(rules, roles=replace(rules.roles, tooling=tooling)), tooling


async def undisturbed() -> Outcome:
    context, tooling = noted()
    outcome = await Decider(CONFIG, context, None).decide(JOB)
    assert isinstance(outcome, Trajectory)
    assert tooling.asked == JOB.turns
    return outcome


@pytest.mark.parametrize("kind", ["sqlite", "memory"])
@pytest.mark.parametrize("turn", [1, 2])
async def test_a_drain_ends_a_job_after_its_step_and_nothing_of_it_is_done_again(
    tmp_path: Path, kind: Any, turn: int
) -> None:
    drain = Drain()
    context, first = noted(lambda asked: drain.request() if asked == turn else None)
    async with open_checkpointer(kind, tmp_path / "checkpoints.sqlite") as saver:
        with pytest.raises(Drained):
            await Decider(CONFIG, context, saver, drain).decide(JOB)
        assert first.asked == turn
        context, second = noted()
        assert await Decider(CONFIG, context, saver).decide(JOB) == await undisturbed()
    assert second.asked == JOB.turns - turn


async def test_a_job_that_has_not_begun_does_not_begin_after_the_request(tmp_path: Path) -> None:
    drain = Drain()
    drain.request()
    context, tooling = noted()
    async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite") as saver:
        with pytest.raises(Drained):
            await Decider(CONFIG, context, saver, drain).decide(JOB)
        assert tooling.asked == 0
        assert await Decider(CONFIG, context, saver).decide(JOB) == await undisturbed()


async def test_a_job_that_has_ended_is_read_also_while_the_run_drains(tmp_path: Path) -> None:
    drain = Drain()
    context, tooling = noted()
    async with open_checkpointer("sqlite", tmp_path / "checkpoints.sqlite") as saver:
        decider = Decider(CONFIG, context, saver, drain)
        outcome = await decider.decide(JOB)
        drain.request()
        assert await decider.decide(JOB) == outcome
    assert tooling.asked == JOB.turns


class FailsToPut(InMemorySaver):
    """A saver that dies with its checkpoint number ``at``, and has kept what the step before it wrote."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.left = at

    async def aput(self, *arguments: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise OSError("no space left on device")
        put: Awaitable[Any] = super().aput(*arguments)
        return await put


async def test_a_job_goes_on_from_each_point_between_a_step_and_its_checkpoint() -> None:
    """Whatever a step wrote is used, although no checkpoint came after it, so that no role is asked twice."""
    expected = await undisturbed()
    counts = []
    for at in range(1, 100):
        saver = FailsToPut(at)
        context, tooling = noted()
        try:
            await Decider(CONFIG, context, saver).decide(JOB)
        except OSError:
            assert await Decider(CONFIG, context, saver).decide(JOB) == expected
            counts.append(tooling.asked)
        else:
            break
    assert len(counts) > 10, "there were no checkpoints that could fail"
    assert set(counts) == {JOB.turns}


async def test_a_checkpoint_that_no_job_can_have_is_refused() -> None:
    """A thread that names nothing to do is not taken for one that has ended."""
    saver = InMemorySaver()
    context, _ = noted()
    graph = build_synthesis().compile(checkpointer=saver)
    config: Any = {"configurable": {"thread_id": thread_id(JOB.number)}}
    values = {"status": "running", "turn": 0, "turns": [], "rejection": None}
    await graph.aupdate_state(config, values, as_node="close")
    await graph.aupdate_state(config, None, as_node="__end__")
    with pytest.raises(InfrastructureError, match=r"Job 0 cannot go on.*checkpoints\.sqlite"):
        await Decider(CONFIG, context, saver).decide(JOB)
