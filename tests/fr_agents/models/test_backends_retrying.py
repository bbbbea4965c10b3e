"""What is tried again, how long is waited, and what is said in the end."""

from __future__ import annotations

import random
from typing import Any

import anyio
import pytest
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.pacing.endpoint import Endpoint
from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.pacing.told import counting_tries, tries_told
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config.models import ModelSettings
from fr_agents.errors import InfrastructureError, PreflightError

ASK = Request(messages=({"role": "user", "content": "hello"},))


class Waits(list[float]):
    """A sleep that moves its clock instead of waiting. What takes no time is not noted."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    async def __call__(self, seconds: float) -> None:
        self.now += seconds
        if seconds:
            self.append(seconds)


def failing(*outcomes: Exception | str) -> ScriptedBackend:
    """Raises or says the outcomes in order."""
    left = list(outcomes)

    def answer(request: Request) -> Answer:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return Answer(text=outcome)

    return ScriptedBackend(answer)


def retrying(backend: Backend, attempts: int, waits: Waits, patience: float = 0.0) -> RetryingBackend:
    timing = Timing(clock=lambda: waits.now, sleep=waits, jitter=random.Random(3))
    return RetryingBackend(backend, attempts, Endpoint(patience=patience, timing=timing))


def faults(kind: Any, number: int, detail: str = "failed (500)") -> list[Exception | str]:
    return [BackendFault(kind, "m", detail) for _ in range(number)]


async def test_throttled_then_served_by_a_real_server(model_server: Any) -> None:
    model_server.error(429, "slow down", retry_after="7")
    model_server.error(503, "overloaded")
    model_server.message(content="at last")
    waits = Waits()
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, SecretStr("none")) as client:
        answer = await retrying(client, 5, waits).complete(ASK)
    assert answer.text == "at last"
    assert 7.0 <= waits[0] <= 8.0, "no shorter than what the server asked for"
    assert waits[1] <= 1.0
    assert len(model_server.requests) == 3


async def test_giving_up_names_the_model_the_address_and_the_last_fault(model_server: Any) -> None:
    model_server.error(500, "out of memory")
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, SecretStr("none")) as client:
        with pytest.raises(InfrastructureError) as caught:
            await retrying(client, 3, Waits()).complete(ASK)
    assert str(caught.value) == f"openai/m at {model_server.url} failed (500): out of memory (tried 3 times)"
    assert len(model_server.requests) == 3


async def test_waits_are_drawn_from_a_ceiling_that_doubles_up_to_a_minute() -> None:
    drawn = []
    for seed in range(20):
        waits = Waits()
        timing = Timing(clock=lambda waits=waits: waits.now, sleep=waits, jitter=random.Random(seed))  # type: ignore[misc]
        backend = RetryingBackend(failing(*faults("timeout", 9), "done"), 10, Endpoint(patience=0.0, timing=timing))
        assert (await backend.complete(ASK)).text == "done"
        drawn.append(list(waits))
    for waited, ceiling in zip(zip(*drawn, strict=True), [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert max(waited) <= ceiling
        assert max(waited) > ceiling / 2 > min(waited), "full jitter: from nothing to the ceiling"


async def test_tries_are_used_up_only_after_the_patience_of_the_endpoint() -> None:
    """Neither a bad minute nor one hard request ends a run, and a request that never works ends it at last."""
    waits = Waits()
    backend = failing(*faults("server", 40), "done")
    with pytest.raises(BackendFault, match=r"^m failed \(500\) \(tried \d\d times over \d\d minutes\)$") as caught:
        await retrying(backend, 3, waits, patience=3600.0).complete(ASK)
    assert caught.value.kind == "server"
    assert 3600.0 <= waits.now <= 3600.0 + 450.0
    assert max(waits) > 60.0, "a request that seems hopeless is tried ever more rarely"


async def test_many_faults_within_the_patience_lose_nothing() -> None:
    waits = Waits()
    backend = failing(*faults("server", 8), "done")
    assert (await retrying(backend, 2, waits, patience=3600.0).complete(ASK)).text == "done"


async def test_throttling_uses_up_no_tries() -> None:
    waits = Waits()
    backend = failing(*faults("server", 1), *faults("rate_limit", 2), *faults("server", 1), "done")
    assert (await retrying(backend, 3, waits).complete(ASK)).text == "done"


async def test_what_it_took_is_told() -> None:
    waits = Waits()
    backend = retrying(failing(*faults("server", 2), *faults("reset", 1), "done", "done"), 5, waits)
    with counting_tries() as tries:
        await backend.complete(ASK)
        with counting_tries() as inner:
            await backend.complete(ASK)
    assert (tries.tries, dict(tries.faults)) == (4, {"server": 2, "reset": 1})
    assert tries.waited == pytest.approx(sum(waits))
    assert (inner.tries, dict(inner.faults), inner.waited) == (1, {}, 0.0)
    assert tries_told().tries == 0, "nobody asks any more"


async def test_what_was_given_up_is_told_too() -> None:
    with counting_tries() as tries, pytest.raises(BackendFault):
        await retrying(failing(*faults("authentication", 1)), 5, Waits()).complete(ASK)
    assert (tries.tries, dict(tries.faults)) == (1, {"authentication": 1})


async def test_cancellation_while_it_waits_goes_through() -> None:
    async def forever(seconds: float) -> None:
        await anyio.sleep_forever()

    endpoint = Endpoint(concurrency=1, timing=Timing(clock=lambda: 0.0, sleep=forever))
    backend = RetryingBackend(failing(*faults("server", 1), "done"), 5, endpoint)
    async with anyio.create_task_group() as group:
        group.start_soon(backend.complete, ASK)
        await anyio.wait_all_tasks_blocked()
        assert (await backend.complete(ASK)).text == "done", "what waits for its next try holds no place"
        group.cancel_scope.cancel()
    assert endpoint.limiter.in_flight == 0


@pytest.mark.parametrize("kind", ["authentication", "permission", "unknown_model", "quota", "bad_request"])
async def test_what_waiting_cannot_help_is_raised_at_once(kind: Any) -> None:
    waits = Waits()
    with pytest.raises(InfrastructureError, match="m said no"):
        await retrying(failing(BackendFault(kind, "m", "said no"), "never"), 5, waits).complete(ASK)
    assert waits == []


async def test_a_server_that_is_closed_for_hours_is_not_waited_for() -> None:
    waits = Waits()
    with pytest.raises(InfrastructureError):
        await retrying(failing(BackendFault("rate_limit", "m", "no", retry_after=7200), "x"), 5, waits).complete(ASK)
    assert waits == []


@pytest.mark.parametrize("error", [UnanswerableRequest("too long"), PreflightError("no key")])
async def test_everything_else_passes_through(error: Exception) -> None:
    waits = Waits()
    with pytest.raises(type(error)):
        await retrying(failing(error, "never"), 5, waits).complete(ASK)
    assert waits == []


async def test_one_attempt_is_one_attempt() -> None:
    waits = Waits()
    with pytest.raises(InfrastructureError, match=r"^m timed out$"):
        await retrying(failing(BackendFault("timeout", "m", "timed out")), 1, waits).complete(ASK)
    assert waits == []
