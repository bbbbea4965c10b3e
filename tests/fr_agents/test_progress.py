"""Summaries and progress: numbers that add up, worded calmly."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest
from rich.console import Console

from envs.discovery import Progress as DiscoveryProgress
from fr_agents.config import RunConfig
from fr_agents.config.run import LimitsSettings
from fr_agents.discovery import RunGraph
from fr_agents.funnel import RunSummary, Tally, status_json, tally
from fr_agents.funnel_shown import status_lines
from fr_agents.job_facts import JobFacts
from fr_agents.journal.amount import Amount
from fr_agents.models_now import ModelsNow, models_line
from fr_agents.progress import PlainProgress, Progress, TerminalProgress, done_line, header_line, plain_line
from graphs.records import Job, Rejection, Trajectory

Make = Callable[..., Trajectory]
MakeLost = Callable[..., Rejection]
MakeConfig = Callable[..., RunConfig]
PROBING = DiscoveryProgress(environment="tiny", stage="examined", done=1, total=3, calls=4567)


@pytest.fixture
def graph() -> RunGraph:
    document = {"schema_version": 1, "tools": {}, "edges": [], "specs": [], "warnings": []}
    return RunGraph(document, "discovered now", problem="the graph is not kept: no space left")


@pytest.fixture
def counted(make_trajectory: Make, make_rejection: MakeLost) -> Tally:
    outcomes = [
        make_trajectory(0, attempts=(1, 1)),
        make_trajectory(1, attempts=(3, 2)),
        make_rejection(2, reason="K_max reached", turns=1, hints=(1,)),
        make_rejection(3, stage="author", reason="query shows a value"),
        make_rejection(4, stage="sampler", reason="no path"),
        make_rejection(5, stage="sampler", reason="no path"),
    ]
    return tally(map(JobFacts.of, outcomes))


def test_a_summary_adds_up(counted: Tally) -> None:
    summary = counted.summary("demo", 2, "runs/demo")
    assert summary.complete
    assert (summary.accepted, summary.jobs, summary.rejected_jobs, summary.turns) == (2, 6, 4, 4)
    assert summary.rejected == {
        "author": {"query shows a value": 1},
        "refiner": {"K_max reached": 1},
        "sampler": {"no path": 2},
    }
    assert summary.attempts == {"blind": 2, "hint 1": 2, "hint 2": 1, "never": 1}
    assert summary.depth == {2: 4}
    assert summary.tools == {"list_cards": 4, "pay": 4}
    assert summary.environments == {"bank": 2}


def test_the_funnel_reads_from_left_to_right(counted: Tally) -> None:
    lines = status_lines(counted.summary("demo", 3, "runs/demo"))
    assert lines == [
        "demo · 2 of 3 accepted · not complete · runs/demo",
        "jobs 6 → trace 4 → query 3 → solved 2 → clean 2 → kept 2 (33 %)",
        "turns 9 → trace 7 → query 6 → solved 5 → clean 5 → kept 4 (44 %)",
        "lost at      author: query shows a value 1   refiner: K_max reached 1   sampler: no path 2",
        "attempts     blind 33 %   hint 1 33 %   hint 2 17 %   never 17 %",
        "paths        100 % of 4 turns depend on two or more calls in a row (length 2: 4)",
        "coverage     2 tools in 1 environment (rare: list_cards 4, pay 4)",
    ]


def test_a_run_without_records_has_a_status_too() -> None:
    summary = Tally().summary("demo", 3)
    assert status_lines(summary) == [
        "demo · 0 of 3 accepted · not complete",
        "jobs 0 → trace 0 → query 0 → solved 0 → clean 0 → kept 0 (0 %)",
    ]
    assert RunSummary.model_validate(status_json(summary)) == summary


def test_the_header_tells_what_answers(make_config: MakeConfig) -> None:
    offline = header_line(make_config(), {"environments": 1, "tools": 127}, "runs/demo")
    assert offline == (
        "demo · tiny · 1 environment, 127 tools · roles offline (templated language) · seed 7 · runs/demo"
    )
    assert "roles openai/x · seed" in header_line(make_config(models={"default": "openai/x"}), {}, "")
    mixed = header_line(make_config(models={"reasoning": "openai/x"}), {}, "")
    assert "roles offline (tooling querying critiquing), openai/x (reasoning rewriting)" in mixed


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_resumed_run_counts_all_and_times_only_itself(
    make_config: MakeConfig, make_trajectory: Make, counted: Tally
) -> None:
    clock, told = Clock(), list[str]()
    progress = Progress(told.append, "runs/demo", earlier=counted, clock=clock)
    assert progress.summary() is None
    progress.started(make_config(count=12), {"tools": 3})
    assert len(told) == 1
    clock.now += 4
    progress.decided(Job(number=6, seed=1, turns=1), make_trajectory(6), 7)
    progress.decided(Job(number=7, seed=1, turns=1), make_trajectory(7), 8)
    summary = progress.summary()
    assert summary is not None
    assert plain_line(summary, progress.speed(summary)) == (
        "accepted 4/12 (0.5/s, eta 0:16) · turns 6 · solved blind 50 % · with hints 38 % · "
        "rejected 4 (no path 2, K_max reached 1, query shows a value 1)"
    )


def test_before_a_run_its_world_is_probed_and_afterwards_its_graph_is_told(
    make_config: MakeConfig, graph: RunGraph
) -> None:
    clock, told = Clock(), list[str]()
    progress = Progress(told.append, "runs/demo", clock=clock)
    assert progress.line() == ""
    progress.discovering(PROBING)
    clock.now += 21
    assert progress.line() == "tiny: tools examined · 1/3 tools · 4,567 calls · 21 s"
    assert told == []
    progress.started(make_config(), {"tools": 3}, graph)
    assert told[1:] == ["graph: 0 edges discovered now", "the graph is not kept: no space left"]
    assert progress.line().startswith("accepted 0/3 · ")
    assert progress.seconds == 0


@pytest.mark.parametrize(("seconds", "shown"), [(49.4, "in 49 s"), (100, "in 1:40"), (3 * 3600 + 62, "in 3:01:02")])
def test_the_last_line_says_what_came_out(counted: Tally, seconds: float, shown: str) -> None:
    summary = counted.summary("demo", 2, "runs/demo")
    line = done_line(summary, seconds, offline=True)
    assert line.startswith(f"done: 2 accepted of 6 jobs {shown} · 0 model calls · runs/demo/trajectories.jsonl")
    assert "model calls" not in done_line(summary, seconds, offline=False)


def test_without_a_terminal_there_are_plain_lines_from_time_to_time(make_config: MakeConfig) -> None:
    lines, second = list[str](), threading.Event()

    def write(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            second.set()

    progress = Progress(lambda line: None, "runs/demo")
    progress.started(make_config(), {})
    with PlainProgress(progress, write, interval=0.001):
        assert second.wait(10)
    assert lines[0] == "accepted 0/3 · turns 0 · solved blind 0 % · with hints 0 % · rejected 0"


def test_on_a_terminal_there_is_a_bar(make_config: MakeConfig, make_trajectory: Make) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    progress = Progress(lambda line: None, "runs/demo")
    with TerminalProgress(progress, console):
        progress.started(make_config(), {})
        progress.decided(Job(number=0, seed=1, turns=1), make_trajectory(0), 1)
    assert "1/3" in screen.getvalue()
    assert "rejected 0" in screen.getvalue()


@pytest.mark.parametrize(
    ("now", "limits", "shown"),
    [
        (ModelsNow(Amount(1204, 81_234)), {}, "1,204 calls, 81 k tokens"),
        (
            ModelsNow(Amount.of(10, 900, 3.4), ("m throttles, for another 12 s",)),
            {"max_calls": 5000, "max_tokens": 2_000_000, "budget_usd": 5},
            "10 of 5,000 calls, 900 of 2.0 M tokens, 3.40 USD of 5.00 USD · m throttles, for another 12 s",
        ),
    ],
)
def test_what_models_cost_so_far_is_told_with_its_limits(now: ModelsNow, limits: dict[str, float], shown: str) -> None:
    assert models_line(now, LimitsSettings.model_validate(limits)) == shown


def test_the_models_have_a_line_of_their_own_as_soon_as_they_are_opened(make_config: MakeConfig) -> None:
    progress = Progress(header=lambda line: None, place="runs/demo")
    progress.started(make_config(), {})
    assert "calls" not in progress.line()
    progress.asking(lambda: ModelsNow(Amount(3, 40), ("the server is down",)))
    assert progress.line().endswith(" · 3 calls, 40 tokens · the server is down")
    console = Console(file=io.StringIO(), width=80)
    console.print(progress.drawn())
    assert "the server is down" in console.file.getvalue().splitlines()[-1]  # type: ignore[attr-defined]


def test_on_a_terminal_there_is_the_bar_of_discovery_before() -> None:
    screen = io.StringIO()
    progress = Progress(lambda line: None, "runs/demo")
    with TerminalProgress(progress, Console(file=screen, force_terminal=True, width=100)):
        progress.discovering(PROBING)
    assert "tiny: tools examined" in screen.getvalue()
    assert "1/3 tools   4,567 calls" in screen.getvalue()
    assert "accepted" not in screen.getvalue()
