"""What is tried again, how long is waited, and what is said in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config.models import ModelSettings
from fr_agents.errors import InfrastructureError

ASK = Request(messages=({"role": "user", "content": "hello"},))


class Waits(list[float]):
    """A sleep that only notes how long it would have been."""

    async def __call__(self, seconds: float) -> None:
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


def retrying(backend: Backend, attempts: int, waits: Waits) -> RetryingBackend:
    return RetryingBackend(backend, attempts, sleep=waits, jitter=random.Random(3))


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
    assert 1.0 <= waits[1] <= 2.0
    assert len(model_server.requests) == 3


async def test_giving_up_names_the_model_the_address_and_the_last_fault(model_server: Any) -> None:
    model_server.error(500, "out of memory")
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, SecretStr("none")) as client:
        with pytest.raises(InfrastructureError) as caught:
            await retrying(client, 3, Waits()).complete(ASK)
    assert str(caught.value) == f"openai/m at {model_server.url} failed (500): out of memory (tried 3 times)"
    assert len(model_server.requests) == 3


async def test_waits_double_up_to_a_minute() -> None:
    waits = Waits()
    backend = failing(*[BackendFault("timeout", "m", "did not answer")] * 9, "done")
    assert (await retrying(backend, 10, waits).complete(ASK)).text == "done"
    for wait, ceiling in zip(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert ceiling / 2 <= wait <= ceiling


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


@pytest.mark.parametrize("error", [UnanswerableRequest("too long"), KeyError("a defect")])
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
