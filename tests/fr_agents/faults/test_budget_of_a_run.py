"""Limits of a whole run: it stops at them cleanly, spends no more, and goes on where they are raised."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

import fr_agents
from fr_agents.cli import app
from fr_agents.config import load_config
from fr_agents.entry import execute
from fr_agents.journal.budget import BudgetReached


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(path: Path, configuration: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return path


@pytest.mark.parametrize("share", [0.0, 0.4, 0.9])
async def test_a_run_makes_no_more_calls_than_it_may_and_goes_on_with_more(
    ruled_server: Any, plain: Any, tmp_path: Path, share: float
) -> None:
    allowed = max(1, int(plain.calls * share))
    with pytest.raises(BudgetReached, match=rf"limits\.max_calls: {allowed} of {allowed} calls are spent"):
        await fr_agents.synthesize(plain.with_limits(max_calls=allowed), tmp_path / "run")
    assert ruled_server.count - 1 == allowed == plain.ledger(tmp_path / "run").total.calls
    summary = await fr_agents.resume(tmp_path / "run", limits={"max_calls": plain.calls})
    assert summary.jobs == 4
    plain.assert_same(tmp_path / "run")
    assert ruled_server.count == plain.calls + 2, "what was bought before the stop is not bought again"


async def test_a_run_that_may_make_just_the_calls_that_it_needs_is_not_stopped(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    await fr_agents.synthesize(plain.with_limits(max_calls=plain.calls), tmp_path / "run")
    plain.assert_same(tmp_path / "run")


async def test_a_run_stops_again_and_again_until_its_limit_is_high_enough(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    with pytest.raises(BudgetReached):
        await fr_agents.synthesize(plain.with_limits(max_calls=10), tmp_path / "run")
    for allowed in (10, 20, 30):
        with pytest.raises(BudgetReached):
            await fr_agents.resume(tmp_path / "run", limits={"max_calls": allowed})
        assert plain.ledger(tmp_path / "run").total.calls == allowed
    await fr_agents.resume(tmp_path / "run", limits={"max_calls": None})
    plain.assert_same(tmp_path / "run")
    assert plain.ledger(tmp_path / "run").total.calls == plain.calls


async def test_a_run_costs_no_more_than_it_may_and_goes_on_with_more(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    """Answers may be longer than they are, so that each call sets more aside than it costs in the end."""
    with pytest.raises(BudgetReached, match=r"limits\.budget_usd") as caught:
        await fr_agents.synthesize(plain.with_limits(budget_usd=0.47), tmp_path / "run")
    assert "and the next call may take" in str(caught.value)
    spent = plain.ledger(tmp_path / "run").total
    assert 0 < spent.calls == ruled_server.count - 1 < plain.calls
    assert spent.money == pytest.approx(spent.calls * plain.cost_of_a_call)
    await fr_agents.resume(tmp_path / "run", limits={"budget_usd": 5.0})
    plain.assert_same(tmp_path / "run")
    assert plain.ledger(tmp_path / "run").total.money == pytest.approx(plain.calls * plain.cost_of_a_call)


async def test_a_run_reads_and_writes_no_more_tokens_than_it_may(ruled_server: Any, plain: Any, tmp_path: Path) -> None:
    ruled = ruled_server.script
    told = {"prompt_tokens": 3000, "completion_tokens": 500}

    def wordy(number: int, body: dict[str, Any]) -> Any:
        return ruled_server.Reply(body=json.dumps(json.loads(ruled(number, body).body) | {"usage": told}))

    ruled_server.script = wordy
    with pytest.raises(BudgetReached, match=r"limits\.max_tokens: .* of 60,000 tokens are spent"):
        await fr_agents.synthesize(plain.with_limits(max_tokens=60_000), tmp_path / "run")
    stopped = plain.ledger(tmp_path / "run").total
    assert 0 < stopped.prompt_tokens + stopped.completion_tokens <= 60_000
    assert stopped.calls == ruled_server.count - 1
    await fr_agents.resume(tmp_path / "run", limits={"max_tokens": None})
    plain.assert_same(tmp_path / "run")
    assert ruled_server.count == plain.calls + 2


def test_the_command_line_tells_how_to_go_on_and_goes_on(ruled_server: Any, plain: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "ruled.yaml", plain.configuration)
    stopped = command("run", path, "--output", tmp_path / "run", "--set", "limits.max_calls=12")
    assert stopped.exit_code == 4
    told = f"12 of 12 calls are spent. All that was paid for is kept. Go on with: fr-agents resume {tmp_path / 'run'}"
    assert told in stopped.stderr
    assert "Traceback" not in stopped.output
    (advised,) = re.findall(r"Go on with: fr-agents (resume .*)", stopped.stderr)
    again = command(*advised.split())
    assert again.exit_code == 4
    assert "24 of 24 calls are spent" in again.stderr
    ended = command("resume", tmp_path / "run", "--set", "limits.max_calls=1000")
    assert ended.exit_code in (0, 1), "fewer may be accepted than are wanted"
    plain.assert_same(tmp_path / "run")
    assert ruled_server.count == plain.calls + 3


async def test_the_first_trajectories_alone_and_then_the_rest(ruled_server: Any, plain: Any, tmp_path: Path) -> None:
    config = load_config(plain.configuration)
    first = await execute(config, tmp_path / "run", resume=False, only=2)
    assert first.accepted == 2
    assert not (tmp_path / "run" / "surplus.jsonl").read_bytes()
    await execute(config, tmp_path / "run", resume=True)
    plain.assert_same(tmp_path / "run")
    assert not (tmp_path / "run" / "surplus.jsonl").read_bytes()
    under_way = config.limits.concurrency
    assert ruled_server.count <= plain.calls + 2 + under_way


def test_a_forecast_reads_well(ruled_server: Any, plain: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "ruled.yaml", plain.configuration)
    told = command("run", path, "--output", tmp_path / "run", "--forecast", 2)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].startswith("jobs 2 → ")
    spent = plain.ledger(tmp_path / "run").total
    assert re.match(rf"so far: .*\b{spent.calls} (model )?calls, ", lines[1])
    assert "forecast for the other 2 trajectories, from 2 accepted of 2 jobs:" in lines
    labels = [line[:12].strip() for line in lines if "(" in line and " to " in line]
    assert labels == ["time", "calls", "tokens", "money"]
    assert lines[-1] == f"Go on: fr-agents resume {tmp_path / 'run'}"
    command(*lines[-1].removeprefix("Go on: fr-agents ").split())
    plain.assert_same(tmp_path / "run")
