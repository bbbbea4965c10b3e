"""A record names the models that answered in its job, where several may answer for a role."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.calling import Caller, caller
from fr_agents.backends.faults import BackendFault
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.mixing import FallbackBackend, MixedBackend
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.checkpointing import open_checkpointer
from fr_agents.config import RunConfig
from fr_agents.roles.chat.critiquing import CritiquingRole
from fr_agents.roles.chat.tooling import ToolingRole
from fr_agents.running import Decider
from fr_agents.studio import run_context
from graphs.context import RunContext
from graphs.records import Job, Trajectory

CONFIG = RunConfig.model_validate({"name": "small", "count": 1, "world": "travel"})
JOBS = [Job(number=number, seed=7 + number, turns=2) for number in range(5)]
LIMIT = BackendFault("quota", "openai/a", "has no quota left")


class Model:
    """Names advanced tools, as long as its calls are not used up."""

    def __init__(self, name: str, calls: int = 1000) -> None:
        self._left = calls
        self.backend = ScriptedBackend(self._answer, name)

    def _answer(self, request: Request) -> Answer:
        self._left -= 1
        if self._left < 0:
            raise LIMIT
        return Answer(text=json.dumps({"name": "do_what_is_wanted", "description": "Does what a traveller wants."}))


def context(backend: Backend) -> RunContext:
    """Roles by rules, and one that models play."""
    rules = run_context("travel", 0.0)
    return replace(rules, roles=replace(rules.roles, tooling=ToolingRole(MeteredBackend(backend, "tooling"))))


async def models_of(job: Job, backend: Backend) -> dict[str, str]:
    outcome = await Decider(CONFIG, context(backend), None).decide(job)
    assert isinstance(outcome, Trajectory)
    return outcome.lineage.models


async def test_a_mix_is_told_by_who_was_drawn() -> None:
    mix = MixedBackend([Model("openai/a").backend, Model("openai/b").backend], [1, 1])
    found = [await models_of(job, mix) for job in JOBS]
    assert {models["tooling"] for models in found} == {"openai/a", "openai/b"}
    assert {models["reasoning"] for models in found} == {"offline"}


@pytest.mark.parametrize(
    ("calls", "told"), [(9, "openai/a"), (0, "openai/b"), (1, "openai/a, openai/b")], ids=["first", "other", "both"]
)
async def test_who_stood_in_for_another_is_told(calls: int, told: str) -> None:
    listed = FallbackBackend([Model("openai/a", calls).backend, Model("openai/b").backend])
    assert (await models_of(JOBS[0], listed))["tooling"] == told


async def test_one_model_is_told_by_its_name() -> None:
    assert (await models_of(JOBS[0], Model("openai/a").backend))["tooling"] == "openai/a"


async def test_where_nobody_was_asked_all_are_named_who_could_have_been() -> None:
    """Rules make no mistakes here, so that no critic is needed."""
    listed = FallbackBackend([Model("openai/a").backend, Model("openai/b").backend])
    rules = run_context("travel", 0.0)
    critic = CritiquingRole(MeteredBackend(listed, "critiquing"))
    bound = replace(rules, roles=replace(rules.roles, critiquing=critic))
    outcome = await Decider(CONFIG, bound, None).decide(JOBS[0])
    assert isinstance(outcome, Trajectory)
    assert outcome.lineage.models["critiquing"] == "openai/a, else openai/b"


async def test_it_is_known_in_another_process_too(tmp_path: Path) -> None:
    """The first answers in the first turn, then the process dies; in the next one only the second is left."""
    path = tmp_path / "checkpoints.sqlite"
    alone = FallbackBackend([Model("openai/a", 1).backend])
    async with open_checkpointer("sqlite", path) as saver:
        with pytest.raises(BackendFault):
            await Decider(CONFIG, context(alone), saver).decide(JOBS[0])
    both = FallbackBackend([Model("openai/a", 0).backend, Model("openai/b").backend])
    async with open_checkpointer("sqlite", path) as saver:
        outcomes = [await Decider(CONFIG, context(both), saver).decide(JOBS[0]) for _ in range(2)]
    for outcome in outcomes:
        assert isinstance(outcome, Trajectory)
        assert outcome.lineage.models["tooling"] == "openai/a, openai/b"


async def test_each_call_of_a_job_has_a_step_of_its_own() -> None:
    """A journal tells two equal requests of a job apart by it."""
    made: list[Caller | None] = []

    class Noting:
        name = "openai/a"

        def __init__(self) -> None:
            self._inner = Model("openai/a").backend

        async def complete(self, request: Request) -> Answer:
            made.append(caller())
            return await self._inner.complete(request)

    await models_of(JOBS[1], Noting())
    found = [(call.role, call.job, call.stage, call.step) for call in made if call is not None]
    assert found == [("tooling", 1, "abstract", 0), ("tooling", 1, "abstract", 1)]
