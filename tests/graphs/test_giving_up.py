"""A job that needs an answer which no model can give is rejected at once, and the rejection says so."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.roles.offline import OfflineTooling
from graphs.giving_up import CANNOT_ANSWER
from graphs.roles import Judgement, Unanswerable
from tools.base import JsonObject

FILTERED = Unanswerable("openai/m cannot answer this request (400): the prompt was filtered")


@pytest.fixture
def lost(make_context: Any, make_job: Any, with_roles: Any, synthesise: Any) -> Any:
    """Runs a job of one turn with some roles replaced: ``lost(mistakes=1.0, rewriting=...)`` gives its last state."""

    async def run(mistakes: float = 0.0, **replaced: Any) -> Any:
        roles = with_roles(mistakes, **replaced)
        context = make_context(roles=roles, max_drafts=3, max_attempts=2, rubrics=("complete",))
        return await synthesise(context, make_job(3, turns=1))

    return run


@pytest.mark.parametrize(
    ("role", "stage"),
    [("tooling", "author"), ("querying", "author"), ("judging", "author"), ("reasoning", "refiner")],
)
async def test_whose_answer_is_needed_is_asked_once(lost: Any, scripted: Any, role: str, stage: str) -> None:
    asked = scripted(FILTERED)
    state = await lost(**{role: asked})
    assert len(asked.views) == 1
    assert state["status"] == "rejected"
    assert state["rejection"] == {"stage": stage, "reason": CANNOT_ANSWER, "detail": str(FILTERED)}


async def test_thoughts_that_nobody_can_write_anew_reject_the_job(lost: Any, scripted: Any) -> None:
    asked = scripted(FILTERED)
    state = await lost(mistakes=1.0, rewriting=asked)
    assert len(asked.views) == 1
    assert state["rejection"] == {"stage": "cleaner", "reason": CANNOT_ANSWER, "detail": str(FILTERED)}


async def test_a_critic_or_a_sampler_without_an_answer_costs_nothing(lost: Any, scripted: Any) -> None:
    critic, sampler = scripted(FILTERED), scripted(FILTERED)
    state = await lost(mistakes=1.0, critiquing=critic, sampling=sampler)
    assert len(sampler.views) == 1
    assert state["status"] == "accepted"
    assert state["turns"][0]["hints"]


async def test_a_judge_without_a_usable_answer_is_asked_about_the_next_draft(
    lost: Any, scripted: Any, unusable: Exception
) -> None:
    judge = scripted(unusable, Judgement(passed=True, reason="It asks for all of it."))
    state = await lost(judging=judge)
    assert len(judge.views) == 2
    assert state["status"] == "accepted"


async def test_what_was_done_before_counts_as_done(
    make_context: Any, make_job: Any, with_roles: Any, synthesise: Any, scripted: Any
) -> None:
    """The second turn's name cannot be had: the first is finished, and the turn in progress is left as it is."""
    tooling = scripted(OfflineTooling().answer, FILTERED)
    state: JsonObject = await synthesise(make_context(roles=with_roles(tooling=tooling)), make_job(3, turns=2))
    assert len(state["turns"]) == 1
    assert state["rejection"]["reason"] == CANNOT_ANSWER
    assert not state["solving"]
