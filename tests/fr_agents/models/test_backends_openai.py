"""The real client against a real server on loopback: what is sent, and what is made of what comes back."""

from __future__ import annotations

import json
import socket
import traceback
from typing import Any

import pytest
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, OutputSchema, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.config.models import ModelSettings

KEY = SecretStr("sk-very-secret-0123456789")
TOOL = {
    "type": "function",
    "function": {
        "name": "get_zipcode",
        "description": "Gets the zip code of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SCHEMA = OutputSchema(name="naming", json_schema={"type": "object", "properties": {"name": {"type": "string"}}})
ASK = Request(messages=({"role": "user", "content": "hello"},))


async def ask(url: str, request: Request = ASK, **options: Any) -> Answer:
    settings = ModelSettings(model="openai/m", base_url=url, **options)
    async with OpenAIBackend(settings, KEY) as backend:
        return await backend.complete(request)


async def fault(url: str, request: Request = ASK) -> BackendFault:
    with pytest.raises(BackendFault) as caught:
        await ask(url, request)
    return caught.value


async def test_a_plain_answer_with_its_tokens(model_server: Any) -> None:
    model_server.message(content="hi there")
    answer = await ask(model_server.url, temperature=0.5, max_tokens=99)
    assert answer == Answer(text="hi there", prompt_tokens=11, completion_tokens=7)
    [sent] = model_server.requests
    assert (sent["model"], sent["temperature"], sent["max_tokens"]) == ("m", 0.5, 99)
    assert sent["messages"] == [{"role": "user", "content": "hello"}]
    assert model_server.authorizations == [f"Bearer {KEY.get_secret_value()}"]


async def test_cached_tokens_and_those_of_thoughts(model_server: Any) -> None:
    usage = {
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "total_tokens": 18,
        "prompt_tokens_details": {"cached_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}
    for told in (usage, {**usage, "prompt_tokens_details": None, "completion_tokens_details": {}}):
        model_server.body(json.dumps({"id": "x", "object": "chat.completion", "choices": [choice], "usage": told}))
    answer, plain = await ask(model_server.url), await ask(model_server.url)
    assert (answer.prompt_tokens, answer.cached_tokens) == (11, 5)
    assert (answer.completion_tokens, answer.reasoning_tokens) == (7, 4)
    assert (plain.cached_tokens, plain.reasoning_tokens) == (0, 0)


async def test_parameters_go_into_the_body_beside_what_the_request_says(model_server: Any) -> None:
    model_server.message(content="{}")
    parameters = {"top_p": 0.9, "chat_template_kwargs": {"enable_thinking": False}}
    await ask(model_server.url, ASK.model_copy(update={"output": SCHEMA}), parameters=parameters, max_tokens=9)
    [sent] = model_server.requests
    assert {name: sent[name] for name in parameters} == parameters
    assert (sent["max_tokens"], sent["response_format"]["type"]) == (9, "json_schema")


async def test_a_requests_own_limit_goes_first_and_unset_settings_are_not_sent(model_server: Any) -> None:
    model_server.message(content="hi")
    await ask(model_server.url, ASK.model_copy(update={"max_tokens": 5}))
    await ask(model_server.url, max_tokens=None)
    assert model_server.requests[0]["max_tokens"] == 5
    assert not {"max_tokens", "max_completion_tokens", "temperature", "tools"} & set(model_server.requests[1])


async def test_tool_calls_and_the_tools_that_they_are_for(model_server: Any) -> None:
    model_server.calls(("get_zipcode", '{"city": "Rivermist"}'), ("get_zipcode", '{"city": '), content="I look it up.")
    answer = await ask(model_server.url, ASK.model_copy(update={"tools": (TOOL,)}))
    first, second = answer.tool_calls
    assert (first.name, first.arguments) == ("get_zipcode", {"city": "Rivermist"})
    assert (second.arguments, second.raw) == (None, '{"city": ')
    assert answer.text == "I look it up."
    assert model_server.requests[0]["tools"] == [TOOL]


@pytest.mark.parametrize(
    ("raw", "arguments"),
    [
        ("[1]", None),
        ("null", None),
        ("3", None),
        ("", {}),
        ('"{\\"city\\": \\"A\\"}"', {"city": "A"}),
        ({"city": "A"}, {"city": "A"}),
    ],
)
async def test_arguments_in_odd_forms(model_server: Any, raw: Any, arguments: Any) -> None:
    model_server.calls(("get_zipcode", raw))
    answer = await ask(model_server.url, ASK.model_copy(update={"tools": (TOOL,)}))
    assert answer.tool_calls[0].arguments == arguments


async def test_a_conversation_with_calls_and_results_goes_out_as_it_is(model_server: Any) -> None:
    model_server.message(content="done")
    call = {"id": "c1", "type": "function", "function": {"name": "get_zipcode", "arguments": '{"city": "A"}'}}
    messages = (
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {"role": "assistant", "content": "<think>\nR\n</think>\n\n", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": '"83214"'},
    )
    await ask(model_server.url, Request(messages=messages, tools=(TOOL,)))
    sent = model_server.requests[0]["messages"]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool"]
    assert sent[2]["tool_calls"] == [call]
    assert sent[2]["content"] == "<think>\nR\n</think>\n\n"
    assert sent[3] == messages[3]


@pytest.mark.parametrize(
    ("message", "reasoning", "text"),
    [
        ({"content": "<think>\nfirst A\n</think>\n\nB"}, "first A", "B"),
        ({"content": "first A\n</think>B"}, "first A", "B"),
        ({"content": "<think>never closed"}, "never closed", ""),
        ({"content": "B", "reasoning_content": "A"}, "A", "B"),
        ({"content": "<think>C</think>B", "reasoning_content": "A"}, "A\n\nC", "B"),
        ({"content": None}, "", ""),
        ({"content": [{"type": "text", "text": "B"}]}, "", "B"),
    ],
)
async def test_thoughts_are_told_from_the_answer(model_server: Any, message: Any, reasoning: str, text: str) -> None:
    model_server.message(**message)
    answer = await ask(model_server.url)
    assert (answer.reasoning, answer.text) == (reasoning, text)


async def test_a_json_schema_is_sent_and_a_cut_off_answer_still_comes(model_server: Any) -> None:
    model_server.message("length", content='{"name": "buy')
    answer = await ask(model_server.url, ASK.model_copy(update={"output": SCHEMA}))
    assert (answer.text, answer.cut_off) == ('{"name": "buy', True)
    sent = model_server.requests[0]["response_format"]
    assert sent["json_schema"] == {"name": "naming", "schema": SCHEMA.json_schema, "strict": False}


async def test_function_calling_gives_the_arguments_as_text(model_server: Any) -> None:
    model_server.calls(("naming", '{"name": "x"}'))
    answer = await ask(model_server.url, ASK.model_copy(update={"output": SCHEMA}), output="function_calling")
    assert (answer.text, answer.tool_calls) == ('{"name": "x"}', ())
    assert model_server.requests[0]["tool_choice"]["function"] == {"name": "naming"}


async def test_output_as_text_asks_for_no_format(model_server: Any) -> None:
    model_server.message(content="{}")
    await ask(model_server.url, ASK.model_copy(update={"output": SCHEMA}), output="text")
    assert not {"response_format", "tools"} & set(model_server.requests[0])


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (401, "authentication", False),
        (402, "quota", False),
        (403, "permission", False),
        (404, "unknown_model", False),
        (400, "bad_request", False),
        (429, "rate_limit", True),
        (500, "server", True),
        (503, "server", True),
    ],
)
async def test_what_a_status_means(model_server: Any, status: int, kind: str, transient: bool) -> None:
    model_server.error(status, "no luck today")
    error = await fault(model_server.url)
    assert (error.kind, error.transient) == (kind, transient)
    assert str(error).startswith(f"openai/m at {model_server.url} ")
    assert "no luck today" in str(error)
    assert len(model_server.requests) == 1, "the client must not retry on its own"


async def test_a_used_up_quota_is_not_throttling(model_server: Any) -> None:
    model_server.error(429, "You exceeded your current quota", code="insufficient_quota")
    assert (await fault(model_server.url)).kind == "quota"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "soon"}, None),
        ({}, None),
    ],
)
async def test_how_long_the_server_asks_to_wait(
    model_server: Any, headers: dict[str, str], seconds: float | None
) -> None:
    model_server.error(429, "slow down", **headers)
    assert (await fault(model_server.url)).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "the request exceeds the available context size, try increasing it"),
        (400, "This model's maximum context length is 8192 tokens."),
        (500, "Failed to parse input at pos 12: <tool_call>"),
    ],
)
async def test_what_only_this_request_cannot_have(model_server: Any, status: int, message: str) -> None:
    model_server.error(status, message)
    with pytest.raises(UnanswerableRequest, match="cannot answer this request"):
        await ask(model_server.url)


