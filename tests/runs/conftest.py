"""Small real runs: configurations, and the command line as a process of its own."""

from __future__ import annotations

import copy
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

import fr_agents
from fr_agents.verification import verify_file
from graphs.records import Trajectory

Data = dict[str, Any]
Change = Callable[[Data], None]

SMALL: dict[str, Any] = {
    "name": "small",
    "seed": 11,
    "count": 3,
    "world": "travel",
    "turns": {"min": 1, "max": 2},
    "limits": {"concurrency": 4, "window": 8},
}

# Some of its turns need hints.
VERIFIED: dict[str, Any] = {
    "name": "verified",
    "seed": 3,
    "count": 12,
    "world": "travel",
    "turns": 2,
    "sampler": {"error_share": 0},
    "offline": {"mistakes": 0.6},
    "limits": {"concurrency": 4, "window": 8},
}


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The records of one small run, in which some turns need hints."""
    folder = tmp_path_factory.mktemp("runs") / "verified"
    anyio.run(fr_agents.synthesize, VERIFIED, folder)
    return (folder / "trajectories.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="session")
def verified(lines: list[str]) -> list[Data]:
    """The same as plain data, to be looked at and not changed."""
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Data, Change], list[str]]:
    """Plants a fault into a copy of a record, gives it the id of its content, and returns what verifying finds."""
    path = tmp_path_factory.mktemp("planted") / "one.jsonl"

    def plant(record: Data, change: Change) -> list[str]:
        changed = copy.deepcopy(record)
        change(changed)
        path.write_text(_identified(changed) + "\n", encoding="utf-8")
        ((number, _, problems),) = verify_file(path)
        assert number == 1
        return problems

    return plant


def _identified(data: Data) -> str:
    """The record under the id of its content; one that pydantic does not take keeps the id it has."""
    try:
        return Trajectory.model_validate(data).identified().model_dump_json()
    except ValueError:
        return json.dumps(data)


@pytest.fixture
def small() -> Callable[..., dict[str, Any]]:
    """A configuration of three short trajectories; keyword arguments go on top."""
    return lambda **changes: {**SMALL, **changes}


@pytest.fixture
def config_file(tmp_path: Path, small: Callable[..., dict[str, Any]]) -> Callable[..., Path]:
    """Writes the small configuration to a file."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "small.yaml"
        path.write_text(yaml.safe_dump(small(**changes)), encoding="utf-8")
        return path

    return write


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``fr-agents`` with arguments; its folder is the test's. What still runs at the test's end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "fr_agents", *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def finished(command: Callable[..., subprocess.Popen[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``fr-agents`` to its end."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        process = command(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    return run


@pytest.fixture
def unused_url() -> str:
    """An address on this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


class _Echo(BaseHTTPRequestHandler):
    """Answers chat completions with the authorization header that came in: the worst that a server can do."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        said = f"You are {self.headers.get('authorization')}."
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})
        self.send_response_only(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@pytest.fixture
def echoing_server() -> Iterator[str]:
    """The address of a chat server that repeats the key in its answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()
    server.server_close()
    thread.join()
