"""The async entry points, over real runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

import fr_agents
from fr_agents.config import RunConfig
from fr_agents.errors import (
    ConfigError,
    InfrastructureError,
    PreflightError,
    RunExistsError,
    RunFolderError,
    RunInUseError,
)
from fr_agents.folder import RunFolder
from fr_agents.verification import verify_file
from tools.graph_json import load_graph

Small = Callable[..., dict[str, Any]]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def stored(folder: Path) -> int:
    """Records that a run has stored so far."""
    path = folder / "trajectories.jsonl"
    return len(lines(path)) if path.exists() else 0


async def test_synthesize_makes_verified_records_inside_a_running_loop(small: Small, tmp_path: Path) -> None:
    summary = await fr_agents.synthesize(small(), tmp_path / "run")
    assert (summary.accepted, summary.complete) == (3, True)
    records = lines(tmp_path / "run" / "trajectories.jsonl")
    assert len(records) == 3
    assert all(not problems for _, _, problems in verify_file(tmp_path / "run" / "trajectories.jsonl"))
    wanted = {"id", "schema_version", "world", "tools", "messages", "turns", "flags", "lineage"}
    assert all(wanted <= set(record) for record in records)
    assert {"models", "configuration", "seed", "package_version"} <= set(records[0]["lineage"])


@pytest.mark.parametrize("how", ["mapping", "file", "object"])
async def test_a_configuration_may_be_a_mapping_a_path_or_an_object(
    small: Small, config_file: Callable[..., Path], tmp_path: Path, how: str
) -> None:
    sources = {
        "mapping": small(count=1),
        "file": config_file(count=1),
        "object": RunConfig.model_validate(small(count=1)),
    }
    summary = await fr_agents.synthesize(sources[how], tmp_path / "run")
    assert summary.accepted == 1


async def test_records_depend_neither_on_concurrency_nor_on_the_checkpointer(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=5, limits={"concurrency": 1, "window": 1}), tmp_path / "one")
    await fr_agents.synthesize(
        small(count=5, limits={"concurrency": 6, "window": 12}, checkpoint="memory"), tmp_path / "many"
    )
    for name in ("trajectories.jsonl", "rejections.jsonl"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "many" / name).read_bytes()


async def test_another_seed_gives_other_records(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=2), tmp_path / "a")
    await fr_agents.synthesize(small(count=2, seed=12), tmp_path / "b")
    first, second = (lines(tmp_path / name / "trajectories.jsonl") for name in "ab")
    assert {record["id"] for record in first}.isdisjoint(record["id"] for record in second)


async def test_a_larger_run_begins_with_the_records_of_a_smaller_one(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=2), tmp_path / "two")
    await fr_agents.synthesize(small(count=4), tmp_path / "four")
    two, four = ((tmp_path / name / "trajectories.jsonl").read_bytes() for name in ("two", "four"))
    assert four.startswith(two)


async def test_stream_yields_each_record_as_it_is_stored(small: Small, tmp_path: Path) -> None:
    seen = []
    async for record in fr_agents.stream(small(), tmp_path / "run"):
        seen.append(record.id)
        assert len(lines(tmp_path / "run" / "trajectories.jsonl")) >= len(seen)
    assert seen == [record["id"] for record in lines(tmp_path / "run" / "trajectories.jsonl")]
    assert len(seen) == 3


async def test_a_stream_that_is_left_early_can_be_resumed(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=6), tmp_path / "whole")
    async with aclosing(fr_agents.stream(small(count=6), tmp_path / "left")) as records:
        async for _ in records:
            break
    summary = await fr_agents.resume(tmp_path / "left")
    assert summary.complete
    whole, left = ((tmp_path / name / "trajectories.jsonl").read_bytes() for name in ("whole", "left"))
    assert whole == left


async def test_whoever_is_cancelled_while_reading_a_stream_leaves_a_run_that_can_be_resumed(
    small: Small, tmp_path: Path
) -> None:
    reading = asyncio.Event()

    async def read() -> None:
        async with aclosing(fr_agents.stream(small(count=6), tmp_path / "left")) as records:
            async for _ in records:
                reading.set()

    task = asyncio.create_task(read())
    await reading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await fr_agents.resume(tmp_path / "left")).complete


async def test_a_cancelled_run_is_resumed_to_the_same_records(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=6), tmp_path / "whole")
    async with anyio.create_task_group() as group:
        group.start_soon(fr_agents.synthesize, small(count=6), tmp_path / "cut")
        with anyio.fail_after(60):
            while not stored(tmp_path / "cut"):  # noqa: ASYNC110 - a file has no event
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    assert stored(tmp_path / "cut") < 6
    summary = await fr_agents.resume(tmp_path / "cut")
    assert summary.complete
    for name in ("trajectories.jsonl", "rejections.jsonl"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


async def test_resuming_a_complete_run_changes_nothing(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(), tmp_path / "run")
    before = (tmp_path / "run" / "trajectories.jsonl").read_bytes()
    summary = await fr_agents.resume(tmp_path / "run")
    assert summary.complete
    assert (tmp_path / "run" / "trajectories.jsonl").read_bytes() == before


async def test_a_complete_run_needs_no_model_and_a_stopped_one_does(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    await fr_agents.synthesize(small(count=2), tmp_path / "run")
    config = RunConfig.model_validate(small(count=2, models={"default": "openai/some-model"}))
    offline = RunFolder.look(tmp_path / "run").versions["world_version"]
    for name, complete in (("complete", True), ("stopped", False)):
        with RunFolder.create(tmp_path / name, config, offline) as folder:
            records = (tmp_path / "run" / "trajectories.jsonl").read_text().splitlines(keepends=True)
            folder.trajectories.write_text("".join(records if complete else records[:1]))
            folder.rejections.write_bytes((tmp_path / "run" / "rejections.jsonl").read_bytes() if complete else b"")
    summary = await fr_agents.resume(tmp_path / "complete")
    assert (summary.complete, summary.accepted) == (True, 2)
    with pytest.raises(PreflightError, match="OPENAI_API_KEY"):
        await fr_agents.resume(tmp_path / "stopped")


async def test_a_run_of_another_version_of_its_world_is_only_summed_up(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    file = tmp_path / "run" / "run.yaml"
    written = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(written | {"world_version": "0-old"}))
    assert (await fr_agents.resume(tmp_path / "run")).complete
    file.write_text(yaml.safe_dump(written | {"world_version": "0-old", "count": 2}))
    with pytest.raises(RunFolderError, match="was begun with the world travel 0-old, and this is"):
        await fr_agents.resume(tmp_path / "run")


async def test_a_run_keeps_its_graph_and_goes_on_with_it_without_the_cache(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fr_agents.synthesize(small(count=4), tmp_path / "whole")
    await fr_agents.synthesize(small(count=1), tmp_path / "cut")
    kept = json.loads((tmp_path / "cut" / "graph.json").read_text())
    known = (await fr_agents.discover_graph("travel")).graph
    assert load_graph(kept).edges == known.edges
    assert RunFolder.look(tmp_path / "cut").graph().edges == known.edges
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "cut" / "run.yaml"
    file.write_text(file.read_text().replace("count: 1", "count: 4"))
    assert (await fr_agents.resume(tmp_path / "cut")).complete
    assert not (tmp_path / "cache").exists()
    for name in ("trajectories.jsonl", "rejections.jsonl", "graph.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


async def test_a_run_whose_graph_is_damaged_is_only_summed_up(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    (tmp_path / "run" / "graph.json").write_text("{")
    assert (await fr_agents.resume(tmp_path / "run")).complete
    file = tmp_path / "run" / "run.yaml"
    file.write_text(file.read_text().replace("count: 1", "count: 2"))
    with pytest.raises(RunFolderError, match=r"graph\.json is damaged: .* begin a new run"):
        await fr_agents.resume(tmp_path / "run")


async def test_a_declared_graph_is_kept_too_and_can_be_gone_on_with(small: Small, tmp_path: Path) -> None:
    declared = {"graph": "declared"}
    await fr_agents.synthesize(small(count=3, sampler=declared), tmp_path / "whole")
    await fr_agents.synthesize(small(count=1, sampler=declared), tmp_path / "cut")
    assert {edge.evidence for edge in RunFolder.look(tmp_path / "cut").graph().edges} == {("declared",)}
    file = tmp_path / "cut" / "run.yaml"
    file.write_text(file.read_text().replace("count: 1", "count: 3"))
    assert (await fr_agents.resume(tmp_path / "cut")).complete
    whole, cut = ((tmp_path / name / "trajectories.jsonl").read_bytes() for name in ("whole", "cut"))
    assert whole == cut


UNTOUCHABLE_WORLD = """
from pathlib import Path
from envs.travel.domain import TravelDomain

