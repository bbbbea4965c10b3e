"""A run that is asked to end uses the answers that it waits for, tells how to go on, and is gone within its grace."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import anyio
import pytest
import yaml

import fr_agents
from fr_agents import entry
from fr_agents.cli.interrupt import Stoppable
from fr_agents.config import load_config
from fr_agents.draining import Drain
from fr_agents.funnel import RunSummary

PATIENCE = 240
IN_FLIGHT = 4
INTERRUPTED = 130


class Holding:
    """Answers so many calls, and holds back those after them until they are let go; ``full`` is set once as many are
    held as can be in flight."""

    def __init__(self, script: Callable[[int, Any], Any], free: int) -> None:
        self._script = script
        self._free = free
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self.held = 0
        self.full = threading.Event()

    def __call__(self, number: int, body: Any) -> Any:
        reply = self._script(number, body)
        if number > self._free:  # the first is the try that is made before anything begins
            with self._lock:
                self.held += 1
                if self.held == IN_FLIGHT:
                    self.full.set()
            self._let_go.wait(timeout=2 * PATIENCE)
        return reply

    def let_go(self) -> None:
        self._let_go.set()


class Run:
    """A run in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.folder = folder
        self._process = process
        assert process.stderr is not None
        self._told: IO[str] = process.stderr

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def told(self, beginning: str) -> str:
        """The next line that begins so."""
        for line in self._told:
            if line.startswith(beginning):
                return line
        raise AssertionError(f"the process ended without a line that begins with {beginning!r}")

    def ended(self) -> tuple[int, str]:
        """The exit code, and what it told since."""
        _, rest = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, rest


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], Run]]:
    """Starts a run in the folder ``run``; what still runs at the end is killed."""
    with ExitStack() as stack:

        def starting(configuration: dict[str, Any]) -> Run:
            path = tmp_path / "ruled.yaml"
            path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
            command: Sequence[str] = [sys.executable, "-m", "fr_agents", "run", str(path), "--output", "run"]
            process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            return Run(process, tmp_path / "run")

        yield starting


def held_run(start: Callable[..., Run], server: Any, configuration: dict[str, Any]) -> tuple[Run, Holding]:
    """A run whose calls in flight get no answer until they are let go; some were answered before."""
    holding = server.script = Holding(server.script, free=9)
    run = start(configuration)
    if not holding.full.wait(timeout=PATIENCE):
        holding.let_go()
        raise AssertionError(f"only {holding.held} calls were ever in flight")
    return run, holding


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_answers_that_a_run_waits_for_are_used_when_it_is_asked_to_end(
    start: Callable[..., Run], ruled_server: Any, plain: Any, number: signal.Signals
) -> None:
    """The journal is gone afterwards: what the resumed run does not buy again, the checkpoints know."""
    ruled = ruled_server.script
    run, holding = held_run(start, ruled_server, plain.configuration)
    run.send(number)
    said = run.told("stopping")
    holding.let_go()
    code, told = run.ended()
    assert said == "stopping: 4 trajectories are saved where they are, within 8 s (again Ctrl-C to stop at once) ...\n"
    assert code == INTERRUPTED
    assert re.fullmatch(r"stopped at \d of 4\. Resume: fr-agents resume run\n", told)
    for file in run.folder.glob("journal.sqlite*"):
        file.unlink()
    ruled_server.script = ruled
    await fr_agents.resume(run.folder)
    plain.assert_same(run.folder)
    tries_before_going_on = 2
    assert ruled_server.count == plain.calls + tries_before_going_on


async def test_what_only_memory_knew_is_found_in_the_journal(
    start: Callable[..., Run], ruled_server: Any, plain: Any
) -> None:
    ruled = ruled_server.script
    run, holding = held_run(start, ruled_server, {**plain.configuration, "checkpoint": "memory"})
    run.send(signal.SIGTERM)
    assert "4 trajectories are left, to begin anew on resume" in run.told("stopping")
    holding.let_go()
    assert run.ended()[0] == INTERRUPTED
    ruled_server.script = ruled
    await fr_agents.resume(run.folder)
    plain.assert_same(run.folder)
    assert ruled_server.count == plain.calls + 2
    assert plain.ledger(run.folder).total.calls == plain.calls


async def test_a_second_signal_ends_a_run_at_once(start: Callable[..., Run], ruled_server: Any, plain: Any) -> None:
    ruled = ruled_server.script
    run, holding = held_run(start, ruled_server, plain.configuration)
    try:
        run.send(signal.SIGINT)
        run.told("stopping")
        run.send(signal.SIGTERM)
        assert run.ended() == (INTERRUPTED, "")
    finally:
        holding.let_go()
    ruled_server.script = ruled
    await fr_agents.resume(run.folder)
    plain.assert_same(run.folder)
    assert ruled_server.count == plain.calls + 2 + IN_FLIGHT


@pytest.mark.parametrize("trouble", ["hang", "outage"])
def test_a_run_that_gets_no_answer_ends_with_its_grace(
    ruled_server: Any, plain: Any, tmp_path: Path, trouble: str
) -> None:
    """It waits neither for a call that hangs nor for a server that is down, and what it did before is kept."""
    ruled, folder = ruled_server.script, tmp_path / "run"
    told: list[int] = []
    drain = Drain(grace=0.01)

    def script(number: int, body: Any) -> Any:
        if number <= 9:
            return ruled(number, body)
        if number == 9 + IN_FLIGHT:
            os.kill(os.getpid(), signal.SIGTERM)
        if trouble == "hang":
            return ruled_server.Reply(end="hang")
        return ruled_server.failed(503, "down for maintenance")

    ruled_server.script = script
    with Stoppable[RunSummary](lambda: told.append(drain.under_way), drain) as stoppable:
        config = load_config(plain.configuration)
        assert stoppable.run(lambda: entry.execute(config, folder, resume=False, drain=drain)) is None
    assert told == [IN_FLIGHT]
    answered = plain.ledger(folder).total.calls
    ruled_server.script = ruled
    anyio.run(fr_agents.resume, folder)
    plain.assert_same(folder)
    assert (answered, plain.ledger(folder).total.calls) == (9, plain.calls)
