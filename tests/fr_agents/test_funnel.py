"""How turns were solved, what was done to their requests, and what all of it cost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.funnel import RunSummary, Tally, status_json, summarise, tally
from fr_agents.funnel_shown import model_part, status_lines
from fr_agents.job_facts import JobFacts
from fr_agents.progress import done_line
from fr_agents.store import open_store
from graphs.records import Rejection, Trajectory
from graphs.records.query import Noise

Make = Callable[..., Trajectory]
MakeLost = Callable[..., Rejection]


def used(calls: int, tokens: int, untold: int = 0) -> dict[str, int]:
    return {"calls": calls, "prompt_tokens": tokens - calls, "completion_tokens": calls, "untold": untold}


def with_turns(trajectory: Trajectory, *changes: dict[str, Any]) -> Trajectory:
    turns = tuple(turn.model_copy(update=change) for turn, change in zip(trajectory.turns, changes, strict=True))
    return trajectory.model_copy(update={"turns": turns})


def line(summary: RunSummary, label: str) -> str:
    found = [text.removeprefix(label).strip() for text in status_lines(summary) if text.startswith(label + " ")]
    return found[0] if found else ""


def test_a_job_that_is_lost_in_a_later_turn_keeps_its_earlier_ones_in_the_funnel(make_rejection: MakeLost) -> None:
    lost = [make_rejection(job, stage=stage, turns=2) for job, stage in enumerate(["author", "cleaner"])]
    passed = tally(map(JobFacts.of, lost)).summary("demo", 1).passed
    assert passed["jobs"] == {"trace": 2, "query": 1, "solved": 1, "clean": 0, "kept": 0}
    assert passed["turns"] == {"trace": 6, "query": 5, "solved": 5, "clean": 4, "kept": 0}


def test_a_turn_that_was_given_up_as_ambiguous_was_not_one_that_nobody_could_solve(make_rejection: MakeLost) -> None:
    lost = [make_rejection(0, reason="ambiguous"), make_rejection(1, reason="K_max reached")]
    assert tally(map(JobFacts.of, lost)).summary("demo", 1).attempts == {"never": 1}


def test_thoughts_noise_and_padded_traces_are_told_where_there_are_any(make_trajectory: Make) -> None:
    plain = tally([JobFacts.of(make_trajectory(0, attempts=(1, 2)))]).summary("demo", 1)
    assert plain.thoughts == {"as solved": 2}
    assert plain.noise == {"plain": 2}
    assert (line(plain, "thoughts"), line(plain, "noise"), plain.padded) == ("", "", 0)
    made = make_trajectory(0, attempts=(2, 2, 1, 1))
    first, second, third, last = made.turns
    noisy = third.hard_query.model_copy(
        update={"noise": (Noise(operator="style", detail="terse"), Noise(operator="persona"), Noise(operator="style"))}
    )
    rewritten = first.attempts[-1].model_copy(update={"index": 2, "hints": 0, "rewritten": True})
    again = second.attempts[-1].model_copy(update={"index": 2, "hints": 0})
    changed = with_turns(
        made,
        {"attempts": (*first.attempts, rewritten)},
        {"attempts": (*second.attempts, again)},
        {"hard_query": noisy},
        {"steps": last.steps[1:]},
    )
    summary = tally([JobFacts.of(changed)]).summary("demo", 1)
    assert summary.attempts == {"blind": 2, "hint 1": 2}
    assert line(summary, "thoughts") == "as solved 50 %   rewritten 25 %   solved again 25 %"
    assert line(summary, "noise") == "plain 75 %   persona 25 %   style 25 %"
    assert line(summary, "paths").endswith("(length 2: 4) · padded traces: 1")


def test_what_a_trajectory_costs_is_told_in_all_and_by_role(make_trajectory: Make, make_rejection: MakeLost) -> None:
    jobs = [
        JobFacts.of(make_trajectory(0), {"querying": used(1, 1000), "reasoning": used(5, 3000)}),
        JobFacts.of(make_rejection(1), {"reasoning": used(6, 2000, untold=2)}),
        JobFacts.of(make_trajectory(2)),
    ]
    summary = tally(jobs).summary("demo", 2)
    assert line(summary, "models") == (
        "12 calls, 5,988 tokens in, 12 out · 6.0 calls, 3,000 tokens for each accepted trajectory · "
        "50 % of the calls for rejected jobs · of 2 calls the server told no tokens"
    )
    assert line(summary, "by role") == "querying 0.5 calls, 500 tokens   reasoning 5.5 calls, 2,500 tokens"
    assert model_part(summary) == "12 model calls, 6,000 tokens (3,000 for each accepted)"
    assert "in 9 s · 12 model calls, 6,000 tokens (3,000 for each accepted)" in done_line(summary, 9, offline=False)
    document = status_json(summary)
    assert document["per_accepted"]["total"] == {"calls": 6.0, "tokens": 3000.0}
    assert RunSummary.model_validate(json.loads(json.dumps(document))) == summary


def test_what_was_set_aside_costs_and_counts_once(make_trajectory: Make, make_rejection: MakeLost) -> None:
    aside = [
        JobFacts.of(make_trajectory(1), {"reasoning": used(2, 30)}, surplus=True),
        JobFacts.of(make_rejection(2), {"reasoning": used(1, 10)}, surplus=True),
    ]
    counts = tally([JobFacts.of(make_trajectory(0), {"reasoning": used(4, 50)}), *aside])
    ended = counts.summary("demo", 1)
    assert (ended.jobs, ended.accepted, ended.rejected_jobs) == (1, 1, 0)
    assert ended.usage["reasoning"] == used(7, 90)
    assert ended.usage_of_rejected["reasoning"] == used(1, 10)
    counts.add(JobFacts.of(make_trajectory(1), {"reasoning": used(3, 40)}))
    gone_on = counts.summary("demo", 2)
    assert (gone_on.jobs, gone_on.accepted) == (2, 2)
    assert gone_on.usage["reasoning"] == used(8, 100)


def test_a_run_that_accepted_nothing_tells_what_it_cost_and_divides_by_nothing(make_rejection: MakeLost) -> None:
    summary = tally([JobFacts.of(make_rejection(0), {"reasoning": used(3, 90)})]).summary("demo", 1)
    assert summary.per_accepted == {}
    assert line(summary, "models") == "3 calls, 87 tokens in, 3 out · 100 % of the calls for rejected jobs"


@pytest.mark.parametrize("usage", [None, {}])
async def test_a_run_by_rules_has_no_word_on_models(
    tmp_path: Any, make_config: Callable[..., RunConfig], make_trajectory: Make, usage: dict[str, Any] | None
) -> None:
    with RunFolder.create(tmp_path / "run", make_config(), "1") as folder:
        async with open_store(folder) as store:
            await store.append(make_trajectory(0), usage)
        summary = summarise(folder)
    assert (summary.accepted, summary.usage) == (1, {})
    assert "token" not in "\n".join(status_lines(summary))
    assert "0 model calls" in done_line(summary, 1, offline=True)
    assert model_part(Tally().summary("demo", 1)) == ""
