"""Chat models of LangChain: what they are made with and asked, and what is made of what they answer and raise."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers import langchain as tracers
from langsmith import tracing_context
from langsmith.utils import tracing_is_enabled
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, OutputSchema, Request
from fr_agents.backends.clients import open_client
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.preflight import preflight
from fr_agents.backends.secrets import NO_KEY, find_key
from fr_agents.backends.tracing import TRACING, untraced
from fr_agents.config import ModelSettings
from fr_agents.errors import PreflightError

MODULE = '''
import anyio
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, SecretStr

ASKED = []
ANSWERS = []


class Chat(BaseChatModel):
    """Answers or raises what the test has put into ANSWERS, and keeps in ASKED how it was asked."""

    model_name: str = Field(default="none", alias="model")
    temperature: float | None = None
    max_tokens: int | None = None
    max_retries: int = 6
    api_key: SecretStr = SecretStr("sk-found-by-the-class")
    found_at: str = ""

    @property
    def _llm_type(self):
        return "test"

    def _generate(self, messages, stop=None, run_manager=None, **options):
        raise AssertionError("the asynchronous form is asked")

    async def _agenerate(self, messages, stop=None, run_manager=None, **options):
        ASKED.append((self, messages, options, list(run_manager.handlers)))
        answer = ANSWERS.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if answer == "hang":
            await anyio.sleep_forever()
        message = AIMessage(**answer) if isinstance(answer, dict) else AIMessage(answer)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def bind_tools(self, tools, **options):
        return self.bind(tools=tools, **options)


class Plain(BaseChatModel):
    """Takes no tools, no key and no temperature."""

    @property
    def _llm_type(self):
        return "plain"

    def _generate(self, messages, stop=None, run_manager=None, **options):
        return ChatResult(generations=[ChatGeneration(message=AIMessage("plain"))])


class Fussy(Chat):
    def __init__(self, **given):
        raise ValueError(f"cannot be made of {given['api_key'].get_secret_value()}")


class NoChat:
    pass
'''
KEY = SecretStr("sk-very-secret-0123456789")
ASK = Request(messages=({"role": "system", "content": "S"}, {"role": "user", "content": "hello"}))
TOOL = {
    "type": "function",
    "function": {"name": "pay", "description": "Pays.", "parameters": {"type": "object", "properties": {}}},
}
SCHEMA = OutputSchema(name="naming", json_schema={"type": "object", "properties": {"name": {"type": "string"}}})
WITH_TOOLS = ASK.model_copy(update={"tools": (TOOL,)})
WITH_OUTPUT = ASK.model_copy(update={"output": SCHEMA})
STRUCTURED = {"profile": {"structured_output": True}}


@pytest.fixture
def chats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of a user's own chat models, on the import path."""
    (tmp_path / "chats_of_tests.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    import chats_of_tests  # type: ignore[import-not-found]  # noqa: PLC0415 - written just now

    yield chats_of_tests
    del sys.modules["chats_of_tests"]


async def ask(request: Request = ASK, key: SecretStr = KEY, kind: str = "Chat", **options: Any) -> Answer:
    settings = ModelSettings(model=f"chats_of_tests:{kind}", **options)
    async with open_client(settings, key) as backend:
        return await backend.complete(request)


async def test_it_is_made_with_what_the_configuration_says_and_asked_in_messages(chats: Any) -> None:
    chats.ANSWERS[:] = ["hi"]
    answer = await ask(temperature=0.5, max_tokens=99, parameters={"model": "m", "found_at": "x"})
    assert answer == Answer(text="hi")
    [(chat, messages, options, _)] = chats.ASKED
    assert (chat.model_name, chat.temperature, chat.max_tokens, chat.max_retries) == ("m", 0.5, 99, 0)
    assert (chat.api_key, chat.found_at, chat.cache) == (KEY, "x", False)
    assert [(message.type, message.content) for message in messages] == [("system", "S"), ("human", "hello")]
    assert options == {}


async def test_a_key_that_nobody_names_is_left_to_the_class_unless_it_is_sent_elsewhere(chats: Any) -> None:
    chats.ANSWERS[:] = ["hi", "hi"]
    settings = ModelSettings(model="chats_of_tests:Chat")
    assert find_key(settings, {"OPENAI_API_KEY": "sk-openai"}) is NO_KEY
    await ask(key=NO_KEY)
    assert chats.ASKED[0][0].api_key.get_secret_value() == "sk-found-by-the-class"
    with pytest.raises(PreflightError, match="name the environment variable that holds it in api_key_env"):
        find_key(settings.model_copy(update={"base_url": "https://llm.example.com/v1"}), {})


async def test_tools_calls_and_usage(chats: Any) -> None:
    calls = [{"name": "pay", "args": {"sum": 3}, "id": "1"}]
    broken = [{"name": "pay", "args": '{"sum": ', "id": "2", "error": "no JSON"}]
    usage = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}
    details = {"input_token_details": {"cache_read": 5}, "output_token_details": {"reasoning": 4}}
    message = {"content": "", "tool_calls": calls, "invalid_tool_calls": broken, "usage_metadata": {**usage, **details}}
    chats.ANSWERS[:] = [message]
    answer = await ask(WITH_TOOLS)
    assert [(call.name, call.arguments, call.raw) for call in answer.tool_calls] == [
        ("pay", {"sum": 3}, '{"sum":3}'),
        ("pay", None, '{"sum": '),
    ]
    assert (answer.prompt_tokens, answer.cached_tokens) == (11, 5)
    assert (answer.completion_tokens, answer.reasoning_tokens) == (7, 4)
    assert chats.ASKED[0][2]["tools"] == [TOOL]


