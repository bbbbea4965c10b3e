"""``status --watch``: told again while the run goes on, and over when the run is."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from fr_agents.cli import app
from fr_agents.cli.watching import watch
from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.status import RunStatus
from fr_agents.store import open_store
from graphs.records import Rejection, Trajectory

ROOT = Path(__file__).resolve().parents[2]
Add = Callable[..., None]


@pytest.fixture
def add(make_trajectory: Callable[..., Trajectory], make_rejection: Callable[..., Rejection]) -> Add:
    """Adds the next job to a run."""

    def add_job(folder: RunFolder, *, accepted: bool = True) -> None:
        async def append() -> None:
            async with open_store(folder) as store:
                job = store.position.jobs
                await store.append(make_trajectory(job) if accepted else make_rejection(job))

        anyio.run(append)

    return add_job


@pytest.fixture
def run(tmp_path: Path, make_config: Callable[..., RunConfig], add: Add) -> RunFolder:
    """A run of which one of two trajectories is there; this process works on it."""
    folder = RunFolder.create(tmp_path / "run", make_config(count=2, limits={"max_jobs": 4}), "1")
    add(folder)
    return folder


def watched(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["status", *map(str, arguments)])


def test_a_run_that_is_complete_is_told_once(run: RunFolder, add: Add) -> None:
    add(run)
    run.close()
    result = watched(run.path, "--watch")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == watched(run.path).stdout + "The run is complete.\n"


def test_a_run_that_nobody_works_on_is_told_with_the_way_to_go_on(run: RunFolder) -> None:
    run.close()
    result = watched(run.path, "--watch", 5)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"demo · 1 of 2 accepted · not complete · {run.path}\n")
    assert result.stdout.endswith(f"No process works on it. Resume: fr-agents resume {run.path}\n")


def test_a_run_that_has_used_up_its_jobs_is_not_resumed(run: RunFolder, add: Add) -> None:
    for _ in range(3):
        add(run, accepted=False)
    run.close()
    result = watched("--watch", run.path)
    assert result.exit_code == 1
    assert result.stdout.endswith("\nThe run ended after 4 jobs with 1 of 2 accepted.\n")


@pytest.mark.parametrize("other", ["--json", "--coverage"])
def test_a_watch_is_for_people(run: RunFolder, other: str) -> None:
    result = watched(run.path, "--watch", other)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "leave --json and --coverage out" in result.stderr
    assert watched(run.path, "--watch", "0").exit_code == 2


def test_a_live_run_is_told_line_by_line_until_it_is_complete(run: RunFolder, add: Add) -> None:
    command = [sys.executable, "-m", "fr_agents", "status", str(run.path), "--watch", "0.01"]
    with run, subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("accepted 1/2 · turns 1 · ")
        add(run, accepted=False)
        assert process.stdout.readline().startswith("accepted 1/2 · turns 1 · ")
        add(run)
        assert process.stdout.readline().startswith("demo · 2 of 2 accepted · complete")
        assert process.stdout.read().endswith("\nThe run is complete.\n")
        assert process.wait() == 0


def test_on_a_terminal_it_is_drawn_again_until_the_process_ends(run: RunFolder, add: Add) -> None:
    screen = io.StringIO()
    waits: list[float] = []

    def goes_on(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            assert "jobs 1 → " in screen.getvalue()
            assert "works on it (Ctrl-C ends the watch" in screen.getvalue()
            add(run, accepted=False)
        else:
            run.close()

    console = Console(file=screen, force_terminal=True, width=100)
    assert not watch(RunStatus(RunFolder.look(run.path)), 3, console, goes_on)
    assert waits == [3, 3]
    shown = screen.getvalue()
    assert "jobs 2 → " in shown
    assert shown.endswith(f"No process works on it. Resume: fr-agents resume {run.path}\n")


def test_ctrl_c_ends_the_watch_alone(run: RunFolder) -> None:
    command = [sys.executable, "-m", "fr_agents", "status", str(run.path), "--watch", "60"]
    pipe = subprocess.PIPE
    with run, subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("accepted 1/2")
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "")
        assert process.returncode == 0


def test_damage_to_the_file_of_jobs_is_told_and_counted_around(run: RunFolder, add: Add) -> None:
    add(run)
    before = watched(run.path)
    run.jobs.write_bytes(b"{" + run.jobs.read_bytes())
    result = watched(run.path)
    assert (result.exit_code, result.stdout) == (0, before.stdout)
    assert f"{run.jobs} does not tell of job 0: it was changed or damaged." in result.stderr
    run.close()
