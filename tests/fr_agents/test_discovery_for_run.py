"""The graph that a new run gets: discovered once for all who want it at the same time, or as it was declared."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from envs.discovery import Progress
from envs.domain import load_domain
from fr_agents.config import RunConfig
from fr_agents.discovery import DiscoveredGraph, RunGraph, discover_graph
from fr_agents.discovery.exclusive import WAITING, exclusive
from fr_agents.discovery.for_run import graph_for
from fr_agents.errors import ConfigError

WORLD = '''
from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World


class Pump(ToolkitEnvironment):
    name = "pump"

    @tool(effect="write")
    def prime(self) -> dict[str, str]:
        """Prime the pump."""
        self.data["primed"] = True
        return {"valve_id": self.new_id("V")}

    @tool(effect="write")
    def start(self) -> None:
        """Start the pump."""
        if not self.data.get("primed"):
            raise self.fail("The pump is not primed.")

    @tool(effect="write", sources={"valve_id": "prime:valve_id"})
    def open_valve(self, valve_id: str) -> None:
        """Open a valve.

        Args:
            valve_id: ID of the valve.
        """
        raise self.fail("It is stuck.")


class PumpDomain:
    name = "pump_of_runs:PumpDomain"
    version = "1"

    def catalogue(self):
        return {"pump": Pump().specs()}

    def draw(self, seed):
        return WorldSpec(
            name=self.name, version=self.version, seed=seed, environments=("pump",), initial_state={"pump": {}}
        )

    def open(self, spec):
        world = World(spec, [Pump()])
        world.reset()
        return world


class OutsideDomain(PumpDomain):
    name = "pump_of_runs:OutsideDomain"
    outside_effects = True
'''
PUMP = "pump_of_runs:PumpDomain"
OUTSIDE = "pump_of_runs:OutsideDomain"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The module of the worlds, alone in the working directory, and an empty cache."""
    module = tmp_path / "here" / "pump_of_runs.py"
    module.parent.mkdir()
    module.write_text(WORLD)
    monkeypatch.chdir(module.parent)
    monkeypatch.syspath_prepend(str(module.parent))
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    yield tmp_path / "cache"
    sys.modules.pop("pump_of_runs", None)


async def graph_of(world: Any, **sampler: Any) -> RunGraph:
    config = RunConfig.model_validate({"name": "a", "count": 1, "world": world, "sampler": sampler})
    return await graph_for(config, load_domain(config.world.name))


async def test_a_run_gets_the_graph_that_was_discovered_and_then_that_of_the_cache() -> None:
    fresh = await graph_of(PUMP)
    assert fresh.origin == "discovered now"
    assert fresh.graph.state_needs("start") == (("prime",),)
    assert fresh.left_out == {"open_valve": "never_succeeds"}
    again = await graph_of(PUMP)
    assert (again.origin, again.document) == ("from cache", fresh.document)
    by_hand = await discover_graph(PUMP)
    assert by_hand.cached
    assert by_hand.graph.edges == fresh.graph.edges


async def test_a_declared_graph_takes_no_call_and_no_cache(cache: Path) -> None:
    for world in (PUMP, OUTSIDE):
        declared = await graph_of(world, graph="declared")
        assert declared.graph.state_needs("start") == ()
        assert [edge.evidence for edge in declared.graph.sources("open_valve", "valve_id")] == [("declared",)]
        assert declared.unusable == ()
    assert not await anyio.Path(cache).exists()


async def test_a_world_that_acts_outside_may_be_allowed_or_walked_as_it_is_declared(cache: Path) -> None:
    with pytest.raises(ConfigError, match=r"allow_outside_effects: true.*, or set sampler\.graph: declared\.$"):
        await graph_of(OUTSIDE)
    assert not await anyio.Path(cache).exists()
    allowed = await graph_of({"name": OUTSIDE, "allow_outside_effects": True})
    assert allowed.graph.state_needs("start") == (("prime",),)


async def test_of_two_at_the_same_time_one_discovers_and_the_other_waits(cache: Path) -> None:
    found: dict[str, DiscoveredGraph] = {}
    stages: dict[str, set[str]] = {"one": set(), "two": set()}

    async def discover(name: str) -> None:
        def tell(told: Progress) -> None:
            stages[name].add(told.stage)

        found[name] = await discover_graph(PUMP, on_progress=tell)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(discover, "one")
        tasks.start_soon(discover, "two")
    (prober,) = (name for name in found if not found[name].cached)
    (waiter,) = (name for name in found if found[name].cached)
    assert found[prober].discovery == found[waiter].discovery
    assert stages[waiter] == {WAITING}
    assert WAITING not in stages[prober]


async def test_refresh_discovers_again_after_it_has_waited() -> None:
    await discover_graph(PUMP)
    assert not (await discover_graph(PUMP, refresh=True)).cached


HOLD = """
import fcntl, pathlib, sys
path = pathlib.Path(sys.argv[1])
path.parent.mkdir(parents=True, exist_ok=True)
file = path.open("ab")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A lock file that another process holds."""
    path = tmp_path / "locks" / "a.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield path, process
        process.kill()


async def test_who_waits_goes_on_when_the_other_process_is_killed(
    holder: tuple[Path, subprocess.Popen[str]],
) -> None:
    path, process = holder
    waited: list[int] = []

    def on_wait() -> None:
        waited.append(process.pid)
        process.kill()

    with anyio.fail_after(60):
        async with exclusive(path, on_wait):
            assert waited


async def test_waiting_can_be_cancelled_and_leaves_no_lock(holder: tuple[Path, subprocess.Popen[str]]) -> None:
    path, process = holder
    with anyio.CancelScope() as scope:
        async with exclusive(path, scope.cancel):
            raise AssertionError("the lock is held by another process")
    assert scope.cancelled_caught
    process.kill()
    process.wait()
    async with exclusive(path, lambda: pytest.fail("nobody holds it any more")):
        pass


async def test_where_no_lock_can_be_had_it_goes_on_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    entered = False
    async with exclusive(tmp_path / "file" / "a.lock", lambda: pytest.fail("there is nothing to wait for")):
        entered = True
    assert entered
