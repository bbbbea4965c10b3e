"""What is counted of a job: small, and enough to count by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fr_agents.job_facts import JobFacts, TurnFacts, general_path
from graphs.records import Rejection, Trajectory
from graphs.records.job import TurnPlan
from tools.call import Observation, ToolError
from tools.trace import Step

Make = Callable[..., Trajectory]
SPENT = {"reasoning": {"calls": 2, "prompt_tokens": 40, "completion_tokens": 5, "untold": 0}}


def test_a_trajectory_is_counted_by_its_turns(make_trajectory: Make) -> None:
    facts = JobFacts.of(make_trajectory(4, attempts=(1, 3)), SPENT)
    calls = ("list_cards", "pay")
    link = ("pay", "list_cards", "*.card_id", "card_id")
    turn = TurnFacts(target="pay", depth=2, calls=calls, gold=calls, links=(link,))
    assert facts == JobFacts(
        job=4,
        accepted=True,
        environments=("bank",),
        turns=(turn, turn.model_copy(update={"hints": 2})),
        usage=SPENT,
    )


def test_a_rejection_is_counted_by_where_it_ended() -> None:
    lost = Rejection(job=7, stage="author", reason="shows a value", detail="a long story", turns=2, hints=(0, 1))
    facts = JobFacts.of(lost)
    assert facts == JobFacts(job=7, accepted=False, stage="author", reason="shows a value", finished=2, hints=(0, 1))
    assert b"story" not in facts.line()


@pytest.mark.parametrize("plans", [None, (), (TurnPlan(tool="pay"), TurnPlan())])
@pytest.mark.parametrize("surplus", [True, False])
def test_a_line_holds_all_of_it(make_trajectory: Make, plans: Any, surplus: bool) -> None:
    facts = JobFacts.of(make_trajectory(4), SPENT, plans, surplus=surplus)
    line = facts.line()
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert JobFacts.model_validate_json(line) == facts


def test_a_line_is_small(make_trajectory: Make) -> None:
    record = make_trajectory(4, attempts=(2, 2, 2))
    assert len(JobFacts.of(record, SPENT).line()) * 10 < len(record.model_dump_json())


def failing(step: Step) -> Step:
    error = ToolError(kind="failed", message="No.")
    return step.model_copy(update={"observation": Observation(call_id=step.call.id, error=error)})


def test_calls_that_failed_link_nothing_and_reach_nothing(make_trajectory: Make) -> None:
    record = make_trajectory(0)
    (turn,) = record.turns
    look, pay = turn.steps
    steps = (look, failing(pay))
    changed = turn.model_copy(update={"steps": steps, "gold_steps": steps})
    (facts,) = JobFacts.of(record.model_copy(update={"turns": (changed,)})).turns
    assert facts.calls == ("list_cards", "pay")
    assert (facts.failed, facts.reached) == (("pay",), {"list_cards"})
    assert (facts.gold, facts.links) == (("list_cards",), ())


def test_a_tool_that_failed_once_is_reached_by_the_call_that_did_not(make_trajectory: Make) -> None:
    record = make_trajectory(0)
    (turn,) = record.turns
    look, pay = turn.steps
    changed = turn.model_copy(update={"steps": (look, failing(pay), pay)})
    (facts,) = JobFacts.of(record.model_copy(update={"turns": (changed,)})).turns
    assert facts.failed == ()
    assert facts.reached == {"list_cards", "pay"}


@pytest.mark.parametrize(("path", "told"), [("", ""), ("3.card_id", "*.card_id"), ("a.0.b.12", "a.*.b.*")])
def test_a_path_leaves_positions_open(path: str, told: str) -> None:
    assert general_path(path) == told
