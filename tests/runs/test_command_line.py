"""The command line, as a person uses it: real processes, real folders."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

Command = Callable[..., "subprocess.Popen[str]"]
Finished = Callable[..., "subprocess.CompletedProcess[str]"]
ConfigFile = Callable[..., Path]
KILLS = 5


def records(folder: Path) -> bytes:
    return (folder / "trajectories.jsonl").read_bytes() + (folder / "rejections.jsonl").read_bytes()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until something holds, or the process has ended."""
    while not condition() and process.poll() is None:
        time.sleep(0.005)


def checkpoint_bytes(folder: Path) -> int:
    """The size of a run's checkpoints; SQLite deletes its journal between a look at the folder and one at the file."""
    size = 0
    for path in folder.glob("checkpoints.sqlite*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def test_a_run_from_start_to_verified(finished: Finished, config_file: ConfigFile, tmp_path: Path) -> None:
    run = finished("run", config_file())
    assert run.returncode == 0, run.stderr
    assert "done: 3 accepted" in run.stdout
    assert "templated" in run.stderr
    assert re.search(r"^graph: \d+ edges \(\d+ probed, .*\) (from cache|discovered now)", run.stderr, re.MULTILINE)
    assert "\x1b" not in run.stdout + run.stderr
    assert {path.name for path in (tmp_path / "runs" / "small").iterdir()} >= {
        "run.yaml",
        "trajectories.jsonl",
        "rejections.jsonl",
        "checkpoints.sqlite",
        "graph.json",
    }
    status = json.loads(finished("status", "runs/small", "--json").stdout)
    assert status["accepted"] == 3
    assert sum(status["attempts"].values()) == status["turns"]
    assert finished("verify", "runs/small/trajectories.jsonl").returncode == 0
    shown = finished("show", "runs/small", "1")
    assert "USER" in shown.stdout
    assert "ANSWER" in shown.stdout
    again = finished("run", config_file())
    assert again.returncode == 2
    assert "fr-agents resume runs/small" in again.stderr


def test_verify_names_each_record_that_does_not_hold(
    finished: Finished, config_file: ConfigFile, tmp_path: Path
) -> None:
    finished("run", config_file(), "--output", "good")
    good = (tmp_path / "good" / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()
    changed = json.loads(good[1])
    changed["turns"][0]["steps"][0]["observation"]["content"] = {"zip_code": "00000"}
    (tmp_path / "bad.jsonl").write_text("\n".join([good[0], json.dumps(changed), "{}", good[2]]) + "\n")
    verified = finished("verify", tmp_path / "bad.jsonl")
    assert verified.returncode == 1
    named = [line.split()[1] for line in verified.stdout.splitlines() if line.startswith("line")]
    assert named == ["2", "3"]
    assert "returns something else" in verified.stdout


def test_a_run_killed_five_times_ends_in_the_same_records(
    command: Command, finished: Finished, config_file: ConfigFile, tmp_path: Path
) -> None:
    config = config_file(count=6, turns=3)
    assert finished("run", config, "--output", "whole").returncode == 0
    folder = tmp_path / "killed"
    rng = random.Random(20261122)
    killed = 0
    process = command("run", config, "--output", folder)
    for _ in range(KILLS):
        before = checkpoint_bytes(folder)
        wait_for(lambda before=before: checkpoint_bytes(folder) > before, process)  # type: ignore[misc]
        time.sleep(rng.uniform(0, 0.3))
        killed += process.poll() is None
        process.kill()
        process.communicate()
        process = command("resume", folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert killed > 0
    assert records(folder) == records(tmp_path / "whole")


def test_ctrl_c_stops_cleanly_and_tells_how_to_go_on(
    command: Command, finished: Finished, config_file: ConfigFile, tmp_path: Path
) -> None:
    config = config_file(count=12, turns=3)
    folder = tmp_path / "stopped"
    process = command("run", config, "--output", folder)
    wait_for(lambda: checkpoint_bytes(folder) > 0, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"Resume: fr-agents resume {folder}" in err
    assert "Traceback" not in err
    resumed = finished("resume", folder)
    assert resumed.returncode == 0
    assert re.search(r"^graph: .* from the run's folder", resumed.stderr, re.MULTILINE)
    assert finished("verify", folder).returncode == 0


def test_two_processes_cannot_work_on_one_run(
    command: Command, finished: Finished, config_file: ConfigFile, tmp_path: Path
) -> None:
    folder = tmp_path / "used"
    process = command("run", config_file(count=30, turns=3), "--output", folder)
    wait_for(lambda: checkpoint_bytes(folder) > 0, process)
    second = finished("resume", folder)
    assert second.returncode == 2
    assert f"in use by process {process.pid}" in second.stderr
    process.kill()
    process.communicate()


def test_a_run_that_accepts_too_little_shows_the_funnel(finished: Finished, config_file: ConfigFile) -> None:
    limits: dict[str, Any] = {"concurrency": 2, "window": 2, "max_jobs": 3}
    run = finished(
        "run", config_file(count=3, turns=2, offline={"mistakes": 1.0}, refiner={"max_attempts": 0}, limits=limits)
    )
    assert run.returncode == 1
    assert "K_max" in run.stdout
    assert "ended after 3 jobs" in run.stderr


def test_a_tool_that_breaks_ends_the_run_readably(finished: Finished, config_file: ConfigFile, tmp_path: Path) -> None:
    (tmp_path / "breaking.py").write_text(
        "from envs.travel.domain import TravelDomain\n"
        "from envs.travel.environment import TravelEnvironment\n"
        "from envs.world import World\n"
        "class Broken(TravelEnvironment):\n"
        "    def call(self, name, arguments):\n"
        "        raise KeyError('stock')\n"
        "class Breaking(TravelDomain):\n"
        "    name = 'breaking:Breaking'\n"
        "    def open(self, spec):\n"
        "        world = World(spec, [Broken()])\n"
        "        world.reset()\n"
        "        return world\n"
    )
    run = finished("run", config_file(world="breaking:Breaking", sampler={"graph": "declared"}), "--output", "run")
    assert run.returncode == 3
    assert "KeyError: 'stock'" in run.stderr
    assert run.stderr.splitlines()[-1] == "Resume: fr-agents resume run"
    assert "Traceback" not in run.stderr


def test_ctrl_c_while_the_world_is_probed_leaves_nothing(
    command: Command, config_file: ConfigFile, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(
        "from pathlib import Path\n"
        "from envs.travel.domain import TravelDomain\n"
        "class Slow(TravelDomain):\n"
        "    name = 'slow:Slow'\n"
        "    def open(self, spec):\n"
        "        Path('begun').touch()\n"
        "        while True:\n"
        "            pass\n"
    )
    for name, arguments, last in [
        ("run", ["--output", "never"], "stopped before the first job. Nothing was started."),
        ("preview", [], "stopped."),
    ]:
        process = command(name, config_file(world="slow:Slow"), *arguments)
        wait_for((tmp_path / "begun").exists, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err.splitlines()[-1]) == (130, "", last)
        (tmp_path / "begun").unlink()
    assert not (tmp_path / "never").exists()


def test_preview_writes_nothing(finished: Finished, config_file: ConfigFile, tmp_path: Path) -> None:
    config = config_file()
    before = set(tmp_path.rglob("*"))
    preview = finished("preview", config)
    assert preview.returncode == 0
    assert "CALL" in preview.stdout
    assert set(tmp_path.rglob("*")) == before


def test_a_server_that_is_not_there_is_told_before_anything_starts(
    finished: Finished, config_file: ConfigFile, tmp_path: Path, unused_url: str
) -> None:
    config = config_file(models={"default": {"model": "openai/gpt-x", "base_url": unused_url}})
    run = finished("run", config, "--output", "never")
    assert run.returncode == 2
    assert "refused the connection" in run.stderr
    assert not (tmp_path / "never").exists()
