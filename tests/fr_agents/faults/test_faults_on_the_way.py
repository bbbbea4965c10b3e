"""Faults that pass: what comes out is right, and no more requests are made than needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from fr_agents.backends.backend import Answer, OutputSchema, Request
from fr_agents.errors import InfrastructureError

ASK = Request(messages=({"role": "user", "content": "hello"},))

Faults = Callable[[Any], list[Any]]

# By name: what the server does before it answers, and how many requests that costs beyond the one that is needed.
PASSING: dict[str, tuple[Faults, int]] = {
    "throttled": (lambda s: [s.failed(429, "slow down", retry_after="7")] * 3, 3),
    "failing": (lambda s: [s.failed(500, "oops"), s.failed(502, "bad gateway"), s.failed(503, "overloaded")], 3),
    "hanging": (lambda s: [s.said(content="never").ending("hang")], 1),
    "reset before the answer": (lambda s: [s.Reply(end="reset")], 1),
    "reset in mid-answer": (lambda s: [s.said(content="half an answer " * 99).ending("reset")] * 2, 2),
    "closed in mid-answer": (lambda s: [s.said(content="half an answer " * 99).ending("close")], 1),
    "closed without a word": (lambda s: [s.Reply(end="drop")], 1),
    "HTML in place of JSON": (lambda s: [s.Reply(body="<html>hello</html>")], 1),
    "an empty body": (lambda s: [s.Reply()], 1),
    "JSON that is no completion": (lambda s: [s.Reply(body='{"ok": true}'), s.Reply(body='{"choices": []}')], 2),
    "JSON that ends in the middle": (lambda s: [s.Reply(body=s.said(content="hi").body[:99])], 1),
    "an empty answer": (lambda s: [s.said(content=""), s.said()], 2),
    "an answer that was cut off": (lambda s: [s.said("length", content="It was a dark and")], 1),
    "a tool that nobody offered": (lambda s: [s.called(("fly_to_the_moon", "{}"))], 1),
    "arguments that are no JSON": (lambda s: [s.called(("look", '{"place": ')), s.called(("look", "[1]"))], 2),
}


async def ask(open_model: Any, request: Request = ASK, **settings: Any) -> Answer:
    async with open_model(**{"timeout": 10.0, **settings}) as model:
        answer: Answer = await model.complete(request)
        return answer


@pytest.mark.parametrize("name", PASSING)
async def test_a_fault_that_passes_costs_its_own_requests_and_no_answer(
    fault_server: Any, open_model: Any, name: str
) -> None:
    faults, beyond = PASSING[name]
    fault_server.plays(*faults(fault_server), fault_server.said(content="right"))
    timeout = 0.3 if name == "hanging" else 10.0
    assert (await ask(open_model, timeout=timeout)).text == "right"
    assert fault_server.count == 1 + beyond
    assert all(body["messages"] == [{"role": "user", "content": "hello"}] for body in fault_server.bodies)


@pytest.mark.parametrize("output", ["json_schema", "function_calling", "text"])
async def test_a_structured_answer_that_breaks_off_is_asked_for_again(
    fault_server: Any, open_model: Any, output: str
) -> None:
    def naming(text: str) -> Any:
        asked_as_function = output == "function_calling"
        return fault_server.called(("naming", text)) if asked_as_function else fault_server.said(content=text)

    schema = OutputSchema(name="naming", json_schema={"type": "object", "required": ["name", "inputs"]})
    fault_server.plays(naming('{"name": "pay", "inputs": {"card": '), naming('{"name": "pay", "inputs": {}}'))
    answer = await ask(open_model, ASK.model_copy(update={"output": schema}), output=output)
    assert answer.text == '{"name": "pay", "inputs": {}}'
    assert fault_server.count == 2


async def test_the_server_is_left_alone_as_long_as_it_asks(fault_server: Any, open_model: Any, fake_time: Any) -> None:
    times: list[float] = []

    def throttled_twice(number: int, body: dict[str, Any]) -> Any:
        times.append(fake_time.now)
        return fault_server.failed(429, "slow", retry_after="7") if number < 2 else fault_server.said(content="right")

    fault_server.script = throttled_twice
    await ask(open_model)
    assert len(times) == 3
    assert times[1] - times[0] >= 7.0
    assert times[2] - times[1] >= 7.0


async def test_only_an_answer_that_was_cut_off_changes_the_request(fault_server: Any, open_model: Any) -> None:
    fault_server.plays(
        fault_server.failed(500, "oops"),
        fault_server.said("length", content="It was a dark and"),
        fault_server.failed(500, "oops"),
        fault_server.said(content="It was a dark night."),
    )
    assert (await ask(open_model, max_tokens=100)).text == "It was a dark night."
    assert [body["max_tokens"] for body in fault_server.bodies] == [100, 100, 200, 200]


async def test_what_was_paid_for_answers_of_no_use_is_told(fault_server: Any, open_model: Any) -> None:
    fault_server.plays(fault_server.said(content=""), fault_server.failed(500, "oops"), fault_server.said(content="hi"))
    answer = await ask(open_model)
    assert (answer.prompt_tokens, answer.completion_tokens) == (20, 10)


@pytest.mark.parametrize("waits", [1, 3, 12])
async def test_a_server_that_is_down_for_a_while_is_waited_for(
    fault_server: Any, open_model: Any, fake_time: Any, waits: int
) -> None:
    """Longer than a call has tries: an outage is nobody's fault."""
    fault_server.stop()
    fake_time.then = lambda number: fault_server.start() if number == waits else None
    assert (await ask(open_model, retries=2)).text == "done"
    assert fault_server.count == 1


