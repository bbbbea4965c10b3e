"""A run with the method as published: its records verify, and nothing calls their first attempts blind."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from rich.console import Console

import fr_agents
from fr_agents.funnel import RunSummary, tally
from fr_agents.job_facts import JobFacts
from fr_agents.show import render_trajectory
from fr_agents.verification import verify_file
from graphs.records import Rejection, Trajectory

CONFIG = {
    "name": "published",
    "seed": 5,
    "count": 8,
    "world": "travel",
    "turns": 2,
    "profile": "paper",
    "sampler": {"calls_per_turn": 3},
    "offline": {"mistakes": 0.6},
    "limits": {"concurrency": 4, "window": 8, "max_jobs": 400},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunSummary, Path]:
    folder = tmp_path_factory.mktemp("runs") / "published"
    return anyio.run(fr_agents.synthesize, CONFIG, folder), folder / "trajectories.jsonl"


@pytest.fixture(scope="module")
def records(run: tuple[RunSummary, Path]) -> list[Trajectory]:
    return [Trajectory.model_validate_json(line) for line in run[1].read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def problems(records: list[Trajectory], tmp_path: Path) -> Callable[[dict[str, Any]], list[str]]:
    """What verifying finds in the first record, with other contents in its first turn."""

    def find(changes: dict[str, Any]) -> list[str]:
        data = copy.deepcopy(records[0].plain())
        data["turns"][0] |= changes
        path = tmp_path / "one.jsonl"
        path.write_text(json.dumps(Trajectory.model_validate(data).identified().plain()) + "\n", encoding="utf-8")
        ((_, _, found),) = verify_file(path)
        return found

    return find


def test_every_first_attempt_has_a_hint_and_the_records_verify(
    run: tuple[RunSummary, Path], records: list[Trajectory]
) -> None:
    assert [found for _, _, found in verify_file(run[1])] == [[]] * len(records) == [[]] * 8
    turns = [turn for record in records for turn in record.turns]
    assert all(turn.attempts[0].hints == 1 for turn in turns)
    solved = [[attempt for attempt in turn.attempts if not attempt.rewritten] for turn in turns]
    assert all(len(turn.hints) == len(attempts) for turn, attempts in zip(turns, solved, strict=True))
    assert all(turn.verdicts[0].validator == "exact" and turn.verdicts[0].passed for turn in turns)


def test_the_funnel_counts_hints(run: tuple[RunSummary, Path]) -> None:
    assert {"hint 1", "hint 2"} <= set(run[0].attempts)
    assert set(run[0].attempts) <= {"hint 1", "hint 2", "hint 3", "never"}


def test_a_person_is_shown_which_hint_each_attempt_had(records: list[Trajectory]) -> None:
    file = io.StringIO()
    Console(file=file, width=4000, highlight=False).print(render_trajectory(records[0]))
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    first = [line for line in lines if line.startswith("hint 1 ")]
    assert [line.split("“")[1][:40] for line in first] == [turn.hints[0][:40] for turn in records[0].turns]
    assert not any(line.startswith("blind") for line in lines)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda hints: [], "hints are not those of the attempts"),
        (lambda hints: [*hints, "One more."], "hints are not those of the attempts"),
        (lambda hints: ["Another one.", *hints[1:]], "the first hint is not what the advanced tool is equal to"),
    ],
)
def test_hints_that_are_not_those_of_the_attempts_are_found(
    records: list[Trajectory],
    problems: Callable[[dict[str, Any]], list[str]],
    change: Callable[[list[str]], list[str]],
    problem: str,
) -> None:
    hints = list(records[0].turns[0].hints)
    assert problems({"hints": hints}) == []
    assert problems({"hints": change(hints)}) == [f"turn 1: {problem}"]


def test_turns_of_jobs_that_were_lost_count_as_hinted_before_a_record_tells_it(records: list[Trajectory]) -> None:
    lost = Rejection(job=9, stage="refiner", reason="K_max reached", detail="", turns=1, hints=(1,))
    assert tally([JobFacts.of(lost)]).summary("published", 4).attempts == {"hint 1": 1, "never": 1}
    assert "blind" not in tally(map(JobFacts.of, [lost, records[0]])).summary("published", 4).attempts
