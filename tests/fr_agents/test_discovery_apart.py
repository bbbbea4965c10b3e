"""Discovery in child processes: several at once, whatever their tools do to them, and gone when they are cancelled."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import pytest

from envs.discovery import DiscoverySettings, Progress, discover
from envs.domain import load_domain
from fr_agents import DiscoveredGraph, discover_graph
from fr_agents.errors import InfrastructureError

WORLD = '''
import collections
import itertools
import os
import signal
import subprocess
import time
from pathlib import Path

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World


class Shop(ToolkitEnvironment):
    name = "shop"

    @tool(effect="write")
    def start_till(self) -> None:
        """Start the till."""
        self.data["till"] = True

    @tool(effect="read")
    def look(self) -> None:
        """Look around."""

    @tool(effect="write")
    def sell(self) -> None:
        """Sell something."""
        if not self.data.get("till"):
            raise self.fail("The till is off.")


class Hanging(Shop):
    @tool(effect="read")
    def hang(self) -> None:
        """Hang where no signal is heard and no other thread runs."""
        collections.deque(itertools.repeat(0), maxlen=0)


class Crashing(Shop):
    @tool(effect="read")
    def crash(self) -> None:
        """Take the process along."""
        os.kill(os.getpid(), signal.SIGSEGV)

    @tool(effect="read")
    def leave(self) -> None:
        """End the process as a program does."""
        os._exit(7)


class Spawning(Shop):
    @tool(effect="read")
    def spawn(self) -> None:
        """Start a process, and wait for ever with all signals blocked."""
        child = subprocess.Popen(["sleep", "600"])
        Path("processes").write_text(f"{os.getpid()} {child.pid}")
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(600)


class ShopDomain:
    name = "street_of_tests:ShopDomain"
    version = "1"

    def __init__(self, kind: str = "Shop") -> None:
        self.kind = globals()[kind]

    def catalogue(self):
        return {"shop": self.kind().specs()}

    def draw(self, seed):
        state = {"shop": {"_id_seed": seed}}
        return WorldSpec(
            name=self.name, version=self.version, seed=seed, environments=("shop",), initial_state=state
        )

    def open(self, spec):
        world = World(spec, [self.kind()])
        world.reset()
        return world


class Bakery(ToolkitEnvironment):
    name = "bakery"

    @tool(effect="write")
    def heat_oven(self) -> None:
        """Heat the oven."""
        self.data["hot"] = True

    @tool(effect="write")
    def bake(self) -> None:
        """Bake bread."""
        if not self.data.get("hot"):
            raise self.fail("The oven is cold.")


class StreetDomain(ShopDomain):
    """Two groups, the smaller one first."""

    name = "street_of_tests:StreetDomain"

    def starts(self, count):
        return {"bakery": self._starts("bakery", count), "shop": self._starts("shop", count)}

    def _starts(self, name, count):
        return [
            WorldSpec(
                name=self.name, version="1", seed=seed, environments=(name,), initial_state={name: {"_id_seed": seed}}
            )
            for seed in range(count)
        ]

    def open(self, spec):
        world = World(spec, [Bakery() if spec.environments == ("bakery",) else self.kind()])
        world.reset()
        return world


class FailingDomain(StreetDomain):
    name = "street_of_tests:FailingDomain"

    def open(self, spec):
        if spec.environments == ("bakery",) and spec.seed:
            while not (Path("processes").exists() and " " in Path("processes").read_text()):
                time.sleep(0.01)
            raise KeyError("oven")
        return super().open(spec)


class EmptyDomain(ShopDomain):
    name = "street_of_tests:EmptyDomain"

    def starts(self, count):
        return {}


class WaitingDomain(ShopDomain):
    name = "street_of_tests:WaitingDomain"

    def open(self, spec):
        time.sleep(600)


class BrokenDomain(ShopDomain):
    name = "street_of_tests:BrokenDomain"

    def open(self, spec):
        raise KeyError("shelf")
'''
SHOP = "street_of_tests:ShopDomain"
QUICK = DiscoverySettings(starts=1, max_calls=2000, call_seconds=0.4)
TWICE = QUICK.model_copy(update={"starts": 2})


@pytest.fixture(autouse=True)
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The module of the worlds, alone in the working directory, and an empty cache."""
    module = tmp_path / "here" / "street_of_tests.py"
    module.parent.mkdir()
    module.write_text(WORLD)
    monkeypatch.chdir(module.parent)
    monkeypatch.syspath_prepend(str(module.parent))
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    yield
    sys.modules.pop("street_of_tests", None)