@pytest.mark.parametrize(
    ("message", "reasoning", "text"),
    [
        ("<think>A</think>B", "A", "B"),
        ({"content": "B", "additional_kwargs": {"reasoning_content": "A"}}, "A", "B"),
        ({"content": [{"type": "thinking", "thinking": "A"}, {"type": "text", "text": "B"}]}, "A", "B"),
        ({"content": [{"type": "reasoning", "summary": [{"text": "A"}, {"text": "C"}]}, "B"]}, "A\n\nC", "B"),
        ({"content": [{"type": "text", "text": "B"}, {"type": "image_url", "image_url": "x"}]}, "", "B"),
    ],
)
async def test_thoughts_are_told_from_the_answer(chats: Any, message: Any, reasoning: str, text: str) -> None:
    chats.ANSWERS[:] = [message]
    answer = await ask()
    assert (answer.reasoning, answer.text) == (reasoning, text)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"finish_reason": "length"}, "length"),
        ({"stop_reason": "max_tokens"}, "length"),
        ({"finish_reason": "FinishReason.MAX_TOKENS"}, "length"),
        ({"done_reason": "stop"}, "stop"),
        ({"finish_reason": "SAFETY"}, "content_filter"),
        ({}, "stop"),
    ],
)
async def test_why_an_answer_ended(chats: Any, metadata: dict[str, str], reason: str) -> None:
    chats.ANSWERS[:] = [{"content": "x", "response_metadata": metadata}]
    assert (await ask()).finish_reason == reason


async def test_a_schema_goes_to_models_that_take_one(chats: Any) -> None:
    chats.ANSWERS[:] = ["{}", "{}", "{}"]
    await ask(WITH_OUTPUT)
    await ask(WITH_OUTPUT, parameters=STRUCTURED)
    await ask(WITH_OUTPUT, parameters=STRUCTURED, output="text")
    first, second, third = [options for _, _, options, _ in chats.ASKED]
    assert first == third == {}
    assert second["response_format"]["json_schema"]["schema"] == SCHEMA.json_schema


async def test_a_schema_as_a_function_gives_the_arguments_as_text(chats: Any) -> None:
    chats.ANSWERS[:] = [{"content": "", "tool_calls": [{"name": "naming", "args": {"name": "x"}, "id": "1"}]}]
    answer = await ask(WITH_OUTPUT, output="function_calling")
    assert (answer.text, answer.tool_calls) == ('{"name":"x"}', ())
    assert chats.ASKED[0][2]["tool_choice"] == "naming"


class StatusError(Exception):
    """An error as the libraries of providers raise them."""

    def __init__(self, status: int, text: str = "no luck", **headers: str) -> None:
        super().__init__(text)
        self.status_code = status
        self.response = type("Response", (), {"status_code": status, "headers": headers})()


