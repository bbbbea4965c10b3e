"""The doctor against real servers on loopback that can do more or less, and the advice that follows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fr_agents.config import RunConfig
from fr_agents.doctor import Diagnosis, Doctor
from fr_agents.doctor_advice import advice, configured
from fr_agents.doctor_models import Subject, subjects
from fr_agents.doctor_shown import finding_line, plain_diagnoses

WEATHER = '{"city": "Oslo", "unit": "celsius"}'
SHADE = '{"shade": "ochre-17", "certain": true}'
STEP = json.dumps({"done": "", "left": "weather", "tools": [], "tool": "get_weather", "arguments": json.loads(WEATHER)})

Answering = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


def message(content: str | None, finish: str = "stop", **fields: Any) -> tuple[int, dict[str, Any]]:
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **fields},
    }
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return 200, {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


def call(name: str, arguments: str) -> tuple[int, dict[str, Any]]:
    function = {"name": name, "arguments": arguments}
    return message(None, "tool_calls", tool_calls=[{"id": "c1", "type": "function", "function": function}])


def kind_of(body: dict[str, Any]) -> str:
    """Which probe a request is."""
    if body.get("max_tokens", body.get("max_completion_tokens", 99)) < 99:
        return "first"
    if "tools" in body:
        return "function_calling" if "tool_choice" in body else "native tools"
    if "get_weather" in json.dumps(body["messages"]):
        return "text tools"
    return "json_schema" if "response_format" in body else "text"


GOOD: dict[str, tuple[int, dict[str, Any]]] = {
    "first": message("one, two, three", "length"),
    "native tools": call("get_weather", WEATHER),
    "text tools": message(STEP),
    "json_schema": message(SHADE),
    "function_calling": call("choice", SHADE),
    "text": message(f"Here it is:\n{SHADE}"),
}


class Server:
    """Answers each kind of probe in one way, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers = dict(GOOD)
        self.asked: list[str] = []
        self.models: list[str] = ["m"]
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def run(self) -> Iterator[Server]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield self
        self._http.shutdown()
        self._http.server_close()
        thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in server.models]})

            def do_POST(self) -> None:
                kind = kind_of(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                server.asked.append(kind)
                self._send(*server.answers[kind])

            def _send(self, status: int, document: dict[str, Any]) -> None:
                payload = json.dumps(document).encode()
                self.send_response_only(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
                """Stay quiet."""

        return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    yield from Server().run()


@pytest.fixture
def configuration(make_config: Callable[..., RunConfig], server: Server) -> Callable[..., RunConfig]:
    """A configuration whose default model is on the server; keyword arguments are keys of ``models.default``."""

    def make(reasoning: dict[str, Any] | None = None, **keys: Any) -> RunConfig:
        default = {"model": "openai/m", "base_url": server.url, "max_tokens": 400, **keys}
        own = {"reasoning": {**default, **reasoning}} if reasoning else {}
        return make_config(models={"default": default, **own})

    return make


async def examined(config: RunConfig) -> list[Diagnosis]:
    return await Doctor(clock=iter(range(100)).__next__).examine_all(subjects(config))


async def found(config: RunConfig) -> dict[str, tuple[bool | None, str]]:
    [diagnosis] = await examined(config)
    return {finding.check: (finding.works, finding.told) for finding in diagnosis.findings}


async def test_a_server_that_can_do_everything(configuration: Callable[..., RunConfig], server: Server) -> None:
    config = configuration()
    [diagnosis] = await examined(config)
    assert {finding.check: finding.works for finding in diagnosis.findings} == {
        "reachable": True,
        "usage": True,
        "cut-off": True,
        "native tools": True,
        "text tools": True,
        "json_schema": True,
        "function_calling": True,
        "text": True,
        "thoughts": None,
    }
    assert server.asked == list(GOOD)
    assert advice(config, [diagnosis]) == []
    assert configured(diagnosis, "interactive") == {"reachable", "native tools", "json_schema"}
    assert plain_diagnoses([diagnosis], [])["works"] is True


async def test_a_chat_model_of_langchain_is_examined_in_the_same_way(
    configuration: Callable[..., RunConfig], server: Server
) -> None:
    seen = await found(configuration(model="langchain_openai:ChatOpenAI", parameters={"model": "m"}))
    assert [check for check, (works, _) in seen.items() if works is True][3:] == list(GOOD)[1:]
    assert seen["reachable"] == (True, "answers in 1.0 s")


async def test_an_answer_that_ignores_the_schema_is_found_out_and_another_method_is_advised(
    configuration: Callable[..., RunConfig], server: Server
) -> None:
    server.answers["json_schema"] = message('{"shade": "blue", "certain": true}')
    server.answers["function_calling"] = message("I choose blue.")
    config = configuration()
    diagnoses = await examined(config)
    [told] = advice(config, diagnoses)
    assert told.needed
    assert told.text.startswith("models.default.output: json_schema does not work with this model and server (")
    assert "'blue' is not one of ['teal-41', 'ochre-17']" in told.text
    assert told.text.endswith("; set output: text.")


@pytest.mark.parametrize(
    ("answer", "works", "told"),
    [
        (message("It is sunny."), False, 'no tool is called; it says "It is sunny."'),
        (call("get_weather", '{"city": '), False, "arguments that are no JSON object"),
        (call("get_weather", '{"city": "Oslo", "unit": "kelvin"}'), False, "do not fit the tool: unit: 'kelvin'"),
        (call("look_up", WEATHER), False, 'calls "look_up", which was not offered'),
        (message("Let me think", "length"), None, "cut off after at most 1024 tokens, before it called a tool"),
        (
            message(f'<tool_call>{{"name": "get_weather", "arguments": {WEATHER}}}</tool_call>'),
            True,
            "the call is printed into the text, and read there",
        ),
        ((400, {"error": {"message": "no tools here"}}), False, "no tools here"),
        ((429, {"error": {"message": "slow down"}}), None, "slow down"),
    ],
)
async def test_how_a_tool_is_called(
    configuration: Callable[..., RunConfig], server: Server, answer: Any, works: bool | None, told: str
) -> None:
    server.answers["native tools"] = answer
    seen = await found(configuration())
    assert seen["native tools"][0] is works
    assert told in seen["native tools"][1]
    assert seen["json_schema"][0] is True


async def test_a_failing_server_is_asked_once_more(configuration: Callable[..., RunConfig], server: Server) -> None:
    server.answers["native tools"] = (500, {"error": {"message": "tools need another flag"}})
    works, told = (await found(configuration()))["native tools"]
    assert (works, server.asked.count("native tools")) == (False, 2)
    assert "tools need another flag" in told


@pytest.mark.parametrize(
    ("finish", "tokens", "text", "works"),
    [
        ("length", 16, "one, two", True),
        ("stop", 16, "one, two", False),
        ("stop", 300, "one ... one hundred", False),
        ("stop", 4, "I will not.", None),
    ],
)
async def test_whether_a_cut_off_answer_says_so(
    configuration: Callable[..., RunConfig], server: Server, finish: str, tokens: int, text: str, works: bool | None
) -> None:
    status, document = message(text, finish)
    document["usage"]["completion_tokens"] = tokens
    server.answers["first"] = (status, document)
    assert (await found(configuration()))["cut-off"][0] is works


async def test_usage_that_is_not_told_is_said_where_a_limit_needs_it(
    configuration: Callable[..., RunConfig], server: Server
) -> None:
    status, document = message("one, two", "length")
    server.answers["first"] = (status, {**document, "usage": None})
    config = configuration()
    diagnoses = await examined(config)
    assert advice(config, diagnoses) == []
    limited = config.model_copy(update={"limits": config.limits.model_copy(update={"max_tokens": 10_000})})
    [told] = advice(limited, diagnoses)
    assert not told.needed
    assert "limits.max_tokens: this server does not tell how many tokens an answer took" in told.text


@pytest.mark.parametrize(
    "answer",
    [message(f"<think>hm</think>{SHADE}"), message(SHADE, reasoning_content="hm")],
    ids=["tagged", "in a field"],
)
async def test_thoughts_are_seen_in_either_form(
    configuration: Callable[..., RunConfig], server: Server, answer: Any
) -> None:
    server.answers["text"] = answer
    seen = await found(configuration())
    assert seen["thoughts"][0] is True
    assert seen["text"][0] is True


async def test_a_model_that_cannot_be_reached_is_asked_once_and_the_others_go_on(
    make_config: Callable[..., RunConfig], server: Server
) -> None:
    gone = {"model": "openai/gone", "base_url": "http://127.0.0.1:1/v1"}
    config = make_config(models={"default": {"model": "openai/m", "base_url": server.url}, "critiquing": gone})
    lines: list[str] = []

    def heard(subject: Subject, finding: Any) -> None:
        lines.append(finding_line(subject.told(), finding))

    here, away = await Doctor(on_finding=heard).examine_all(subjects(config))
    assert here.reachable
    assert [finding.works for finding in away.findings] == [False]
    assert "openai/gone at http://127.0.0.1:1/v1 · reachable: no (refused the connection)" in lines
    [told] = advice(config, [here, away])
    assert (
        told.text == "models.critiquing: openai/gone at http://127.0.0.1:1/v1 cannot be used: refused the connection."
    )


async def test_a_missing_key_is_a_finding(make_config: Callable[..., RunConfig]) -> None:
    config = make_config(
        models={"default": {"model": "openai/m", "base_url": "https://example.org/v1", "api_key_env": "NO_SUCH_KEY"}}
    )
    works, told = (await found(config))["reachable"]
    assert works is False
    assert "NO_SUCH_KEY is set neither in the environment nor in a .env file" in told
    assert "Nothing was started" not in told


@pytest.mark.parametrize(
    ("served", "told"),
    [
        (["m", "n"], ""),
        (["/models/real.gguf"], " · the server calls it real.gguf"),
        (["a", "b"], " · not among the 2 models that the server names"),
    ],
)
async def test_the_name_that_the_server_has_for_the_model(
    configuration: Callable[..., RunConfig], server: Server, served: list[str], told: str
) -> None:
    server.models = served
    assert (await found(configuration()))["reachable"] == (True, f"answers in 1.0 s{told}")


async def test_each_key_is_advised_for_what_its_roles_need(
    configuration: Callable[..., RunConfig], server: Server
) -> None:
    server.answers["json_schema"] = (400, {"error": {"message": "unknown response_format"}})
    server.answers["native tools"] = message("It is sunny.")
    config = configuration(reasoning={"tools": "native", "output": "json_schema"}, output="text", tools="native")
    diagnoses = await examined(config)
    assert len(diagnoses) == 1, "one model with two uses is examined once"
    [told] = advice(config, diagnoses)
    assert told.text.startswith("models.reasoning.tools: native does not work")
    assert told.text.endswith("set tools: text.")


def test_which_models_a_configuration_names(make_config: Callable[..., RunConfig]) -> None:
    one = {"model": "openai/a", "base_url": "http://127.0.0.1:1/v1"}
    config = make_config(models={"default": one, "reasoning": {**one, "output": "text"}, "tooling": "openai/b"})
    shown = [[(use.key, use.roles) for use in subject.uses] for subject in subjects(config)]
    assert shown == [
        [("models.tooling", ("tooling",))],
        [("models.default", ("querying", "critiquing")), ("models.reasoning", ("reasoning", "rewriting"))],
    ]
    assert subjects(make_config()) == []


def test_members_of_a_mix_and_fallbacks_are_examined_too(make_config: Callable[..., RunConfig]) -> None:
    mixed = {
        "model": "mix",
        "mix": [{"model": "openai/a", "fallbacks": [{"model": "openai/c"}]}, {"model": "openai/b"}],
    }
    config = make_config(models={"querying": mixed})
    assert [(subject.settings.model, subject.uses[0].key) for subject in subjects(config)] == [
        ("openai/a", "models.querying.mix.0"),
        ("openai/c", "models.querying.mix.0.fallbacks.0"),
        ("openai/b", "models.querying.mix.1"),
    ]