async def test_all_callers_wait_out_an_outage_and_one_alone_looks(
    fault_server: Any, open_model: Any, fake_time: Any
) -> None:
    """Thirty seconds of 503, as a server has that loads its model."""
    during: list[int] = []

    def loading(number: int, body: dict[str, Any]) -> Any:
        if fake_time.now < 30.0:
            during.append(number)
            return fault_server.failed(503, "the model is loading")
        return fault_server.said(content=body["messages"][0]["content"])

    fault_server.script = loading
    heard = await ask_all(open_model, 24)
    assert heard == {number: str(number) for number in range(24)}
    assert fault_server.count == 24 + len(during)
    assert len(during) < 24, "those who wait for a server that is down do not try it each on their own"


async def test_a_server_that_dies_in_the_middle_and_comes_back_costs_what_was_under_way(
    fault_server: Any, open_model: Any, fake_time: Any
) -> None:
    fake_time.then = lambda number: fault_server.start() if number == 2 else None
    async with open_model() as model:
        assert (await model.complete(ASK)).text == "done"
        fault_server.stop()
        assert (await model.complete(ASK)).text == "done"
    assert fault_server.count == 2


async def test_a_server_that_stays_down_ends_in_words_and_not_in_an_answer(fault_server: Any, open_model: Any) -> None:
    fault_server.stop()
    with pytest.raises(InfrastructureError, match="refused the connection") as caught:
        await ask(open_model)
    assert fault_server.url in str(caught.value)
    assert "has not answered for 60 minutes" in str(caught.value)
    assert fault_server.count == 0


async def test_many_callers_through_bad_weather(fault_server: Any, open_model: Any) -> None:
    """Every fourth request fails in another way; each caller gets the answer to what it asked."""
    faults = [
        fault_server.failed(429, "slow down"),
        fault_server.failed(500, "oops"),
        fault_server.said(content="half" * 99).ending("reset"),
        fault_server.said(content=""),
    ]

    together = threading.Barrier(4)

    def script(number: int, body: dict[str, Any]) -> Any:
        if number < together.parties:
            together.wait(timeout=30)
        if number % 4 == 3:
            return faults[number // 4 % len(faults)]
        return fault_server.said(content=f"echo {body['messages'][0]['content']}")

    fault_server.script = script
    assert await ask_all(open_model, 24) == {number: f"echo {number}" for number in range(24)}
    assert fault_server.count == 24 + fault_server.count // 4
    assert fault_server.most_at_once >= 4


async def ask_all(open_model: Any, callers: int) -> dict[int, str]:
    """What each of so many callers at the same time is answered, who asks for its own number."""
    heard: dict[int, str] = {}
    async with open_model(timeout=10.0) as model, anyio.create_task_group() as group:

        async def one(number: int) -> None:
            request = Request(messages=({"role": "user", "content": f"{number}"},))
            heard[number] = (await model.complete(request)).text

        for number in range(callers):
            group.start_soon(one, number)
    return heard
