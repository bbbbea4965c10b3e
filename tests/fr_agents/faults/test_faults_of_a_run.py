"""A whole run whose models stand behind a server in bad weather ends with the records that it has in good weather."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

import fr_agents
from fr_agents.backends.pacing.endpoint import Endpoints
from fr_agents.config.run import LimitsSettings
from fr_agents.errors import InfrastructureError

from .ruled_run import ruled
from .weather import Weather

Body = dict[str, Any]
SHARE = 0.2


class Good:
    """A run in good weather: its folder, and how many requests it took."""

    def __init__(self, server: Any, folder: Path) -> None:
        self.model = partial(ruled, 0)
        self.folder = folder
        self._server = server
        self.configuration = _configuration(server.url)
        server.script = lambda number, body: self.model(body)
        anyio.run(fr_agents.synthesize, self.configuration, folder)
        self.requests = server.count

    @property
    def ids(self) -> list[str]:
        lines = (self.folder / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["id"] for line in lines]

    def differences(self, other: Path) -> list[str]:
        """The files of records in which another run differs from this one."""
        names = ("trajectories.jsonl", "rejections.jsonl")
        return [name for name in names if (self.folder / name).read_bytes() != (other / name).read_bytes()]


def _configuration(url: str) -> Body:
    """All jobs are decided, so that it takes the same requests each time: nothing runs ahead of an end."""
    served = {"model": "openai/rules", "base_url": url, "timeout": 2.0}
    return {
        "name": "weather",
        "seed": 11,
        "count": 5,
        "world": "travel",
        "turns": {"min": 1, "max": 2},
        "models": {"tooling": served, "reasoning": served, "critiquing": served, "rewriting": "offline"},
        "limits": {"concurrency": 4, "window": 8, "max_jobs": 5},
    }


@pytest.fixture(scope="module")
def good(lasting_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Good:
    return Good(lasting_server, tmp_path_factory.mktemp("runs") / "good")


@pytest.fixture(autouse=True)
def _nobody_waits(fake_time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def endpoints(limits: LimitsSettings) -> Endpoints:
        return Endpoints(limits.concurrency, limits.outage, fake_time.timing())

    monkeypatch.setattr("fr_agents.run_models.endpoints_for", endpoints)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_run_in_bad_weather_has_the_records_of_good_weather(
    lasting_server: Any, good: Good, tmp_path: Path, seed: int
) -> None:
    before = lasting_server.count
    weather = lasting_server.script = Weather(good.model, SHARE, seed)
    summary = await fr_agents.synthesize(good.configuration, tmp_path / "bad")
    assert good.differences(tmp_path / "bad") == []
    assert summary.accepted >= 3, "a run without records would prove nothing"
    assert lasting_server.count - before == good.requests + sum(weather.spoilt.values())
    assert sum(weather.spoilt.values()) >= 0.15 * good.requests
    assert len(weather.spoilt) >= 5


async def test_an_outage_of_ten_seconds_loses_no_sample(
    lasting_server: Any, good: Good, fake_time: Any, tmp_path: Path
) -> None:
    before = lasting_server.count
    began: list[float] = []
    refused: list[int] = []

    def out(number: int, body: Body) -> Any:
        if number - before < 30:
            return good.model(body)
        began.append(fake_time.now)
        if fake_time.now - began[0] < 10.0:
            refused.append(number)
            return lasting_server.failed(503, "out of order")
        return good.model(body)

    lasting_server.script = out
    await fr_agents.synthesize(good.configuration, tmp_path / "bad")
    assert good.differences(tmp_path / "bad") == []
    assert 1 <= len(refused) <= 20
    assert lasting_server.count - before == good.requests + len(refused)


async def test_a_key_that_is_revoked_stops_a_run_which_goes_on_with_another(
    lasting_server: Any, good: Good, tmp_path: Path
) -> None:
    before = lasting_server.count
    revoked: list[int] = []

    def revoking(number: int, body: Body) -> Any:
        if number - before < 30:
            return good.model(body)
        revoked.append(number)
        return lasting_server.failed(401, "this key was revoked")

    lasting_server.script = revoking
    with pytest.raises(InfrastructureError, match="this key was revoked"):
        await fr_agents.synthesize(good.configuration, tmp_path / "bad")
    at_once = good.configuration["limits"]["concurrency"]
    assert 1 <= len(revoked) <= at_once, "nobody goes on asking a server that refuses the key"
    lasting_server.script = lambda number, body: good.model(body)
    await fr_agents.resume(tmp_path / "bad")
    assert good.differences(tmp_path / "bad") == []
    tried_before_going_on, lost_at_the_stop = 1, at_once
    beyond = lasting_server.count - before - good.requests - len(revoked)
    assert beyond <= tried_before_going_on + lost_at_the_stop


async def test_what_a_filter_withholds_rejects_its_own_job_alone(
    lasting_server: Any, good: Good, tmp_path: Path
) -> None:
    reply = lasting_server.said("content_filter", content="I am sor")
    record = json.loads((good.folder / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    query = record["turns"][-1]["query"]

    def filtering(number: int, body: Body) -> Any:
        held_back = body.get("tools") and query in body["messages"][-1]["content"]
        return reply if held_back else good.model(body)

    lasting_server.script = filtering
    await fr_agents.synthesize(good.configuration, tmp_path / "bad")
    kept = (tmp_path / "bad" / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in kept] == good.ids[:-1]
    rejected = (tmp_path / "bad" / "rejections.jsonl").read_text(encoding="utf-8").splitlines()
    assert record["lineage"]["job"] in [json.loads(line)["job"] for line in rejected]
