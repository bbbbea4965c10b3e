"""Coverage: what was asked for, what came of it, and how it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envs.domain import Domain
from envs.environment import WorldSpec
from fr_agents.cli import app
from fr_agents.config import RunConfig
from fr_agents.coverage import CoverageTable, Row, coverage_of
from fr_agents.coverage_shown import coverage_lines
from fr_agents.discovery import RunGraph
from fr_agents.folder import RunFolder
from fr_agents.job_facts import JobFacts
from fr_agents.planning import Schedule
from fr_agents.store import Outcome, open_store
from graphs.records import (
    AdvancedTool,
    Attempt,
    HardQuery,
    Lineage,
    RecordedCall,
    Rejection,
    Trajectory,
    Turn,
)
from tools.call import Observation, ToolCall, ToolError
from tools.graph import ApiGraph
from tools.graph_json import graph_json
from tools.origin import ArgumentOrigin
from tools.trace import Step

TownConfig = Callable[..., RunConfig]
Chains = list[list[Step]]


def step(tool: str, number: int, *, fails: bool = False, **sources: tuple[int, str]) -> Step:
    """Call ``number`` of a trajectory; ``sources`` name for each argument the call and the path of its value."""
    call = ToolCall(id=f"call_{number}", name=tool, arguments=dict.fromkeys(sources, "x"))
    origins = {
        name: ArgumentOrigin(kind="observation", source=f"call_{source}", path=path)
        for name, (source, path) in sources.items()
    }
    error = ToolError(kind="failed", message="No.") if fails else None
    return Step(call=call, observation=Observation(call_id=call.id, error=error), origins=origins)


def turn(target: str, steps: list[Step]) -> Turn:
    attempt = Attempt(index=0, steps=(), messages=(), reply="", public_hash="", verdicts=())
    return Turn(
        query="?",
        target_tool=target,
        advanced_tool=AdvancedTool(name="a", description="", inputs=(), sinks=(), covered=()),
        hard_query=HardQuery(text="?", mentions=(), sinks=(), hidden=()),
        gold_calls=RecordedCall.of(tuple(steps)),
        gold_steps=tuple(steps),
        requested=(),
        calls=RecordedCall.of(tuple(steps)),
        steps=tuple(steps),
        attempts=(attempt,),
        hints=(),
        verdicts=(),
        depth=1,
        replay_hash="",
    )


def trajectory(job: int, *turns: Turn) -> Trajectory:
    return Trajectory(
        id="",
        world=WorldSpec(name="town_of_tests:Town", version="1", seed=3, environments=("bank",), initial_state={}),
        tools=(),
        messages=(),
        turns=turns,
        lineage=Lineage(run="demo", job=job, seed=7, models={}, configuration="c", package_version="0"),
    ).identified()


def rejection(job: int, turns: int, reason: str) -> Rejection:
    return Rejection(job=job, stage="sampler", reason=reason, detail="", turns=turns)


PAID = [step("sign_in", 0), step("list_cards", 1), step("pay", 2, card_id=(1, "3.card_id"))]
CARD = ("pay", "list_cards", "card_id")
STATE = ("pay", "sign_in", None)


@pytest.fixture
def counted(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> Callable[..., dict[tuple[str, str, str | None], Row]]:
    """The rows for outcomes of runs that ask for nothing but ``pay``, in one turn, by tool, producer and parameter."""

    def count(*outcomes: Outcome, **changes: object) -> dict[tuple[str, str, str | None], Row]:
        config = town_config(**{"targets": ["pay"], "turns": 1, **changes})
        table = coverage_of(Schedule(config, graph, town), graph, map(JobFacts.of, outcomes))
        return {(row.tool, row.producer, row.parameter): row for row in (*table.targets, *table.edges)}

    return count


def producer_of(schedule: Schedule, number: int) -> str | None:
    """The producer of the edge that the first turn of a job asks for."""
    edge = schedule.job(number).plans[0].edge
    return None if edge is None else edge.producer


def lead(town: Domain, graph: ApiGraph, config: RunConfig, producer: str) -> int:
    """The first job whose first turn asks for the edge from ``producer``."""
    schedule = Schedule(config, graph, town)
    return next(number for number in range(30) if producer_of(schedule, number) == producer)


def test_an_accepted_turn_counts_for_what_it_was_asked_and_for_all_that_it_has(
    town: Domain, graph: ApiGraph, town_config: TownConfig, counted: Callable[..., dict]
) -> None:
    numbers = [lead(town, graph, town_config(targets=["pay"], turns=1), name) for name in ("list_cards", "sign_in")]
    rows = counted(*(trajectory(number, turn("pay", PAID)) for number in numbers))
    assert rows.keys() == {("pay", "", None), CARD, STATE}
    assert {(row.asked, row.accepted, row.covered) for row in (rows[CARD], rows[STATE])} == {(1, 1, 2)}
    assert (rows["pay", "", None].asked, rows["pay", "", None].accepted) == (2, 2)
    assert all(row.rejected == {} for row in rows.values())


def test_values_and_states_count_from_earlier_turns_too(
    town: Domain, graph: ApiGraph, town_config: TownConfig, counted: Callable[..., dict]
) -> None:
    later = turn("pay", [step("pay", 2, card_id=(1, "*.card_id"))])
    rows = counted(trajectory(0, turn("list_cards", PAID[:2]), later))
    assert (rows[CARD].covered, rows[STATE].covered, rows["pay", "", None].covered) == (1, 1, 1)
    assert rows["pay", "", None].rejected == {"no path": 1}


def test_another_source_another_path_and_failed_calls_cover_no_edge(
    town: Domain, graph: ApiGraph, town_config: TownConfig, counted: Callable[..., dict]
) -> None:
    number = lead(town, graph, town_config(targets=["pay"], turns=1), "list_cards")
    wrong = (
        [*PAID[:2], step("pay", 2, card_id=(1, "3.label"))],
        [*PAID[:2], step("pay", 2, card_id=(0, "3.card_id"))],
        [step("sign_in", 0), step("list_cards", 1, fails=True), step("pay", 2, card_id=(1, "3.card_id"))],
        [*PAID[:2], step("pay", 2, fails=True, card_id=(1, "3.card_id"))],
    )
    for steps in wrong:
        row = counted(trajectory(number, turn("pay", steps)))[CARD]
        assert (row.asked, row.accepted, row.covered, row.rejected) == (1, 0, 0, {"edge not used": 1})


def test_another_target_is_no_path(counted: Callable[..., dict]) -> None:
    rows = counted(trajectory(0, turn("list_cards", PAID[1:2])))
    assert rows["pay", "", None].rejected == {"no path": 1}
    assert (rows["pay", "", None].asked, rows["pay", "", None].accepted) == (1, 0)


def test_a_rejected_job_counts_up_to_the_turn_where_it_ended(
    town: Domain, graph: ApiGraph, town_config: TownConfig
) -> None:
    config = town_config(turns=3)
    schedule = Schedule(config, graph, town)
    plans = schedule.job(0).plans
    table = coverage_of(schedule, graph, [JobFacts.of(rejection(0, 1, "no_path"))])
    rows = {row.tool: row for row in table.targets}
    assert rows[plans[0].tool or ""].rejected == {"lost with a later turn": 1}
    assert rows[plans[1].tool or ""].rejected == {"no_path": 1}
    assert sum(row.asked for row in table.targets) == 2
    assert sum(row.covered for row in table.targets) == 0


def test_the_line_tells_shares_and_the_rarest_and_warns() -> None:
    table = CoverageTable(
        targets=(Row(tool="pay", asked=4, accepted=3, covered=3), Row(tool="order", asked=2, rejected={"no path": 2})),
        edges=(
            Row(tool="pay", producer="list_cards", path="*.id", parameter="card_id", asked=3, covered=3),
            Row(tool="pay", producer="sign_in", asked=1, covered=1),
            Row(tool="pay", producer="find", asked=1, rejected={"k_max": 1}),
            Row(tool="order", producer="search", asked=2, rejected={"no path": 2}),
        ),
        uncovered=("gift", "a → b", "c", "d", "e"),
    )
    assert coverage_lines(table) == [
        "coverage     1/2 targets, 2/4 edges (rare: sign_in → pay 1)",
        "never        asked for and never accepted: order (asked 2: no path 2); find → pay (asked 1: k_max 1)",
        "left out     cannot be covered: gift; a → b; c; and 2 more",
    ]


def test_nothing_asked_needs_no_warning() -> None:
    assert coverage_lines(CoverageTable(targets=(), edges=())) == []
    assert coverage_lines(CoverageTable(targets=(Row(tool="pay"),), edges=())) == ["coverage     0/1 targets"]


@pytest.fixture
async def run(tmp_path: Path, town: Domain, graph: ApiGraph, town_config: TownConfig) -> Path:
    """A run of one rejection, which was to pay with a card that is listed, and one trajectory, which signs in."""
    document = graph_json(graph, world=town.name, version=town.version)
    configs = (town_config(targets=["pay"], turns=1, count=1, seed=seed) for seed in range(100))
    schedules = ((config, Schedule(config, graph, town)) for config in configs)
    wanted = ["list_cards", "sign_in"]
    config = next(
        config for config, schedule in schedules if [producer_of(schedule, number) for number in (0, 1)] == wanted
    )
    with RunFolder.create(tmp_path / "run", config, town.version, RunGraph(document, "here")) as folder:
        async with open_store(folder) as store:
            await store.append(rejection(0, 0, "k_max"))
            await store.append(trajectory(1, turn("pay", PAID)))
        return folder.path


def test_status_shows_the_coverage_of_a_run(run: Path) -> None:
    lines = CliRunner().invoke(app, ["status", str(run)]).stdout.splitlines()
    assert "coverage     1/1 targets, 2/2 edges (rare: list_cards → pay (card_id) 1)" in lines
    data = json.loads(CliRunner().invoke(app, ["status", str(run), "--json"]).stdout)
    assert data["accepted"] == 1
    row = data["coverage"]["targets"][0]
    assert (row["tool"], row["asked"], row["accepted"], row["rejected"]) == ("pay", 2, 1, {"k_max": 1})


def test_the_whole_table_is_plain_where_it_is_piped(run: Path) -> None:
    result = CliRunner().invoke(app, ["status", str(run), "--coverage"])
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["pay", "2", "1", "1", "k_max", "1"] in rows
    assert ["sign_in", "→", "pay", "1", "1", "1"] in rows
    assert ["list_cards", "→", "pay", "(card_id)", "1", "0", "1", "k_max", "1"] in rows


def test_a_run_without_its_graph_has_a_status_and_no_table(run: Path) -> None:
    (run / "graph.json").unlink()
    plain = CliRunner().invoke(app, ["status", str(run)])
    assert plain.exit_code == 0
    assert "3 tools in 1 environment" in plain.stdout
    refused = CliRunner().invoke(app, ["status", str(run), "--coverage"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "graph.json" in refused.stderr