@pytest.mark.parametrize("body", ["<html>hello</html>", "{}", '{"choices": []}', '{"choices": null}', "nonsense {"])
async def test_what_is_no_completion(model_server: Any, body: str) -> None:
    model_server.body(body)
    assert (await fault(model_server.url)).kind == "malformed"


async def test_a_refused_connection(unused_url: str) -> None:
    assert str(await fault(unused_url)) == f"openai/m at {unused_url} refused the connection"


async def test_a_server_that_says_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with pytest.raises(BackendFault, match=r"did not answer within 0\.05 s") as caught:
            await ask(url, timeout=0.05)
    assert (caught.value.kind, caught.value.transient) == ("timeout", True)


async def test_the_key_is_in_no_text(model_server: Any) -> None:
    key = KEY.get_secret_value()
    for status in (400, 401, 429, 500):
        model_server.error(status, f"Incorrect API key provided: {key}")
    model_server.body(f"<html>{key}</html>")
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, KEY) as backend:
        for _ in range(5):
            with pytest.raises(BackendFault) as caught:
                await backend.complete(ASK)
            texts = [str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value))]
            assert not [text for text in texts if key in text]
            assert caught.value.__context__ is None, "no way leads to the request, whose headers hold the key"
        assert key not in repr(backend)
        assert key not in repr(vars(backend))


async def test_a_backend_is_used_inside_of_its_context_only() -> None:
    backend = OpenAIBackend(ModelSettings(model="openai/m", base_url="http://127.0.0.1:1/v1"), KEY)
    with pytest.raises(RuntimeError, match="async with"):
        await backend.complete(ASK)


async def test_each_request_has_its_own_schema_also_under_the_same_name(model_server: Any) -> None:
    """The tools that a step may call differ from job to job."""
    other = OutputSchema(name="naming", json_schema={"type": "object", "properties": {"tool": {"enum": ["b"]}}})
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, KEY) as backend:
        for schema in (SCHEMA, other):
            model_server.message(content="{}")
            await backend.complete(ASK.model_copy(update={"output": schema}))
    sent = [request["response_format"]["json_schema"]["schema"] for request in model_server.requests]
    assert sent == [SCHEMA.json_schema, other.json_schema]