async def discovered(kind: str) -> DiscoveredGraph:
    return await discover_graph(SHOP, {"kind": kind}, settings=QUICK)


async def test_a_tool_that_hangs_for_good_is_left_out_and_the_rest_goes_on() -> None:
    found = await discovered("Hanging")
    (warning,) = found.discovery.warnings
    assert (warning.tool, warning.reason) == ("hang", "hangs")
    assert warning.text == "hang did not answer within 2 s and cannot be interrupted"
    assert found.graph.state_needs("sell") == (("start_till",),)


async def test_tools_that_take_their_process_along_are_left_out_and_the_rest_goes_on() -> None:
    found = await discovered("Crashing")
    texts = {warning.tool: warning.text for warning in found.discovery.warnings}
    assert {warning.reason for warning in found.discovery.warnings} == {"breaks_down"}
    assert sorted(texts) == ["crash", "leave"]
    assert texts["crash"].startswith("crash ended its process by a signal (Segmentation fault")
    assert texts["leave"] == "leave ended its process with exit code 7"
    assert found.graph.state_needs("sell") == (("start_till",),)
    assert (await discovered("Crashing")).discovery == found.discovery  # from the cache, warnings and all


async def test_a_world_whose_tools_all_stop_their_process_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fr_agents.discovery.apart.MOST_RESTARTS", 1)
    with pytest.raises(InfrastructureError, match=r"was ended .* while its tool '(crash|leave)' ran. Mend that tool"):
        await discovered("Crashing")


@pytest.mark.parametrize("cores", [1, 2])
async def test_groups_are_probed_at_once_to_the_same_graph_as_in_one_process(
    cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    told: list[Progress] = []
    street = "street_of_tests:StreetDomain"
    found = (await discover_graph(street, settings=TWICE, on_progress=told.append)).discovery
    alone = discover(load_domain(street), TWICE)
    assert found.model_copy(update={"seconds": alone.seconds}) == alone
    assert list(found.groups) == ["bakery", "shop"]
    assert found.graph().state_needs("bake") == (("heat_oven",),)
    assert told[0].environment == "shop"  # the larger one comes first
    assert (told[-1].done, told[-1].total, told[-1].calls) == (5, 5, found.calls)
    assert [progress.calls for progress in told] == sorted(progress.calls for progress in told)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")
async def test_the_first_failure_ends_the_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1}, raising=False)
    settings = TWICE.model_copy(update={"call_seconds": 600.0})
    with anyio.fail_after(60):
        with pytest.raises(InfrastructureError, match="KeyError: 'oven'"):
            await discover_graph("street_of_tests:FailingDomain", {"kind": "Spawning"}, settings=settings)
        processes = _noted()
        assert processes
        await _until(lambda: not any(_runs(process) for process in processes))


async def test_a_world_that_waits_outside_of_its_tools_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fr_agents.discovery.process.LONGEST_SILENCE", 1.0)
    with pytest.raises(InfrastructureError, match="came to a stop outside of its tools"):
        await discover_graph("street_of_tests:WaitingDomain", settings=QUICK)


async def test_a_world_without_initial_states_is_told() -> None:
    with pytest.raises(InfrastructureError, match="gives no initial states to probe"):
        await discover_graph("street_of_tests:EmptyDomain", settings=QUICK)


async def test_a_world_that_breaks_is_told_with_the_place() -> None:
    with pytest.raises(InfrastructureError, match=r"KeyError: 'shelf' \(street_of_tests.py, line \d+, in open\)"):
        await discover_graph("street_of_tests:BrokenDomain", settings=QUICK)


def _noted() -> list[int]:
    """The processes that the tool ``spawn`` wrote down, once both are there."""
    noted = Path("processes")
    found = noted.read_text().split() if noted.exists() else []
    return [int(text) for text in found] if len(found) == 2 else []


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - other processes set no event
        await anyio.sleep(0.01)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes through /proc")
async def test_cancelling_kills_the_process_and_what_its_tools_started() -> None:
    settings = QUICK.model_copy(update={"call_seconds": 600.0})
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: discover_graph(SHOP, {"kind": "Spawning"}, settings=settings))
            await _until(lambda: bool(_noted()))
            processes = _noted()
            assert all(_runs(process) for process in processes)
            group.cancel_scope.cancel()
        await _until(lambda: not any(_runs(process) for process in processes))
