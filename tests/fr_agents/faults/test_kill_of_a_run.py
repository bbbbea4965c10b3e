"""A run that is killed, cancelled or made again buys nothing twice, and ends with the records of an undisturbed one."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest
import yaml

import fr_agents

Start = Callable[..., "subprocess.Popen[bytes]"]
VARIABLE, SECRET = "KEY_OF_THE_TEST", "sk-known-by-sight-8461"
MANY = 100
# Not as long as the client waits: a call that it makes again would count as another one.
PATIENCE = 240


class Holding:
    """Answers in waves: as many requests as a wave has are held back until the last of them is there, since a client
    sends more at the same time only where it was kept busy. Those after the last wave are held until they are let go;
    ``full`` is set once ``most`` of these are there."""

    def __init__(self, script: Callable[[int, Any], Any], waves: Sequence[int], most: int) -> None:
        self._script = script
        self._barriers = [barrier for size in waves for barrier in [threading.Barrier(size)] * size]
        self._most = most
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self._arrived = 0
        self.full = threading.Event()

    @property
    def held(self) -> int:
        """How many are held that came after the last wave."""
        return self._arrived - len(self._barriers)

    def __call__(self, number: int, body: Any) -> Any:
        reply = self._script(number, body)
        if number == 0:
            return reply  # the try that is made before anything begins
        with self._lock:
            place = self._arrived
            self._arrived += 1
            if self.held == self._most:
                self.full.set()
        if place < len(self._barriers):
            self._barriers[place].wait(timeout=PATIENCE)
        else:
            self._let_go.wait(timeout=2 * PATIENCE)
        return reply

    def let_go(self) -> None:
        self._let_go.set()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a run of its own process, in the folder ``run``."""
    monkeypatch.setenv(VARIABLE, SECRET)
    with ExitStack() as stack, (tmp_path / "output.txt").open("wb") as output:

        def starting(configuration: dict[str, Any]) -> subprocess.Popen[bytes]:
            path = tmp_path / "ruled.yaml"
            path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
            command = [sys.executable, "-m", "fr_agents", "run", str(path), "--output", str(tmp_path / "run")]
            process = stack.enter_context(subprocess.Popen(command, stdout=output, stderr=output))
            stack.callback(process.kill)
            return process

        yield starting


def killed_while_holding(
    start: Start, server: Any, configuration: dict[str, Any], waves: Sequence[int], held: int
) -> None:
    """Start a run, and kill it while ``held`` of its calls are in flight, none of which was answered yet."""
    holding = server.script = Holding(server.script, waves, held)
    process = start(configuration)
    try:
        assert holding.full.wait(timeout=PATIENCE), f"only {holding.held} calls were ever in flight"
        process.kill()
        process.wait()
        assert holding.held == held
    finally:
        holding.let_go()


@pytest.mark.parametrize("checkpoint", ["sqlite", "memory"])
async def test_a_run_that_is_killed_buys_again_what_was_in_flight_alone(
    start: Start, ruled_server: Any, plain: Any, tmp_path: Path, checkpoint: str
) -> None:
    ruled, in_flight = ruled_server.script, 4
    killed_while_holding(start, ruled_server, {**plain.configuration, "checkpoint": checkpoint}, [4, 4], in_flight)
    ruled_server.script = ruled
    await fr_agents.resume(tmp_path / "run")
    plain.assert_same(tmp_path / "run")
    tries_before_going_on = 2
    assert ruled_server.count == plain.calls + tries_before_going_on + in_flight
    assert plain.ledger(tmp_path / "run").total.calls == plain.calls


async def test_a_run_is_killed_with_a_hundred_calls_in_flight(
    start: Start, ruled_server: Any, make_plain: Any, tmp_path: Path
) -> None:
    """There are more jobs than that, since some are done by then. The client doubles what it sends at the same time
    once as many were answered that it sent since the last doubling, which takes some more than were there at once."""
    jobs, doubling = 140, [8, 16, 12, 32, 24, 64, 24]
    wide = {"concurrency": MANY, "window": jobs, "max_jobs": jobs}
    plain = await make_plain(count=jobs, turns=1, limits=wide, refiner={"max_attempts": 2})
    ruled = ruled_server.script
    ruled_server.bodies.clear()
    killed_while_holding(start, ruled_server, plain.configuration, doubling, MANY)
    ruled_server.script = ruled
    await fr_agents.resume(tmp_path / "run")
    plain.assert_same(tmp_path / "run")
    tries_before_going_on = 2
    assert ruled_server.count == plain.calls + tries_before_going_on + MANY


