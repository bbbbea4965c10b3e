"""The benchmark of runs works in a small form, and its parts measure what they say."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from benchmarks import throughput
from benchmarks.graph import ROOT
from benchmarks.rule_model import answer, asked, completion
from benchmarks.throughput import main
from benchmarks.throughput_profile import CHECKPOINTS, ELSEWHERE, LANGGRAPH, LAYERS, REST, WORLDS, CpuByLayer, layer_of
from benchmarks.throughput_savers import no_checkpoints, watched_checkpoints
from benchmarks.throughput_server import RuleEndpoint
from benchmarks.throughput_size import finished, used_bytes
from benchmarks.throughput_tables import tables
from fr_agents.config import load_config
from fr_agents.entry import execute
from graphs.records import Trajectory
from tools.base import JsonObject

BRIEF = ["turns=1", "sampler.graph=declared"]
QUICKSTART = ROOT / "configs" / "quickstart.yaml"


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[JsonObject]]:
    """The figures of the small form."""
    output = tmp_path_factory.mktemp("bench") / "deeper" / "figures.json"
    assert main(["--small", "--output", str(output)]) == 0
    found: dict[str, list[JsonObject]] = json.loads(output.read_text(encoding="utf-8"))
    return found


def test_the_small_form_measures_everything(figures: dict[str, list[JsonObject]]) -> None:
    assert {name: len(rows) for name, rows in figures.items()} == {
        "speed": 3, "layers": 1, "latency": 1, "live": 1, "many": 1, "resume": 1,
    }  # fmt: skip
    assert [row["checkpoints"] for row in figures["speed"]] == ["none", "memory", "sqlite"]
    assert len({row["accepted"] for row in figures["speed"]}) == 1
    assert all(row["rate"] > 0 and row["cpu_ms"] > 0 for row in figures["speed"])
    assert figures["many"][0]["memory_mb"] > 10


def test_the_shares_of_layers_and_of_steps_make_a_whole(figures: dict[str, list[JsonObject]]) -> None:
    (row,) = figures["layers"]
    assert sum(row["layers"].values()) == pytest.approx(1)
    assert sum(row["steps"].values()) == pytest.approx(1)
    assert row["layers"]["tools"] > 0
    assert row["steps"]["sample"] > 0
    assert 5 <= row["checkpoints"] <= 12


def test_an_endpoint_is_asked_by_a_run_and_its_calls_are_counted(figures: dict[str, list[JsonObject]]) -> None:
    (row,) = figures["latency"]
    assert row["calls"] > 0
    assert 0 < row["efficiency"] <= 1.5
    assert 1 <= row["most_in_flight"] <= row["in_flight"]


def test_a_job_takes_bytes_while_it_is_under_way(figures: dict[str, list[JsonObject]]) -> None:
    (row,) = figures["live"]
    assert row["trajectories"] == 1
    assert row["bytes"] > 1000


def test_a_run_with_finished_jobs_is_resumed_at_the_first_that_is_not(figures: dict[str, list[JsonObject]]) -> None:
    (row,) = figures["resume"]
    assert row["jobs"] >= 6
    assert row["job"] == row["jobs"]
    assert 0 < row["since_call"] < row["seconds"]


def test_every_table_is_made_and_speeds_are_compared(figures: dict[str, list[JsonObject]]) -> None:
    speeds = [
        {"world": "w", "checkpoints": kind, "jobs": 9, "accepted": 8, "rate": rate, "cpu_ms": 50.4, "rounds": 3}
        for kind, rate in (("none", 20.0), ("sqlite", 15.0))
    ]
    text = tables({**figures, "speed": speeds})
    assert "| `w` | sqlite | 9 | 8 | 15.0 | 50 | 0.75 | 3 |" in text
    assert len(text.split("\n\n")) == 7
    assert len({line.count("|") for line in text.split("\n\n")[1].splitlines()}) == 1


def test_figures_of_other_parts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "measure", lambda parts, effort: {"live": [{"parts": list(parts)}]})
    monkeypatch.setattr(throughput, "tables", lambda figures: "tables")
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps({"live": [], "many": [1]}), encoding="utf-8")
    main(["size", "--add-to", str(old), "--output", str(new)])
    assert json.loads(new.read_text(encoding="utf-8")) == {"live": [{"parts": ["size"]}], "many": [1]}


def test_an_unknown_part_is_refused_before_anything_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["quickness"])
    assert "there is no such part. Parts: speed, latency, size" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        ("/x/site-packages/langgraph/pregel/_loop.py", LANGGRAPH),
        ("/x/site-packages/langgraph/checkpoint/sqlite/aio.py", CHECKPOINTS),
        ("/x/site-packages/aiosqlite/core.py", CHECKPOINTS),
        ("/x/site-packages/bfcl_eval/envs/trading_bot.py", WORLDS),
        ("/x/site-packages/networkx/classes/graph.py", None),
        (f"{ROOT}/fr_agents/checkpointing.py", CHECKPOINTS),
        (f"{ROOT}/fr_agents/roles/offline/reasoning.py", "roles"),
        (f"{ROOT}/fr_agents/store.py", REST),
        (f"{ROOT}/graphs/validation/query.py", "validation"),
        (f"{ROOT}/graphs/sampler.py", "nodes"),
        (f"{ROOT}/envs/travel/environment.py", WORLDS),
        (f"{ROOT}/benchmarks/throughput.py", None),
        ("/usr/lib/python3.11/json/encoder.py", None),
    ],
)
def test_a_file_belongs_to_its_layer(file: str, layer: str | None) -> None:
    assert layer_of(file) == layer


def compiled(file: str) -> Callable[[Callable[[], bool]], None]:
    """A function that is busy until it is told that it may end, in a file of somebody's."""
    names: dict[str, Any] = {}
    exec(compile("def busy(done):\n while not done():\n  sum(range(99))", file, "exec"), names)  # noqa: S102 - ours
    busy: Callable[[Callable[[], bool]], None] = names["busy"]
    return busy


