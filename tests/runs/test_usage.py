"""What the models of a job cost is known with its outcome, also by another process than the one that asked them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.checkpointing import open_checkpointer
from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.funnel import summarise
from fr_agents.roles.chat.tooling import ToolingRole
from fr_agents.running import Decider
from fr_agents.store import open_store
from fr_agents.studio import run_context
from graphs.context import RunContext
from graphs.records import Job

JOB = Job(number=0, seed=7, turns=2)
CONFIG = RunConfig.model_validate({"name": "small", "count": 1, "world": "travel"})


def context(asked: list[Request]) -> RunContext:
    """Roles by rules, and one that a model plays."""

    def answer(request: Request) -> Answer:
        asked.append(request)
        named = {"name": "do_what_is_wanted", "description": "Does what a traveller wants."}
        return Answer(text=json.dumps(named), prompt_tokens=100, completion_tokens=10)

    rules = run_context("travel", 0.0)
    tooling = ToolingRole(MeteredBackend(ScriptedBackend(answer), "tooling"))
    return replace(rules, roles=replace(rules.roles, tooling=tooling))


async def test_a_job_costs_the_same_when_it_is_only_read_again(tmp_path: Path) -> None:
    asked: list[Request] = []
    with RunFolder.create(tmp_path / "run", CONFIG, "1") as folder:
        async with open_checkpointer("sqlite", folder.checkpoints) as saver:
            await Decider(CONFIG, context(asked), saver).decide(JOB)
        paid = len(asked)
        assert paid >= 1
        async with open_checkpointer("sqlite", folder.checkpoints) as saver, open_store(folder) as store:
            decider = Decider(CONFIG, context(asked), saver)
            outcome = await decider.decide(JOB)
            await store.append(outcome, decider.beside(0).usage)
            await decider.forget(0)
            assert decider.beside(0).usage is None
        assert len(asked) == paid
        summary = summarise(folder)
    counts = {"calls": paid, "prompt_tokens": 100 * paid, "completion_tokens": 10 * paid, "untold": 0}
    assert summary.usage == {"tooling": counts}
    assert summary.usage_of_rejected == ({} if summary.accepted else {"tooling": counts})
    assert json.loads(folder.jobs.read_text())["usage"] == summary.usage
