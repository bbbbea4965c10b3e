"""The graph of a world as a program asks for it: discovered in a process of its own, and kept for the next time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

import fr_agents
from envs.discovery import DiscoverySettings, Progress
from fr_agents import DiscoveredGraph, discover_graph
from fr_agents.errors import ConfigError
from tools.graph_json import load_graph

WORLD = '''
import os
import subprocess
import sys
import time

from typing_extensions import TypedDict

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World

sys.stdout.write("a world that greets you\\n")


class Session(TypedDict):
    session_token: str


class Shop(ToolkitEnvironment):
    name = "shop"

    @tool(effect="write")
    def open_session(self) -> Session:
        """Open a session."""
        self.data["session"] = self.new_id("SE")
        return {"session_token": self.data["session"]}

    @tool(effect="write")
    def start_till(self) -> None:
        """Start the till."""
        self.data["till"] = True

    @tool(effect="write")
    def sell(self, session_token: str) -> None:
        """Sell something.

        Args:
            session_token: Token of the session.
        """
        if session_token != self.data.get("session"):
            raise self.fail("There is no such session.")
        if not self.data.get("till"):
            raise self.fail("The till is off.")


class Chatting(Shop):
    @tool(effect="read")
    def chat(self) -> None:
        """Chat a lot."""
        print("from Python")
        os.write(1, b"from C\\n")
        subprocess.run(["echo", "from a process"], check=True)


class Sleeping(Shop):
    @tool(effect="read")
    def sleep(self) -> None:
        """Sleep where signals are heard."""
        time.sleep(60)


class ShopDomain:
    name = "shop_of_tests:ShopDomain"
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


class OutsideDomain(ShopDomain):
    name = "shop_of_tests:OutsideDomain"
    outside_effects = True


class ProposingDomain(ShopDomain):
    name = "shop_of_tests:ProposingDomain"

    def starts(self, count):
        return {"one of many": [self.draw(seed) for seed in range(count)]}
'''
SHOP = "shop_of_tests:ShopDomain"
QUICK = DiscoverySettings(starts=1, max_calls=2000, call_seconds=0.4)


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The module of the worlds, alone in the working directory, and an empty cache."""
    module = tmp_path / "here" / "shop_of_tests.py"
    module.parent.mkdir()
    module.write_text(WORLD)
    monkeypatch.chdir(module.parent)
    monkeypatch.syspath_prepend(str(module.parent))
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "cache"))
    yield module
    sys.modules.pop("shop_of_tests", None)


async def discovered(kind: str = "Shop", refresh: bool = False) -> DiscoveredGraph:
    return await discover_graph(SHOP, {"kind": kind}, settings=QUICK, refresh=refresh)


async def test_what_tools_need_is_found_in_another_process_and_kept(tmp_path: Path) -> None:
    told: list[Progress] = []
    fresh = await discover_graph(SHOP, settings=QUICK, on_progress=told.append)
    assert not fresh.cached
    assert fresh.graph.state_needs("sell") == (("start_till",),)
    assert [edge.producer for edge in fresh.graph.required_sources("sell", "session_token")] == ["open_session"]
    assert {progress.environment for progress in told} == {SHOP}
    assert told[-1].total == 3
    assert fresh.cache_file is not None
    assert fresh.cache_file.is_relative_to(tmp_path / "cache" / "graphs")
    assert [path.name for path in fresh.cache_file.parent.iterdir()] == [fresh.cache_file.name]

    again = await discover_graph(SHOP, settings=QUICK, on_progress=told.append)
    assert (again.cached, again.cache_file) == (True, fresh.cache_file)
    assert again.discovery == fresh.discovery


async def test_the_document_can_be_loaded_again() -> None:
    found = await discovered()
    document = json.loads(json.dumps(found.document()))
    assert document["world"] == SHOP
    assert document["tools"]["sell"]["state"] == [["start_till"]]
    assert load_graph(document).edges == found.graph.edges


async def test_refresh_discovers_again_to_the_same_graph() -> None:
    first, second = await discovered(), await discovered(refresh=True)
    assert not second.cached
    assert second.document() == first.document()


async def test_what_tools_print_goes_nowhere_and_is_warned_of(capfd: pytest.CaptureFixture[str]) -> None:
    found = await discovered("Chatting")
    assert [warning.reason for warning in found.discovery.warnings] == ["prints"]
    assert found.discovery.warnings[0].text.startswith("chat ")
    assert capfd.readouterr().out in ("", "a world that greets you\n")  # it is loaded here too, once


async def test_a_tool_that_sleeps_is_interrupted_and_left_out() -> None:
    found = await discovered("Sleeping")
    assert [(warning.tool, warning.reason) for warning in found.discovery.warnings] == [("sleep", "hangs")]
    assert found.graph.state_needs("sell") == (("start_till",),)


async def test_initial_states_that_a_domain_proposes_are_probed() -> None:
    told: list[Progress] = []
    found = await discover_graph("shop_of_tests:ProposingDomain", settings=QUICK, on_progress=told.append)
    assert {progress.environment for progress in told} == {"one of many"}
    assert found.discovery.groups == {"shop": ("open_session", "start_till", "sell")}
    assert found.graph.state_needs("sell") == (("start_till",),)


async def test_a_world_that_acts_outside_is_probed_only_where_that_is_allowed(shop: Path) -> None:
    with pytest.raises(ConfigError, match=r"--allow-outside-effects.*allow_outside_effects: true"):
        await discover_graph("shop_of_tests:OutsideDomain", settings=QUICK)
    allowed = QUICK.model_copy(update={"outside_effects": True})
    found = await discover_graph("shop_of_tests:OutsideDomain", settings=allowed)
    assert found.graph.state_needs("sell") == (("start_till",),)


@pytest.mark.parametrize(
    ("world", "options", "text"),
    [
        ("libary", {}, r"^world 'libary' not found. Installed: .*travel.* Your own: package.module:name$"),
        ("no_such_module:Domain", {}, "does not load"),
        (SHOP, {"size": 3}, "does not take these options"),
    ],
)
async def test_a_wrong_world_is_told(world: str, options: dict[str, int], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        await discover_graph(world, options)


async def test_a_cache_that_cannot_be_written_loses_no_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FR_AGENTS_CACHE", str(tmp_path / "file"))
    found = await discovered()
    assert (found.cached, found.cache_file) == (False, None)
    assert "the graph is not kept" in found.cache_problem
    assert found.graph.state_needs("sell") == (("start_till",),)


async def test_a_change_to_the_file_of_a_world_makes_its_graph_old(shop: Path) -> None:
    await discovered()
    await anyio.Path(shop).write_text(WORLD.replace('raise self.fail("The till is off.")', "pass"))
    found = await discovered()
    assert not found.cached
    assert found.graph.state_needs("sell") == ()


def test_the_entry_point_is_offered_by_the_package() -> None:
    assert "discover_graph" in dir(fr_agents)
    assert "DiscoveredGraph" in dir(fr_agents)
