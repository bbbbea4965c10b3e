"""A tool that breaks on some calls costs the jobs that make one, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from fr_agents.errors import InfrastructureError

FRAGILE_WORLD = """
from envs.travel.domain import TravelDomain
from envs.travel.environment import TravelEnvironment
from envs.world import World

class FragileEnvironment(TravelEnvironment):
    def call(self, name, arguments):
        if {broken}:
            raise KeyError("shelf")
        return super().call(name, arguments)

class FragileDomain(TravelDomain):
    name = "{module}:FragileDomain"

    def open(self, spec):
        world = World(spec, [FragileEnvironment()])
        world.reset()
        return world
"""

Small = Callable[..., Any]


@pytest.fixture
def fragile(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A configuration in a world whose tools break where an expression says so."""

    def build(module: str, broken: str, **changes: Any) -> Any:
        (tmp_path / f"{module}.py").write_text(FRAGILE_WORLD.format(module=module, broken=broken), encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        return small(world=f"{module}:FragileDomain", sampler={"graph": "declared"}, **changes)

    return build


def lines(folder: Path, name: str) -> list[Any]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


async def test_the_run_goes_on_and_says_what_broke(fragile: Callable[..., Any], tmp_path: Path) -> None:
    somewhere = 'name == "get_zip_code" and int(self.data["today"][-1]) % 2'
    summary = await fr_agents.synthesize(fragile("fragile_sometimes", somewhere, count=15), tmp_path / "run")
    assert summary.complete
    broken = [item for item in lines(tmp_path / "run", "rejections.jsonl") if item["reason"] == "a tool broke"]
    assert broken
    assert all("'get_zip_code' broke on the arguments" in item["detail"] for item in broken)
    assert all("KeyError: 'shelf'" in item["detail"] for item in broken)
    assert sum(summary.rejected[stage].get("a tool broke", 0) for stage in summary.rejected) == len(broken)
    records = lines(tmp_path / "run", "trajectories.jsonl")
    assert len(records) == 15
    assert not {record["lineage"]["job"] for record in records} & {item["job"] for item in broken}

    one_by_one = fragile("fragile_sometimes", somewhere, count=15, limits={"concurrency": 1, "window": 1})
    await fr_agents.synthesize(one_by_one, tmp_path / "other")
    assert lines(tmp_path / "other", "rejections.jsonl") == lines(tmp_path / "run", "rejections.jsonl")


async def test_a_world_in_which_nothing_works_ends_the_run_and_each_resume(
    fragile: Callable[..., Any], tmp_path: Path
) -> None:
    config = fragile("fragile_always", "True", limits={"concurrency": 1, "window": 1})
    with pytest.raises(InfrastructureError, match=r"ended by a world: the tool '\w+' broke"):
        await fr_agents.synthesize(config, tmp_path / "run")
    assert [item["job"] for item in lines(tmp_path / "run", "rejections.jsonl")] == list(range(9))
    with pytest.raises(InfrastructureError, match=r"ended by a world: the tool '\w+' broke"):
        await fr_agents.resume(tmp_path / "run")
    assert [item["job"] for item in lines(tmp_path / "run", "rejections.jsonl")] == list(range(18))