class OutsideDomain(TravelDomain):
    name = "untouchable_world_of_tests:OutsideDomain"
    outside_effects = True

class FailingDomain(TravelDomain):
    name = "untouchable_world_of_tests:FailingDomain"

    def open(self, spec):
        raise KeyError("shelf")

class WaitingDomain(TravelDomain):
    name = "untouchable_world_of_tests:WaitingDomain"

    def open(self, spec):
        Path("begun").touch()
        while True:
            pass
"""


@pytest.fixture
def untouchable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The module of worlds that cannot be probed; the test's folder is the working directory."""
    (tmp_path / "untouchable_world_of_tests.py").write_text(UNTOUCHABLE_WORLD)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return "untouchable_world_of_tests"


async def test_a_run_whose_world_cannot_be_probed_writes_nothing(
    small: Small, untouchable: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"or set sampler\.graph: declared\.$"):
        await fr_agents.synthesize(small(world=f"{untouchable}:OutsideDomain"), tmp_path / "run")
    with pytest.raises(InfrastructureError, match="KeyError: 'shelf'"):
        await anext(fr_agents.stream(small(world=f"{untouchable}:FailingDomain"), tmp_path / "run"))
    assert not (tmp_path / "run").exists()


async def test_a_run_that_is_cancelled_while_its_world_is_probed_writes_nothing(
    small: Small, untouchable: str, tmp_path: Path
) -> None:
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(fr_agents.synthesize, small(world=f"{untouchable}:WaitingDomain"), tmp_path / "run")
            while not (tmp_path / "begun").exists():  # noqa: ASYNC110 - a file has no event
                await anyio.sleep(0.01)
            group.cancel_scope.cancel()
    assert not (tmp_path / "run").exists()