class ModelRateLimitError(Exception):
    """Named like LangChain's own, which has no status."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StatusError(401), "authentication"),
        (StatusError(403), "permission"),
        (StatusError(404), "unknown_model"),
        (StatusError(429), "rate_limit"),
        (StatusError(529), "server"),
        (StatusError(400), "bad_request"),
        (ModelRateLimitError("slow down"), "rate_limit"),
        (ConnectionRefusedError("no"), "refused"),
        (ConnectionError("gone"), "unreachable"),
        (TimeoutError(), "timeout"),
        (KeyError("nothing is known of it"), "bad_request"),
    ],
)
async def test_what_an_error_means(chats: Any, error: Exception, kind: str) -> None:
    chats.ANSWERS[:] = [error]
    with pytest.raises(BackendFault, match=r"^chats_of_tests:Chat ") as caught:
        await ask()
    assert caught.value.kind == kind
    assert len(chats.ASKED) == 1


async def test_how_long_a_server_asks_to_wait(chats: Any) -> None:
    chats.ANSWERS[:] = [StatusError(429, **{"Retry-After": "7"})]
    with pytest.raises(BackendFault) as caught:
        await ask()
    assert caught.value.retry_after == 7


async def test_what_only_this_request_cannot_have(chats: Any) -> None:
    chats.ANSWERS[:] = [StatusError(400, "prompt is too long: 9000 tokens")]
    with pytest.raises(UnanswerableRequest, match="prompt is too long"):
        await ask()


async def test_a_model_that_hangs_is_given_up_after_its_time(chats: Any) -> None:
    chats.ANSWERS[:] = ["hang"]
    with pytest.raises(BackendFault, match=r"did not answer within 0\.01 s"):
        await ask(timeout=0.01)


async def test_cancellation_is_no_fault_of_the_model(chats: Any) -> None:
    chats.ANSWERS[:] = ["hang"]
    with anyio.move_on_after(0.01) as scope:
        await ask()
    assert scope.cancelled_caught


async def test_a_class_that_takes_little_and_is_not_asynchronous(chats: Any) -> None:
    assert (await ask(key=NO_KEY, kind="Plain")).text == "plain"


async def test_tools_that_a_class_does_not_take(chats: Any) -> None:
    with pytest.raises(BackendFault, match="try tools: text") as caught:
        await ask(WITH_TOOLS, NO_KEY, "Plain")
    assert not caught.value.transient


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("no_such_package.chats:Chat", "no_such_package.chats cannot be imported"),
        ("chats_of_tests:Nobody", "there is no such class"),
        ("chats_of_tests:NoChat", "it is no chat model of LangChain"),
        ("anthropic:claude-x", "a provider's name needs the package langchain: pip install langchain"),
    ],
)
async def test_models_that_are_not_there(chats: Any, model: str, told: str) -> None:
    with pytest.raises(PreflightError) as caught:
        await preflight([ModelSettings(model=model)])
    assert str(caught.value).startswith(f"{model}: ")
    assert told in str(caught.value)
    assert str(caught.value).endswith("Nothing was started.")


async def test_what_is_asked_for_by_name_must_not_go_unheard(chats: Any) -> None:
    with pytest.raises(PreflightError, match="chats_of_tests:Plain takes no temperature: leave temperature out"):
        await ask(key=NO_KEY, kind="Plain", temperature=1)
    with pytest.raises(PreflightError, match="takes no api_key: leave api_key_env out"):
        await ask(kind="Plain")


async def test_keys_are_in_no_text(chats: Any) -> None:
    key = KEY.get_secret_value()
    chats.ANSWERS[:] = [StatusError(401, f"wrong key {key}"), StatusError(500, "sk-found-by-the-class"), f"I am {key}"]
    with pytest.raises(PreflightError) as made:
        await ask(kind="Fussy")
    with pytest.raises(BackendFault) as raised:
        await ask()
    with pytest.raises(BackendFault) as found:
        await ask(key=NO_KEY)
    for caught in (made.value, raised.value, found.value):
        text = "".join(traceback.format_exception(caught))
        assert key not in text
        assert "sk-found-by" not in text
        assert "***" in text
    assert raised.value.__context__ is None
    assert (await ask()).text == "I am ***"


async def test_langchains_own_openai_model_against_a_server(model_server: Any) -> None:
    settings = ModelSettings(
        model="langchain_openai:ChatOpenAI", base_url=model_server.url, api_key_env="K", parameters={"model": "m"}
    )
    model_server.message("length", content='{"name": "buy')
    async with open_client(settings, KEY) as backend:
        answer = await backend.complete(WITH_OUTPUT)
    assert (answer.text, answer.cut_off, answer.prompt_tokens) == ('{"name": "buy', True, 11)
    [sent] = model_server.requests
    assert sent["model"] == "m"
    assert sent["response_format"]["json_schema"]["name"] == "naming"


def test_tracing_is_off_whatever_the_environment_says_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRACING, raising=False)
    with tracing_context(enabled=True):
        with untraced():
            assert not tracing_is_enabled()
        monkeypatch.setenv(TRACING, "1")
        with untraced():
            assert tracing_is_enabled()


async def test_a_class_is_not_traced(
    chats: Any, monkeypatch: pytest.MonkeyPatch, tracers_made: Callable[[], int]
) -> None:
    monkeypatch.delenv(TRACING, raising=False)
    chats.ANSWERS[:] = ["hi"]
    with tracing_context(enabled=True):
        await ask()
    assert tracers_made() == 0


async def test_what_watches_the_graph_around_it_is_not_handed_down(chats: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TRACING, raising=False)
    chats.ANSWERS[:] = ["hi", "hi"]

    async def node(state: Any) -> str:
        await ask(WITH_TOOLS)
        return (await ask()).text

    assert await RunnableLambda(node).ainvoke(None, {"callbacks": [BaseCallbackHandler()]}) == "hi"
    assert [handlers for _, _, _, handlers in chats.ASKED] == [[], []]


async def test_our_own_client_is_not_traced_either(
    model_server: Any, monkeypatch: pytest.MonkeyPatch, tracers_made: Callable[[], int]
) -> None:
    monkeypatch.delenv(TRACING, raising=False)
    model_server.message(content="hi")
    with tracing_context(enabled=True):
        async with OpenAIBackend(ModelSettings(model="openai/m", base_url=model_server.url), KEY) as backend:
            await backend.complete(ASK)
    assert tracers_made() == 0


@pytest.fixture
def tracers_made(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many tracers LangChain made; none of them sends anything."""
    made: list[str] = []

    class Seen(tracers.LangChainTracer):
        def __init__(self, **options: Any) -> None:
            made.append("tracer")
            raise RuntimeError("a tracer was made")

    monkeypatch.setattr(tracers, "LangChainTracer", Seen)
    return lambda: len(made)
