"""Answers of no use are asked for again, each in its way, and all tries are paid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer, AnswerCall, OutputSchema, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.scripted import ScriptedBackend

NAMING = OutputSchema(name="naming", json_schema={"type": "object", "required": ["name", "inputs"]})
LOOK = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
ASK = Request(messages=({"role": "user", "content": "hello"},))
NAME = ASK.model_copy(update={"output": NAMING})
ACT = ASK.model_copy(update={"tools": (LOOK,)})
EMPTY = Answer(text=" \n")
CUT = Answer(text='{"name": "x', finish_reason="length")
GOOD = Answer(text='{"name": "x", "inputs": {}}')


def call(name: str = "look", raw: str = "{}", **fields: Any) -> Answer:
    return Answer(tool_calls=(AnswerCall.parse(name, raw),), **fields)


def mending(model: Any, **options: Any) -> MendingBackend:
    return MendingBackend(model.backend(), **options)


@pytest.mark.parametrize(
    ("request_", "bad", "good"),
    [
        (ASK, EMPTY, Answer(text="hi")),
        (ASK, Answer(reasoning="Let me see."), Answer(text="hi")),
        (ACT, EMPTY, call()),
        (ACT, call("lok"), call()),
        (ACT, call(raw="[1]"), call()),
        (ACT, call(raw='{"place": '), call()),
        (ASK, call(), Answer(text="hi")),
        (NAME, Answer(text="I would call it x."), GOOD),
        (NAME, Answer(text='{"name": "x", "inputs": {"a": 1}, "wh'), GOOD),
    ],
)
async def test_what_is_of_no_use_is_asked_for_again_as_it_was(
    script: Any, request_: Request, bad: Answer, good: Answer
) -> None:
    model = script(bad, good)
    assert await mending(model).complete(request_) == good
    assert model.asked == [request_, request_]


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (ASK, Answer(text="hi")),
        (ASK, Answer(text="{broken")),
        (ACT, Answer(text="Nothing is left to do.")),
        (ACT, Answer(text="I look.", tool_calls=(AnswerCall.parse("look", ""),))),
        (NAME, GOOD),
        (NAME, Answer(text='Here it is:\n```json\n{"name": "x"}\n```')),
        (NAME, Answer(text='In {braces}: {"name": "x", "inputs": {}}')),
        (NAME, Answer(text='{"title": "an object in another form is for the role to refuse"}')),
    ],
)
async def test_what_can_be_read_is_asked_for_once(script: Any, request_: Request, answer: Answer) -> None:
    model = script(answer)
    assert await mending(model).complete(request_) is not None
    assert model.asked == [request_]


async def test_plain_words_may_be_meant_where_no_server_holds_the_schema(script: Any) -> None:
    model = script(Answer(text="All is done."))
    assert (await mending(model, held=False).complete(NAME)).text == "All is done."
    model = script(Answer(text='{"name": "x", "inp'), GOOD)
    assert await mending(model, held=False).complete(NAME) == GOOD


@pytest.mark.parametrize(
    ("own", "configured", "longest", "then"),
    [(None, 100, 1000, 200), (50, 100, 1000, 100), (None, 600, 1000, 1000)],
)
async def test_a_cut_off_answer_gets_twice_the_room_once(
    script: Any, own: int | None, configured: int, longest: int, then: int
) -> None:
    model = script(CUT, CUT)
    answer = await mending(model, max_tokens=configured, longest=longest).complete(
        NAME.model_copy(update={"max_tokens": own})
    )
    assert answer == CUT
    assert [asked.max_tokens for asked in model.asked] == [own, then]


@pytest.mark.parametrize(("configured", "longest"), [(None, 1000), (1000, 1000), (2000, 1000)])
async def test_no_more_room_than_there_is(script: Any, configured: int | None, longest: int) -> None:
    model = script(CUT)
    assert await mending(model, max_tokens=configured, longest=longest).complete(NAME) == CUT


async def test_an_answer_that_goes_round_in_circles_gets_no_more_room(script: Any) -> None:
    model = script(Answer(text="and then the next flight, " * 40, finish_reason="length"))
    assert (await mending(model, max_tokens=100).complete(ASK)).cut_off


@pytest.mark.parametrize(
    "refusal", [BackendFault("bad_request", "m", "max_tokens is too large"), UnanswerableRequest("context length")]
)
async def test_a_server_that_refuses_more_room_costs_nothing(script: Any, refusal: Exception) -> None:
    assert await mending(script(CUT, refusal), max_tokens=100).complete(NAME) == CUT


async def test_faults_pass_through(script: Any) -> None:
    for outcomes in ([BackendFault("bad_request", "m", "no")], [EMPTY, BackendFault("authentication", "m", "no")]):
        with pytest.raises(BackendFault):
            await mending(script(*outcomes)).complete(ASK)
    with pytest.raises(UnanswerableRequest):
        await mending(script(UnanswerableRequest("too long"))).complete(ASK)


async def test_what_a_content_filter_withheld_is_no_answer_and_not_asked_for_again(script: Any) -> None:
    model = script(Answer(text="Half of a sente", finish_reason="content_filter"))
    with pytest.raises(UnanswerableRequest, match=r"openai/scripted cannot answer .* content filter"):
        await mending(model).complete(ASK)
    assert len(model.asked) == 1


async def test_an_answer_that_comes_twice_is_the_end(script: Any) -> None:
    model = script(call("lok"), call("lok"), call())
    assert (await mending(model, tries=5).complete(ACT)).tool_calls[0].name == "lok"
    assert len(model.asked) == 2


async def test_nothing_at_all_may_come_twice_before_something_does(script: Any) -> None:
    model = script(EMPTY, EMPTY, Answer(text="hi"))
    assert (await mending(model).complete(ASK)).text == "hi"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_answer_of_most_use_is_given_where_none_is_good(script: Any, order: tuple[int, ...]) -> None:
    answers = (call("lok"), Answer(text="Let me see", finish_reason="length"), EMPTY)
    model = script(*(answers[index] for index in order))
    given_ = await mending(model, max_tokens=100).complete(ACT)
    made = [answers[index] for index in order[: len(model.asked)]]
    assert given_ == min(made, key=answers.index)


@settings(max_examples=30)
@given(tokens=st.lists(st.tuples(*[st.integers(0, 500)] * 4), min_size=1, max_size=4))
async def test_the_tokens_of_all_tries_are_added_up(tokens: list[tuple[int, int, int, int]]) -> None:
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
    left = [call(f"no_{number}", **dict(zip(names, counts, strict=True))) for number, counts in enumerate(tokens)]
    backend = MendingBackend(ScriptedBackend(lambda request: left.pop(0)), tries=len(tokens))
    answer = await backend.complete(ACT)
    assert left == []
    assert tuple(getattr(answer, name) for name in names) == tuple(map(sum, zip(*tokens, strict=True)))
