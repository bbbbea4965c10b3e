"""The real client at a server that fails, in a time that passes only where somebody waits; and whole runs at it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import SecretStr

from fr_agents.backends.backend import Backend
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.pacing.endpoint import Endpoints
from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.config.models import ModelSettings

from .fault_server import FaultServer, running
from .ruled_run import Plain, configuration, ruled


class FakeTime:
    """Time that passes where somebody waits, and at no other time; ``waits`` are the seconds of each wait.

    ``then`` is called in each wait, with how many there were.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self.then: Callable[[int], None] = lambda number: None

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        if seconds > 0:
            self.now += seconds
            self.waits.append(seconds)
            self.then(len(self.waits))

    def timing(self) -> Timing:
        return Timing(self.clock, self.sleep, random.Random(3))


@asynccontextmanager
async def opened(settings: ModelSettings, endpoints: Endpoints) -> AsyncIterator[Backend]:
    """A model as a run asks it, with the real client."""
    async with OpenAIBackend(settings, SecretStr("sk-very-secret-0123456789")) as client:
        retrying = RetryingBackend(client, settings.retries + 1, endpoints.of(settings), settings.max_tokens)
        yield MendingBackend(retrying, max_tokens=settings.max_tokens, held=settings.output != "text")


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def open_settings(fake_time: FakeTime) -> Callable[[ModelSettings], AbstractAsyncContextManager[Backend]]:
    """Opens the models that settings name, all of one run."""
    endpoints = Endpoints(timing=fake_time.timing())
    return lambda settings: opened(settings, endpoints)


@pytest.fixture
def open_model(
    fault_server: FaultServer, open_settings: Callable[[ModelSettings], AbstractAsyncContextManager[Backend]]
) -> Callable[..., AbstractAsyncContextManager[Backend]]:
    """Opens a model at the fault server; keyword arguments are its settings."""

    def open_it(**settings: Any) -> AbstractAsyncContextManager[Backend]:
        named = {"model": "openai/m", "base_url": fault_server.url, **settings}
        return open_settings(ModelSettings.model_validate(named))

    return open_it


@pytest.fixture
def fault_server() -> Iterator[FaultServer]:
    """A server that is up until the test ends, or stops it."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def lasting_server() -> Iterator[FaultServer]:
    """A server for all tests of a module, since records tell the address of their model."""
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def plain(lasting_server: FaultServer, tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """A small run of the model by rules that nothing disturbs."""
    lasting_server.script = ruled
    folder = tmp_path_factory.mktemp("runs") / "plain"
    return anyio.run(Plain.made, lasting_server, configuration(lasting_server.url), folder)


@pytest.fixture
def ruled_server(lasting_server: FaultServer) -> FaultServer:
    """The server of the module, at which nothing has arrived yet, with the model by rules."""
    lasting_server.script = ruled
    lasting_server.bodies.clear()
    return lasting_server


@pytest.fixture
def make_plain(ruled_server: FaultServer, tmp_path: Path) -> Callable[..., Awaitable[Plain]]:
    """Makes an undisturbed run that is configured otherwise, by keyword arguments."""

    async def make(**changes: Any) -> Plain:
        return await Plain.made(ruled_server, configuration(ruled_server.url, **changes), tmp_path / "plain")

    return make
