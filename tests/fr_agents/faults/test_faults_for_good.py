"""Faults that waiting does not help: one request, and an end that says why."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.backends.backend import Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest

ASK = Request(messages=({"role": "user", "content": "hello"},))


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (401, "Incorrect API key provided", "authentication"),
        (403, "This project may not use the model", "permission"),
        (404, "The model does not exist", "unknown_model"),
        (402, "Payment is required", "quota"),
        (429, "You exceeded your current quota", "quota"),
        (400, "max_tokens must be an integer", "bad_request"),
    ],
)
async def test_what_concerns_every_request_stops_the_run_at_once(
    fault_server: Any, open_model: Any, fake_time: Any, status: int, message: str, kind: str
) -> None:
    fault_server.plays(fault_server.failed(status, message), fault_server.said(content="too late"))
    async with open_model() as model:
        with pytest.raises(BackendFault, match=message) as caught:
            await model.complete(ASK)
    assert caught.value.kind == kind
    assert (fault_server.count, fake_time.waits) == (1, [])


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "The response was filtered due to the prompt", "content_filter"),
        (400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
    ],
)
async def test_what_concerns_one_request_ends_that_one_alone(
    fault_server: Any, open_model: Any, fake_time: Any, status: int, message: str, code: str
) -> None:
    fault_server.plays(fault_server.failed(status, message, code), fault_server.said(content="another"))
    async with open_model() as model:
        with pytest.raises(UnanswerableRequest, match=message):
            await model.complete(ASK)
        assert (await model.complete(ASK)).text == "another"
    assert (fault_server.count, fake_time.waits) == (2, [])


@pytest.mark.parametrize("half", ["", "I am sorry, but"])
async def test_an_answer_that_a_filter_withheld_is_not_taken_for_one(
    fault_server: Any, open_model: Any, half: str
) -> None:
    fault_server.plays(fault_server.said("content_filter", content=half))
    async with open_model() as model:
        with pytest.raises(UnanswerableRequest, match="content filter"):
            await model.complete(ASK)
    assert fault_server.count == 1


async def test_a_model_that_never_says_anything_is_left_to_the_role(fault_server: Any, open_model: Any) -> None:
    fault_server.plays(fault_server.said(content=""))
    async with open_model() as model:
        answer = await model.complete(ASK)
    assert (answer.text, answer.tool_calls) == ("", ())
    assert fault_server.count == 4
    assert answer.prompt_tokens == 40


async def test_an_answer_that_was_cut_off_with_twice_the_room_too_comes_as_it_is(
    fault_server: Any, open_model: Any
) -> None:
    fault_server.plays(fault_server.said("length", content="It was a dark and"))
    async with open_model() as model:
        assert (await model.complete(ASK)).cut_off
    assert fault_server.count == 2
