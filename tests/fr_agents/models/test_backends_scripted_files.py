"""Answers of one's own: a function in a file, and a file of answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.clients import open_client
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.preflight import preflight
from fr_agents.config import ModelSettings
from fr_agents.errors import PreflightError
from graphs.usage import added, metered

FUNCTIONS = """
from fr_agents.backends.backend import Answer
from fr_agents.backends.faults import UnanswerableRequest

NOTHING = None


def plain(request):
    return f"you said {request.messages[-1]['content']}"


async def slow(request):
    return Answer(text="in the end", prompt_tokens=3)


def picky(request):
    raise UnanswerableRequest("not this one")


def broken(request):
    return request.messages[7]


def wrong(request):
    return 3
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models.py").write_text(FUNCTIONS)
    return tmp_path


def ask(text: str) -> Request:
    return Request(messages=({"role": "user", "content": text},))


async def said(model: str, text: str = "hello") -> Answer:
    async with open_client(ModelSettings(model=model)) as backend:
        return await backend.complete(ask(text))


async def refused(model: str) -> str:
    with pytest.raises(PreflightError) as caught:
        await preflight([ModelSettings(model=model)])
    assert str(caught.value).startswith(f"{model}: ")
    assert str(caught.value).endswith("Nothing was started.")
    return str(caught.value)


class Job:
    """A job that calls a model once in each node, and keeps what its checkpoint would."""

    def __init__(self, number: int) -> None:
        self.state: dict[str, Any] = {"job": {"number": number}, "usage": {}}

    async def asks(self, model: str, role: str = "reasoning", text: str = "hello") -> Answer:
        answers: list[Answer] = []

        async def node(state: Any) -> dict[str, Any]:
            async with open_client(ModelSettings(model=model)) as client:
                answers.append(await MeteredBackend(client, role).complete(ask(text)))
            return {}

        spent = (await metered(node)(self.state))["usage"]
        self.state["usage"] = added(self.state["usage"], spent)
        return answers[0]


async def test_a_function_answers() -> None:
    assert await said("scripted/models.py:plain") == Answer(text="you said hello")
    assert await said("scripted/models.py:slow") == Answer(text="in the end", prompt_tokens=3)


async def test_what_a_function_raises_and_returns_is_told_with_its_name() -> None:
    with pytest.raises(UnanswerableRequest, match="not this one"):
        await said("scripted/models.py:picky")
    with pytest.raises(BackendFault, match=r"scripted/models\.py:broken raised IndexError") as caught:
        await said("scripted/models.py:broken")
    assert not caught.value.transient
    with pytest.raises(BackendFault, match="returned int, and no Answer or text"):
        await said("scripted/models.py:wrong")


async def test_files_and_functions_that_cannot_be_used(folder: Path) -> None:
    (folder / "bad.py").write_text("import there_is_no_such_module")
    assert str(folder / "none.py") in await refused("scripted/none.py:answer")
    assert "models.py has no function nobody" in await refused("scripted/models.py:nobody")
    assert "models.py has no function NOTHING" in await refused("scripted/models.py:NOTHING")
    assert "bad.py does not run: ModuleNotFoundError" in await refused("scripted/bad.py:answer")
    assert "none.jsonl cannot be read: No such file" in await refused("scripted/none.jsonl")


async def test_a_script_is_read_but_not_asked_before_a_run() -> None:
    await preflight([ModelSettings(model="scripted/models.py:broken")])


def lines(folder: Path, *written: Any) -> str:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in written)
    (folder / "answers.jsonl").write_text(text + "\n\n", encoding="utf-8")
    return "scripted/answers.jsonl"


async def test_answers_are_given_in_order_for_each_job_and_role(folder: Path) -> None:
    model = lines(folder, {"text": "r1", "role": "reasoning"}, {"text": "q1", "role": "querying"}, {"text": "both"})
    one, other = Job(1), Job(2)
    assert [(await one.asks(model)).text, (await other.asks(model)).text] == ["r1", "r1"]
    assert [(await one.asks(model)).text, (await one.asks(model, "querying")).text] == ["both", "q1"]
    with pytest.raises(BackendFault, match="has 2 answers for reasoning, and is asked for one more in job 1"):
        await one.asks(model)
    assert (await other.asks(model)).text == "both"


async def test_a_resumed_job_goes_on_where_it_was(folder: Path) -> None:
    model = lines(folder, {"text": "first"}, {"text": "second"})
    begun = Job(1)
    await begun.asks(model)
    resumed = Job(1)
    resumed.state = json.loads(json.dumps(begun.state))
    assert (await resumed.asks(model)).text == "second"


async def test_answers_by_what_was_asked(folder: Path) -> None:
    model = lines(
        folder,
        {"match": r"(?i)book .* flight", "role": "tooling", "text": "a tool"},
        {"match": r"(?i)book .* flight", "text": {"query": "Zürich"}},
        {"match": "", "text": "whatever"},
    )
    job = Job(1)
    assert (await job.asks(model, "tooling", "Book a flight")).text == "a tool"
    assert (await job.asks(model, "querying", "Book a flight")).text == '{"query":"Zürich"}'
    assert [(await job.asks(model, text="hello")).text for _ in range(3)] == ["whatever"] * 3
    nothing = lines(folder, {"match": "flight", "text": "x"})
    with pytest.raises(BackendFault, match="no line for reasoning whose match is found in 'hello'"):
        await job.asks(nothing)


async def test_a_line_has_all_that_an_answer_has(folder: Path) -> None:
    calls = [{"name": "pay", "arguments": {"sum": 3}}, {"name": "look"}, {"name": "cut", "arguments": '{"a": '}]
    counts = {"prompt_tokens": 4, "cached_tokens": 2, "completion_tokens": 3, "reasoning_tokens": 1}
    answer = await said(lines(folder, {"tool_calls": calls, "reasoning": "I pay.", **counts}))
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [
        ("pay", {"sum": 3}),
        ("look", {}),
        ("cut", None),
    ]
    assert (answer.finish_reason, answer.reasoning) == ("tool_calls", "I pay.")
    assert {name: getattr(answer, name) for name in counts} == counts
    assert (await said(lines(folder, {"text": "x", "finish_reason": "length"}))).cut_off


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["nonsense"], "line 1: Invalid JSON"),
        ([{"text": "a"}, {"txt": "a"}], "line 2: "),
        ([{"role": "reasoning"}], "line 1: has neither text nor tool_calls"),
        ([{"text": "a", "match": "("}], "line 1: match: is no regular expression"),
        ([{"text": "a"}, {"text": "b", "match": "b"}], "some lines have a match and others none"),
        ([], "there is no answer in it"),
    ],
)
async def test_a_file_that_is_none_is_told_with_its_line(folder: Path, written: list[Any], told: str) -> None:
    assert told in await refused(lines(folder, *written))
