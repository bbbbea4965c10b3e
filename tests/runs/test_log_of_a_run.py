"""What the log of a real run tells: its jobs and nodes, its end, and that nothing is done twice after a stop."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

import fr_agents
from fr_agents.config import RunConfig, configuration_hash, load_config
from fr_agents.entry import execute
from fr_agents.errors import InfrastructureError
from fr_agents.folder import RunFolder

Small = Callable[..., dict[str, Any]]
Line = dict[str, Any]
FIRST_NODES = ["sample", "abstract", "write", "solve"]

BROKEN_WORLD = """
from envs.travel.domain import TravelDomain
from envs.travel.environment import TravelEnvironment
from envs.world import World

class BrokenEnvironment(TravelEnvironment):
    def call(self, name, arguments):
        raise KeyError("a secret shelf")

class BrokenDomain(TravelDomain):
    name = "broken_world_of_log_tests:BrokenDomain"

    def open(self, spec):
        world = World(spec, [BrokenEnvironment()])
        world.reset()
        return world
"""


class Stopping:
    """An observer that cancels the run when so many jobs are stored."""

    def __init__(self, scope: anyio.CancelScope, jobs: int) -> None:
        self._scope = scope
        self._jobs = jobs

    def discovering(self, told: Any) -> None:
        """Nothing is done yet."""

    def started(self, config: RunConfig, domain: Mapping[str, Any], graph: Any) -> None:
        """Nothing is done yet."""

    def asking(self, now: Any) -> None:
        """Nothing is done yet."""

    def decided(self, job: Any, outcome: Any, prefix: int) -> None:
        if prefix >= self._jobs:
            self._scope.cancel()


def log(folder: Path) -> list[Line]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def of(lines: list[Line], event: str) -> list[Line]:
    return [line for line in lines if line["event"] == event]


def parts(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """What was told before a run was resumed, and from then on."""
    (begin,) = (number for number, line in enumerate(lines) if line["event"] == "run resumed")
    return lines[:begin], lines[begin:]


async def stopped_and_resumed(config: dict[str, Any], folder: Path) -> list[Line]:
    with anyio.CancelScope() as scope:
        await execute(load_config(config), folder, resume=False, observer=Stopping(scope, jobs=2))
    await fr_agents.resume(folder)
    return log(folder)


async def test_a_run_tells_how_it_began_and_ended_and_what_became_of_each_job(small: Small, tmp_path: Path) -> None:
    summary = await fr_agents.synthesize(small(), tmp_path / "run")
    lines = log(tmp_path / "run")
    begun, ended = lines[0], lines[-1]
    folder = RunFolder.look(tmp_path / "run")
    assert begun.items() >= {"event": "run begun", "run": folder.id, "jobs": 0, "wanted": 3}.items()
    assert begun["configuration"] == configuration_hash(folder.config)
    assert ended.items() >= {"event": "run ended", "how": "complete", "jobs": summary.jobs, "accepted": 3}.items()
    decided = {line["job"]: line for line in of(lines, "job decided")}
    assert len(decided) == len(of(lines, "job decided"))
    assert {line["job"] for line in of(lines, "job begun")} >= decided.keys() >= set(range(summary.jobs))
    for text in (tmp_path / "run" / "trajectories.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(text)
        attempts = sum(len(turn["attempts"]) for turn in record["turns"])
        told = {"accepted": True, "turns": len(record["turns"]), "attempts": attempts}
        assert decided[record["lineage"]["job"]].items() >= told.items()
    assert not of(lines, "node done")


async def test_a_run_that_accepts_too_little_tells_why_jobs_were_rejected(small: Small, tmp_path: Path) -> None:
    hopeless = small(count=2, offline={"mistakes": 1.0}, refiner={"max_attempts": 0}, limits={"max_jobs": 4})
    await fr_agents.synthesize(hopeless, tmp_path / "run")
    lines = log(tmp_path / "run")
    assert lines[-1].items() >= {"event": "run ended", "how": "exhausted", "jobs": 4}.items()
    rejected = [line for line in of(lines, "job decided") if not line["accepted"]]
    assert rejected
    assert {(line["stage"], line["reason"]) for line in rejected} == {("refiner", "K_max reached")}
    assert all(line["attempts"] > line["turns"] for line in rejected)


async def test_a_fine_log_tells_each_node_with_its_place(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(log="debug", offline={"mistakes": 0.6}), tmp_path / "run")
    lines = log(tmp_path / "run")
    for decided in of(lines, "job decided"):
        nodes = [line for line in of(lines, "node done") if line["job"] == decided["job"]]
        turns = [line["turn"] for line in nodes]
        assert turns == sorted(turns)
        assert set(turns) == set(range(1, decided["turns"] + 1))
        for turn in set(turns):
            names = [line["node"] for line in nodes if line["turn"] == turn]
            assert names[:4] == FIRST_NODES
            assert names[-1] == "close"
            attempts = [line["attempt"] for line in nodes if (line["turn"], line["node"]) == (turn, "solve")]
            assert attempts == list(range(len(attempts)))
    assert any(line["attempt"] for line in of(lines, "node done"))


async def test_after_a_stop_the_log_goes_on_and_no_finished_turn_is_done_again(small: Small, tmp_path: Path) -> None:
    before, after = parts(await stopped_and_resumed(small(count=8, turns=3, log="debug"), tmp_path / "run"))
    assert before[-1].items() >= {"event": "run ended", "how": "stopped"}.items()
    assert after[0]["jobs"] == before[-1]["jobs"] >= 2
    assert after[-1]["how"] == "complete"
    resumed = of(after, "job resumed")
    assert resumed
    finished = {(line["job"], line["turn"]) for line in of(before, "node done") if line["node"] == "close"}
    again = [line for line in of(after, "node done") if (line["job"], line["turn"]) in finished]
    assert {line["node"] for line in again} <= {"close"}, "only what was cut off from its checkpoint runs again"
    for line in resumed:
        first = next(node for node in of(after, "node done") if node["job"] == line["job"])
        assert first["turn"] == line["from_turn"]


async def test_no_job_is_told_decided_twice_after_a_stop(small: Small, tmp_path: Path) -> None:
    lines = await stopped_and_resumed(small(count=5), tmp_path / "run")
    times = Counter(line["job"] for line in of(lines, "job decided"))
    found = {line["job"] for line in of(lines, "job found decided")}
    assert set(range(5)) <= found | set(times)
    assert set(times.values()) == {1}


async def test_a_run_that_had_ended_tells_nothing_more(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    before = log(tmp_path / "run")
    await fr_agents.resume(tmp_path / "run")
    assert log(tmp_path / "run") == before


async def test_what_ends_a_run_is_told_without_the_words_of_a_tool(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_world_of_log_tests.py").write_text(BROKEN_WORLD, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    config = small(world="broken_world_of_log_tests:BrokenDomain", sampler={"graph": "declared"}, log="warning")
    with pytest.raises(InfrastructureError, match="a secret shelf"):
        await fr_agents.synthesize(config, tmp_path / "run")
    *told, ended = log(tmp_path / "run")
    broken, failed = told[:9], told[9:]
    assert ended.items() >= {"event": "run ended", "how": "failed", "level": "error"}.items()
    assert [line["event"] for line in broken] == 9 * ["a tool broke"]
    assert {line["event"] for line in failed} == {"job failed"}
    assert all(line.items() >= {"error": "ToolDefectError", "cause": "KeyError"}.items() for line in told)
    assert "secret" not in str([*told, ended])


async def test_a_line_of_records_that_was_torn_is_told(small: Small, tmp_path: Path) -> None:
    with anyio.CancelScope() as scope:
        config = load_config(small(count=5))
        await execute(config, tmp_path / "run", resume=False, observer=Stopping(scope, jobs=1))
    with (tmp_path / "run" / "trajectories.jsonl").open("ab") as file:
        file.write(b'{"id": "torn')
    await fr_agents.resume(tmp_path / "run")
    (repaired,) = of(log(tmp_path / "run"), "torn line repaired")
    assert (repaired["file"], repaired["bytes"]) == ("trajectories.jsonl", len(b'{"id": "torn'))


def test_the_command_line_prints_nothing_of_it(
    finished: Callable[..., subprocess.CompletedProcess[str]], config_file: Callable[..., Path], tmp_path: Path
) -> None:
    done = finished("run", config_file(count=2), "--output", "run", "--set", "log=debug")
    assert done.returncode == 0, done.stderr
    assert of(log(tmp_path / "run"), "node done")
    printed = (done.stdout + done.stderr).casefold()
    assert [
        event for event in ("node done", "job decided", "run ended", "warning", "traceback") if event in printed
    ] == []