BROKEN_WORLD = """
from envs.travel.domain import TravelDomain
from envs.travel.environment import TravelEnvironment
from envs.world import World

BROKEN = True

class BrokenEnvironment(TravelEnvironment):
    def call(self, name, arguments):
        if BROKEN:
            raise KeyError("stock")
        return super().call(name, arguments)

class BrokenDomain(TravelDomain):
    name = "broken_world_of_tests:BrokenDomain"
    version = "1"

    def open(self, spec):
        world = World(spec, [BrokenEnvironment()])
        world.reset()
        return world
"""


async def test_a_tool_that_breaks_is_told_by_name_and_the_run_goes_on_once_it_is_mended(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_world_of_tests.py").write_text(BROKEN_WORLD)
    monkeypatch.syspath_prepend(str(tmp_path))
    config = small(count=2, world="broken_world_of_tests:BrokenDomain", sampler={"graph": "declared"})
    with pytest.raises(InfrastructureError, match=r"ended by a world: the tool '\w+' broke on .* KeyError: 'stock'"):
        await fr_agents.synthesize(config, tmp_path / "run")
    with pytest.raises(InfrastructureError, match="broke on"):
        await fr_agents.resume(tmp_path / "run")
    monkeypatch.setattr("broken_world_of_tests.BROKEN", False)
    assert (await fr_agents.resume(tmp_path / "run")).complete


async def test_a_damaged_file_of_checkpoints_is_told(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    file = tmp_path / "run" / "run.yaml"
    file.write_text(file.read_text().replace("count: 1", "count: 2"))
    (tmp_path / "run" / "checkpoints.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(RunFolderError, match=r"checkpoints\.sqlite was deleted begins its unfinished jobs anew"):
        await fr_agents.resume(tmp_path / "run")
    (tmp_path / "run" / "checkpoints.sqlite").unlink()
    assert (await fr_agents.resume(tmp_path / "run")).complete


async def test_what_is_there_is_never_overwritten(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    with pytest.raises(RunExistsError, match="fr-agents resume"):
        await fr_agents.synthesize(small(count=1), tmp_path / "run")


async def test_a_run_in_use_is_refused(small: Small, tmp_path: Path) -> None:
    await fr_agents.synthesize(small(count=1), tmp_path / "run")
    with RunFolder.open(tmp_path / "run"), pytest.raises(RunInUseError, match="in use by process"):
        await fr_agents.resume(tmp_path / "run")


async def test_bad_input_leaves_nothing_behind(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="policy"):
        await fr_agents.synthesize(small(sampler={"policy": "zigzag"}), tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(PreflightError, match="OPENAI_API_KEY"):
        await fr_agents.synthesize(small(models={"default": "openai/some-model"}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


async def test_a_run_that_accepts_too_little_ends_at_max_jobs(small: Small, tmp_path: Path) -> None:
    hopeless = small(
        count=2,
        offline={"mistakes": 1.0},
        refiner={"max_attempts": 0},
        limits={"concurrency": 2, "window": 2, "max_jobs": 4},
    )
    summary = await fr_agents.synthesize(hopeless, tmp_path / "run")
    assert (summary.complete, summary.jobs) == (False, 4)
    rejections = lines(tmp_path / "run" / "rejections.jsonl")
    assert len(rejections) == 4 - summary.accepted > 0
    assert {(row["stage"], row["reason"]) for row in rejections} == {("refiner", "K_max reached")}
