"""The command line: one readable error for bad input, nothing written, and exit codes that scripts can rely on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner, Result

from fr_agents.cli import app
from fr_agents.cli.forecasting import say_forecast
from fr_agents.cli.interrupt import Stoppable
from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.funnel import summarise
from fr_agents.store import open_store
from graphs.records import Rejection, Trajectory

ConfigFile = Callable[..., Path]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in an empty working directory."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
async def finished(
    tmp_path: Path,
    make_config: Callable[..., RunConfig],
    make_trajectory: Callable[..., Trajectory],
    make_rejection: Callable[..., Rejection],
) -> Path:
    """A run of three trajectories and one rejection."""
    with RunFolder.create(tmp_path / "run", make_config(), "1") as folder:
        async with open_store(folder) as store:
            for job in range(4):
                await store.append(make_rejection(job) if job == 2 else make_trajectory(job, attempts=(1, 2)))
        return folder.path


def test_a_valid_configuration_is_told_in_short(cli: Callable[..., Result], config_file: ConfigFile) -> None:
    path = config_file("turns: 2")
    result = cli("validate", path, "--seed", 5, "--set", "turns.max=3")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{path} is valid: 3 accepted trajectories of 2 to 3 turns\ndemo · tiny_world")
    assert "TinyDomain · 1 environment, 2 tools · roles" in result.stdout
    assert "roles offline (templated language) · seed 5 · runs/demo" in result.stdout


@pytest.mark.parametrize("command", ["run", "preview", "validate", "doctor"])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("refiner: {max_attemps: 3}", "refiner.max_attemps is not a key. Did you mean refiner.max_attempts?"),
        (
            "sampler: {policy: best}",
            "sampler.policy: 'best' is not allowed. (allowed: purposeful, directed, random, paper)",
        ),
        ("models: {reasoning: {tools: x}}", "models.reasoning.tools: 'x' is not allowed. (allowed: native, text)"),
    ],
)
def test_a_wrong_configuration_writes_nothing(
    cli: Callable[..., Result], config_file: ConfigFile, command: str, line: str, expected: str
) -> None:
    path = config_file(line)
    result = cli(command, path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{path}: {expected}")
    assert result.stderr.count("\n") == 1
    assert list(Path.cwd().iterdir()) == []


def test_options_of_the_command_line_are_checked_too(cli: Callable[..., Result], config_file: ConfigFile) -> None:
    result = cli("run", config_file(), "--count", 0)
    assert result.exit_code == 2
    assert "count must be 1 or more; it is 0." in result.stderr
    assert list(Path.cwd().iterdir()) == []


def test_a_run_that_exists_is_not_overwritten(
    cli: Callable[..., Result], config_file: ConfigFile, finished: Path
) -> None:
    before = {file.name: file.read_bytes() for file in finished.iterdir()}
    result = cli("run", config_file(), "--output", finished)
    assert result.exit_code == 2
    assert result.stderr == f"{finished} exists. Go on with: fr-agents resume {finished}, or choose another --output.\n"
    assert {file.name: file.read_bytes() for file in finished.iterdir()} == before


@pytest.mark.parametrize("command", ["resume", "status", "show", "verify"])
def test_a_folder_that_is_no_run_is_refused(cli: Callable[..., Result], tmp_path: Path, command: str) -> None:
    (tmp_path / "thesis").mkdir()
    result = cli(command, tmp_path / "thesis")
    assert result.exit_code == 2
    assert "is no run: it has no run.yaml" in result.stderr
    assert list((tmp_path / "thesis").iterdir()) == []


def test_a_run_whose_world_is_gone_is_not_resumed(cli: Callable[..., Result], finished: Path) -> None:
    result = cli("resume", finished)
    assert result.exit_code == 2
    assert result.stderr.startswith("world: 'tiny' not found. Installed: ")


def test_status_for_people_and_for_programs(cli: Callable[..., Result], finished: Path) -> None:
    lines = cli("status", finished).stdout.splitlines()
    assert lines[0] == f"demo · 3 of 3 accepted · complete · {finished}"
    assert lines[1] == "jobs 4 → trace 4 → query 4 → solved 3 → clean 3 → kept 3 (75 %)"
    data = json.loads(cli("status", finished, "--json").stdout)
    assert (data["accepted"], data["wanted"], data["complete"]) == (3, 3, True)
    assert data["rejected"] == {"refiner": {"k_max": 1}}
    assert data["attempts"] == {"blind": 3, "hint 1": 3, "never": 1}


def test_status_of_a_run_that_is_being_written(cli: Callable[..., Result], finished: Path) -> None:
    with RunFolder.open(finished), (finished / "trajectories.jsonl").open("a") as file:
        file.write('{"id": ')
        file.flush()
        result = cli("status", finished, "--json")
    assert json.loads(result.stdout)["accepted"] == 3


def test_one_trajectory_is_shown_from_a_run_or_a_file(cli: Callable[..., Result], finished: Path) -> None:
    result = cli("show", finished, 2)
    assert result.exit_code == 0
    assert "job 1 of seed 7" in result.stdout
    assert cli("show", finished / "trajectories.jsonl", 2).stdout == result.stdout
    assert "\x1b" not in result.stdout


def test_one_trajectory_is_written_as_a_page(cli: Callable[..., Result], finished: Path) -> None:
    result = cli("show", finished, 2, "--html", "page.html")
    assert (result.exit_code, result.stdout) == (0, "written to page.html\n")
    assert Path("page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    for place, told in [(".", ". is a folder: --html names a file."), ("no/x.html", "there is no folder no.")]:
        refused = cli("show", finished, 2, "--html", place)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert told in refused.stderr


def test_a_number_beyond_the_last_is_refused(cli: Callable[..., Result], finished: Path) -> None:
    result = cli("show", finished, 4)
    assert result.exit_code == 2
    assert "trajectories.jsonl holds 3 records; there is no number 4." in result.stderr
    assert cli("show", finished / "none.jsonl").exit_code == 2
    assert "line 1: is no trajectory" in cli("show", finished / "rejections.jsonl").stderr


def test_the_first_signal_cancels_and_leaves_the_handlers_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT)
    told: list[str] = []

    async def work() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()
        return "never"

    with Stoppable[str](on_stop=lambda: told.append("stopping")) as stoppable:
        assert stoppable.run(work) is None
    assert stoppable.stopped
    assert told == ["stopping"]
    assert signal.getsignal(signal.SIGINT) is before


def test_work_that_is_not_stopped_gives_its_result() -> None:
    async def work() -> str:
        return "done"

    with Stoppable[str](on_stop=lambda: None) as stoppable:
        assert stoppable.run(work) == "done"
    assert not stoppable.stopped


def test_the_doctor_has_nothing_to_do_where_no_model_is_called(
    cli: Callable[..., Result], config_file: ConfigFile
) -> None:
    result = cli("doctor", config_file())
    assert (result.exit_code, result.stdout) == (0, "No role calls a model that could be examined.\n")
    assert list(Path.cwd().iterdir()) == []


def test_the_doctor_tells_of_a_server_that_is_away(cli: Callable[..., Result], config_file: ConfigFile) -> None:
    away = "models: {default: {model: openai/m, base_url: 'http://127.0.0.1:1/v1'}}"
    result = cli("doctor", config_file(away))
    assert result.exit_code == 2
    told = "models.default: openai/m at http://127.0.0.1:1/v1 cannot be used: refused the connection."
    assert told in result.stdout
    plain = json.loads(cli("doctor", config_file(away), "--json").stdout)
    assert (plain["works"], plain["advice"]) == (False, [{"text": told, "needed": True}])
    assert plain["models"][0]["uses"] == {
        "models.default": ["tooling", "querying", "reasoning", "critiquing", "rewriting"]
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=3", "--set seed: a run that has begun keeps its configuration; only its limits may be changed"),
        ("limits.max_jobs=9", "limits.max_jobs decides where a run ends"),
        ("limits.window=1", "limits: window (1) must not be below concurrency (8)."),
    ],
)
def test_only_limits_are_changed_on_resume(
    cli: Callable[..., Result], finished: Path, text: str, expected: str
) -> None:
    before = {file.name: file.read_bytes() for file in finished.iterdir()}
    result = cli("resume", finished, "--set", text)
    assert result.exit_code == 2
    assert result.stderr.startswith(expected)
    assert {file.name: file.read_bytes() for file in finished.iterdir()} == before


async def test_a_forecast_is_told_from_the_first_jobs(
    tmp_path: Path,
    make_config: Callable[..., RunConfig],
    make_trajectory: Callable[..., Trajectory],
    make_rejection: Callable[..., Rejection],
    capsys: pytest.CaptureFixture[str],
) -> None:
    price = {"prompt": 1.0, "completion": 10.0}
    config = make_config(count=100, models={"default": {"model": "openai/m", "price": price}})
    usage = {"reasoning": {"calls": 10, "prompt_tokens": 20_000, "completion_tokens": 1_000, "untold": 0}}
    with RunFolder.create(tmp_path / "run", config, "1") as folder:
        async with open_store(folder) as store:
            for job in range(4):
                await store.append(make_rejection(job) if job == 2 else make_trajectory(job), usage)
    say_forecast(config, folder.path, summarise(folder), seconds=300)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("jobs 4 → ")
    assert lines[1] == "so far: 40 model calls, 84,000 tokens (28,000 for each accepted)"
    assert lines[2] == "forecast for the other 97 trajectories, from 3 accepted of 4 jobs:"
    expected = [line.split(" (")[0] for line in lines[3:]]
    assert expected[:2] == ["time         86 min", "calls        1,300"]
    assert expected[2] == "tokens       2,600,000"
    assert expected[3] == "  reasoning  1,300 calls, 2,600,000 tokens in, 130,000 out"
    assert expected[4] == "money        3.88 USD"
    assert lines[-1] == f"Go on: fr-agents resume {folder.path}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("--forecast",), None),
        (("--forecast", "2"), None),
        (("--forecast=0",), "'--forecast'"),
        (("--forecast", "x.yaml"), "unexpected extra argument"),
    ],
)
def test_a_forecast_takes_a_number_or_none(
    cli: Callable[..., Result], finished: Path, config_file: ConfigFile, given: tuple[str, ...], expected: str | None
) -> None:
    result = cli("run", *given, config_file(), "--output", finished)
    assert result.exit_code == 2
    assert (expected or "exists. Go on with: fr-agents resume") in result.stderr