def test_time_counts_for_the_layer_that_calls_and_is_that_of_the_processor() -> None:
    began = time.thread_time()
    with CpuByLayer() as profile:
        compiled(f"{ROOT}/envs/made_up.py")(lambda: profile.layers[WORLDS] > 0.02 or time.thread_time() - began > 5)
    shares = profile.figures()
    assert 0.02 < profile.layers[WORLDS] <= time.thread_time() - began
    assert max(shares["modules"], key=shares["modules"].get) == "envs/made_up.py"
    assert max(shares["steps"], key=shares["steps"].get) == ELSEWHERE
    assert set(shares["layers"]) == set(LAYERS)


def test_time_of_other_threads_counts_too() -> None:
    with CpuByLayer() as profile:
        began = time.process_time()
        busy = threading.Thread(
            target=compiled(f"{ROOT}/tools/made_up.py"),
            args=(lambda: profile.layers["tools"] > 0 or time.process_time() - began > 5,),
        )
        busy.start()
        while busy.is_alive():
            busy.join(0.01)
    assert profile.modules["tools/made_up.py"] > 0


async def test_without_checkpoints_a_run_keeps_none_and_gives_the_same_records(tmp_path: Path) -> None:
    config = load_config(QUICKSTART, [*BRIEF, "count=2", "limits.max_jobs=2"])
    puts: list[None] = []
    opened: list[Path] = []
    with no_checkpoints():
        await execute(config, tmp_path / "none", resume=False)
    with watched_checkpoints(lambda: puts.append(None), opened.append):
        await execute(config, tmp_path / "watched", resume=False)
    records = [(tmp_path / name / "trajectories.jsonl").read_bytes() for name in ("none", "watched")]
    assert records[0] == records[1]
    assert not (tmp_path / "none" / "checkpoints.sqlite").exists()
    assert opened == [tmp_path / "watched" / "checkpoints.sqlite"]
    assert len(puts) >= 2 * 5


def test_only_what_is_in_use_of_a_file_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "some.sqlite"
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE t (x)")
        opened.commit()
        empty = used_bytes(path)
        opened.execute("INSERT INTO t VALUES (?)", (b"x" * 100_000,))
        opened.commit()
        full = used_bytes(path)
        opened.execute("DELETE FROM t")
        opened.commit()
        assert used_bytes(path) == empty
    assert 90_000 < full - empty < 110_000


def test_finished_jobs_are_records_that_the_store_accepts(tmp_path: Path) -> None:
    made = finished(str(tmp_path / "run"), 5, 2, BRIEF)
    lines = (tmp_path / "run" / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()
    trajectories = [Trajectory.model_validate_json(line) for line in lines]
    assert made["jobs"] >= 5
    assert len(trajectories) >= 3
    assert [record.id for record in trajectories] == [record.content_id() for record in trajectories]
    assert len({record.id for record in trajectories}) == len(trajectories)


class Body:
    """A request for a chat completion, as it arrives."""

    def __init__(self, path: str, content: str) -> None:
        self.body = json.dumps({"messages": [{"role": "user", "content": content}]}).encode()
        self.bytes = b"POST %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (path.encode(), len(self.body), self.body)

    def expected(self) -> JsonObject:
        return completion(answer(asked(json.loads(self.body))))


async def test_the_endpoint_answers_as_the_model_by_rules_does_and_tells_how_often() -> None:
    endpoint = RuleEndpoint()
    server = await asyncio.start_server(endpoint.handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    request = Body("/0/v1/chat/completions", "hello")
    async with server, await anyio.connect_tcp("127.0.0.1", port) as client:
        for _ in range(2):
            await client.send(request.bytes)
            received = await client.receive()
            assert json.loads(received.partition(b"\r\n\r\n")[2]) == request.expected()
        await client.send(b"GET /stats HTTP/1.1\r\n\r\n")
        told = json.loads((await client.receive()).partition(b"\r\n\r\n")[2])
    assert (told["answered"], told["in_flight"], told["most"]) == (2, 0, 1)
    assert endpoint.stats()["most"] == 0
