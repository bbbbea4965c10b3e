"""One configuration at three servers: a script, a real model server, and the fault server in front of that one.

Not part of ``make test``, which has no model: ``make test-real-model BASE_URL=http://127.0.0.1:8092/v1``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from benchmarks import rule_model
from fr_agents.verification.reading import verify_file
from graphs.giving_up import CANNOT_ANSWER

from .fault_server import FaultServer, forwarded
from .ruled_run import is_try, ledger, lines
from .weather import Weather

pytestmark = pytest.mark.real_model
SCRIPT = f"scripted/{rule_model.__file__}:answer"
JOBS = 3
SHARE = 0.2


@pytest.fixture(scope="module")
def base_url() -> str:
    return os.environ["FR_AGENTS_BASE_URL"]


def configuration(**served: Any) -> dict[str, Any]:
    """Turns of one call; only ``served`` tells the three apart."""
    model = {"temperature": 0, "max_tokens": 300, "timeout": 300, **served}
    models = dict.fromkeys(("tooling", "querying", "reasoning", "critiquing"), model)
    if served["model"] == SCRIPT:
        models["querying"] = "offline"  # the model by rules writes no requests
    return {
        "name": "real",
        "seed": 7,
        "count": JOBS,
        "world": "travel",
        "turns": 1,
        "tools_shown": "needed+2",
        "sampler": {"calls_per_turn": 1, "implicit": 0, "error_share": 0},
        "refiner": {"max_attempts": 1},
        "models": {**models, "rewriting": "offline"},
        "limits": {"concurrency": 2, "window": 4, "max_jobs": JOBS},
    }


async def decided(configured: dict[str, Any], folder: Path) -> int:
    """The calls of a run of which every job was decided, and every record is right."""
    summary = await fr_agents.synthesize(configured, folder)
    assert summary.jobs == JOBS
    assert [problems for *_, problems in verify_file(folder / "trajectories.jsonl") if problems] == []
    assert CANNOT_ANSWER not in {record["reason"] for record in lines(folder, "rejections.jsonl")}
    return ledger(folder).total.calls


async def test_a_script(tmp_path: Path) -> None:
    assert await decided(configuration(model=SCRIPT), tmp_path / "run") > 0


async def test_a_real_model_server(base_url: str, tmp_path: Path) -> None:
    assert await decided(configuration(model="openai/local", base_url=base_url), tmp_path / "run") > 0


async def test_the_fault_server_before_a_real_model_server(
    base_url: str, fault_server: FaultServer, tmp_path: Path
) -> None:
    weather = fault_server.script = Weather(lambda body: forwarded(base_url, body), SHARE, seed=1)
    served = {"model": "openai/local", "base_url": fault_server.url, "timeout": 60}
    calls = await decided(configuration(**served), tmp_path / "run")
    asked = Counter(is_try(body) for body in fault_server.bodies)
    assert sum(weather.spoilt.values()) > 0
    assert asked[False] == calls + sum(weather.spoilt.values()) - billed(weather)


def billed(weather: Weather) -> int:
    """Spoilt answers that were paid all the same: they came whole, and were of no use."""
    return sum(weather.spoilt[kind] for kind in ("wrong tool", "empty", "cut off"))
