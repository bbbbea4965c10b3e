"""Runs in a world of one's own that does not say that its tools are quick, and in which some of them hang."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import fr_agents
from fr_agents.config import load_config
from fr_agents.entry import preview
from fr_agents.errors import InfrastructureError
from fr_agents.verification import verify_file
from graphs.aside import TOO_SLOW
from graphs.records import Trajectory

KIOSK = '''
import threading

from envs.environment import KnownValue
from envs.toolkit import ToolkitEnvironment, tool
from envs.toolkit_domain import ToolkitDomain
from tools.base import generator
from typing_extensions import TypedDict

LET_GO = threading.Event()
THREADS = set()


class Card(TypedDict):
    card_id: str


class Sale(TypedDict):
    sale_id: str


class Kiosk(ToolkitEnvironment):
    name = "kiosk"

    @tool(effect="read")
    def find_card(self, motif: str) -> Card:
        """Find a postcard by its motif.

        Args:
            motif: Motif of the postcard.
        """
        THREADS.add(threading.current_thread())
        if self.data["_hangs"]:
            LET_GO.wait(60)
        return {"card_id": self.data["cards"][motif]}

    @tool(effect="write", sources={"card_id": "find_card:card_id"})
    def sell_card(self, card_id: str) -> Sale:
        """Sell a postcard.

        Args:
            card_id: ID of the postcard.
        """
        if card_id not in self.data["cards"].values():
            raise self.fail("There is no such postcard.", "not_found")
        sale_id = self.new_id("SL")
        self.data["sales"][sale_id] = card_id
        return {"sale_id": sale_id}

    def known_values(self):
        return [KnownValue(parameter="motif", value=motif) for motif in self.data["cards"]]


class KioskDomain(ToolkitDomain):
    name = "kiosk_of_tests:KioskDomain"
    environment = Kiosk

    def __init__(self, hanging=0.0):
        self._hanging = hanging

    def draw_state(self, seed):
        rng = generator("kiosk", seed)
        hangs = rng.random() < self._hanging
        cards = {motif: f"PC-{rng.randrange(1000, 10_000)}" for motif in ("harbour", "lighthouse", "market")}
        return {"cards": cards, "sales": {}, "_hangs": hangs, "_id_seed": seed}
'''


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of the world."""
    (tmp_path / "kiosk_of_tests.py").write_text(KIOSK, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("kiosk_of_tests")
    yield module
    module.LET_GO.set()
    for thread in module.THREADS - {threading.current_thread()}:
        thread.join(60)
    del sys.modules["kiosk_of_tests"]


def configuration(hanging: float, **changes: Any) -> dict[str, Any]:
    return {
        "name": "kiosk",
        "count": 4,
        "world": {"name": "kiosk_of_tests:KioskDomain", "options": {"hanging": hanging}},
        "turns": 1,
        "sampler": {"graph": "declared"},
        "limits": {"concurrency": 3, "window": 6, "tool_seconds": 0.2},
        **changes,
    }


async def test_jobs_whose_tool_hangs_are_rejected_and_the_run_goes_on(kiosk: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    summary = await fr_agents.synthesize(configuration(0.5), folder)
    assert summary.complete
    assert summary.rejected["sampler"][TOO_SLOW] >= 1
    assert summary.rejected_jobs == summary.lost_in("sampler")
    rejected = [json.loads(line) for line in (folder / "rejections.jsonl").read_text(encoding="utf-8").splitlines()]
    said = "the tool 'find_card' did not answer within limits.tool_seconds (0.2 s)"
    assert all(item["detail"].startswith(said) for item in rejected)
    verified = list(verify_file(folder / "trajectories.jsonl"))
    assert len(verified) == 4
    assert all(not problems for _, _, problems in verified)


async def test_a_world_in_which_everything_hangs_ends_its_run(kiosk: Any, tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"^The run was ended by a world: 8 calls of tools") as caught:
        await fr_agents.synthesize(configuration(1.0), tmp_path / "run")
    assert "limits.tool_seconds" in str(caught.value)


def test_a_process_ends_although_its_tools_do_not(kiosk: Any, command: Any, tmp_path: Path) -> None:
    (tmp_path / "kiosk.yaml").write_text(yaml.safe_dump(configuration(1.0)), encoding="utf-8")
    process = command("run", "kiosk.yaml")
    _, errors = process.communicate(timeout=50)
    assert process.returncode == 3
    assert "8 calls of tools, the last of them of 'find_card'" in " ".join(errors.split())


async def test_a_preview_makes_its_calls_in_threads_too(kiosk: Any) -> None:
    assert isinstance(await preview(load_config(configuration(0.0))), Trajectory)
    assert kiosk.THREADS
    assert threading.current_thread() not in kiosk.THREADS