async def test_a_run_that_is_killed_while_answers_come_buys_no_more_than_was_in_flight(
    start: Start, ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    ruled, coming = ruled_server.script, threading.Event()

    def noticing(number: int, body: Any) -> Any:
        if number == 25:
            coming.set()
        return ruled(number, body)

    ruled_server.script = noticing
    process = start(plain.configuration)
    assert coming.wait(timeout=120)
    process.kill()
    process.wait()
    ruled_server.script = ruled
    await fr_agents.resume(tmp_path / "run")
    plain.assert_same(tmp_path / "run")
    assert ruled_server.count <= plain.calls + 2 + plain.configuration["limits"]["concurrency"]


async def test_a_key_is_in_no_file_of_a_run_that_is_killed(
    start: Start, ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    """The server repeats the key in its answers, as careless ones do."""
    ruled = ruled_server.script

    def careless(number: int, body: Any) -> Any:
        reply = ruled(number, body)
        return ruled_server.Reply(body=reply.body.replace('"content": "', f'"content": "Bearer {SECRET} '))

    ruled_server.script = careless
    killed_while_holding(start, ruled_server, plain.with_model(api_key_env=VARIABLE), [4, 4], 4)
    assert ruled_server.authorizations >= {f"Bearer {SECRET}"}
    files = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    assert {"run.yaml", "journal.sqlite-wal", "checkpoints.sqlite-wal"} <= set(files)
    assert b"Bearer ***" in files["journal.sqlite-wal"], "the answers are there, without the key"
    assert [name for name, content in files.items() if SECRET.encode() in content] == []
    assert SECRET.encode() not in (tmp_path / "output.txt").read_bytes()


async def test_a_run_that_is_left_goes_on_without_buying_anything_twice(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    in_memory = {**plain.configuration, "checkpoint": "memory"}
    async with aclosing(fr_agents.stream(in_memory, tmp_path / "run")) as stored:
        async for _ in stored:
            break
    left_at = ruled_server.count
    paid = plain.ledger(tmp_path / "run").total.calls
    await fr_agents.resume(tmp_path / "run")
    plain.assert_same(tmp_path / "run")
    assert ruled_server.count - left_at == 1 + plain.calls - paid
    assert left_at - 1 - paid <= plain.configuration["limits"]["concurrency"]


async def test_a_run_that_shares_a_journal_with_one_before_it_buys_nothing(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    shared = {**plain.configuration, "journal": str(tmp_path / "shared.sqlite")}
    await fr_agents.synthesize(shared, tmp_path / "first")
    assert ruled_server.count == plain.requests
    assert plain.ledger(tmp_path / "first").total.calls == plain.calls
    ruled_server.bodies.clear()
    await fr_agents.synthesize(shared, tmp_path / "again")
    plain.assert_same(tmp_path / "first")
    plain.assert_same(tmp_path / "again")
    assert [plain.is_try(body) for body in ruled_server.bodies] == [True]
    assert plain.ledger(tmp_path / "again").total.calls == 0


async def test_two_runs_of_other_sizes_share_what_they_have_in_common(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    shared = {**plain.configuration, "journal": str(tmp_path / "shared.sqlite")}
    small = {**shared, "count": 2, "limits": {**shared["limits"], "concurrency": 1, "window": 1, "max_jobs": 2}}
    await fr_agents.synthesize(small, tmp_path / "small")
    await fr_agents.synthesize(shared, tmp_path / "whole")
    plain.assert_same(tmp_path / "whole")
    paid = [plain.ledger(tmp_path / name).total.calls for name in ("small", "whole")]
    assert sum(paid) == plain.calls
    assert min(paid) > 0
