"""The roles that answer with an object, played by a scripted model: what it is shown, and what its answers become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fr_agents.backends.backend import Answer
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.secrets import NO_KEY
from fr_agents.config.models import ModelSettings
from fr_agents.roles.chat.critiquing import CritiquingRole
from fr_agents.roles.chat.querying import QueryingRole
from fr_agents.roles.chat.tooling import ToolingRole
from graphs.records.query import Noise
from graphs.roles import (
    CritiqueView,
    Finding,
    Naming,
    QueryDraft,
    QueryingView,
    RoleFailure,
    ToolingView,
    Unanswerable,
)
from tools.advanced import AdvancedInput, AdvancedTool, signature
from tools.base import JsonObject
from tools.call import Observation, ToolCall, ToolError
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step, Trace


def spec(name: str, description: str, **parameters: str) -> ToolSpec:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties, "required": [*parameters]}
    return ToolSpec(name=name, description=description, parameters=schema, returns={"type": "object"})


def step(call_id: str, name: str, arguments: JsonObject, content: Any, *sources: str) -> Step:
    from_call = [ArgumentOrigin(kind="observation", source=source, path="zip") for source in sources]
    origins = dict(zip(arguments, from_call or [ArgumentOrigin(kind="query")] * len(arguments), strict=True))
    seen = Observation(call_id=call_id, content=content)
    return Step(
        call=ToolCall(id=call_id, name=name, arguments=arguments),
        observation=seen,
        origins=origins,
        changed_state=bool(sources),
    )


TOOLS = (
    spec("get_zipcode", "Gets the zip code of a city.", city="Name of the city."),
    spec("buy_tickets", "Buys tickets between two zip codes.", from_zip="Zip code.", to_zip="Zip code."),
)
TRACE = Trace(
    target_tool="buy_tickets",
    steps=(
        step("c1", "get_zipcode", {"city": "Rivermist"}, {"zip": "83214"}),
        step("c2", "get_zipcode", {"city": "Stonebrook"}, {"zip": "74532"}),
        step("c3", "buy_tickets", {"from_zip": "83214", "to_zip": "74532"}, {"ticket": "x" * 900}, "c1", "c2"),
    ),
    requested=(),
)
SIGNATURE = signature(TRACE, {tool.name: tool for tool in TOOLS})

TERSE = (Noise(operator="style", detail="terse"),)


def tooling_view() -> ToolingView:
    return ToolingView(trace=TRACE, signature=SIGNATURE, tools=TOOLS)


def querying_view(**changes: Any) -> QueryingView:
    named = SIGNATURE.model_copy(update={"name": "buy_between_cities", "description": "Buys tickets between cities."})
    fields: dict[str, Any] = {
        "advanced_tool": named,
        "trace": TRACE,
        "tools": TOOLS,
        "hidden": ("83214", "74532"),
        "noise": (),
        "earlier_messages": (),
        "feedback": (),
    }
    return QueryingView(**{**fields, **changes})


def critique_view() -> CritiqueView:
    wrong = Step(
        call=ToolCall(id="a1", name="buy_tickets", arguments={"from_zip": "12345", "to_zip": "67890"}),
        observation=Observation(call_id="a1", error=ToolError(kind="failed", message="no such zip code")),
    )
    finding = Finding(error="unseen_value", detail="from_zip was seen nowhere", parameter="from_zip")
    return CritiqueView(
        query="Tickets from Rivermist to Stonebrook, please.",
        advanced_tool=SIGNATURE,
        tools=TOOLS,
        gold=TRACE.steps,
        attempted=(wrong,),
        findings=(finding,),
        earlier_hints=("Look again.",),
    )


GOOD_NAME = '{"name": "Buy Tickets", "description": "Buys tickets between\\n two cities."}'


class TestTooling:
    async def test_the_model_sees_the_trace_and_names_it(self, script: Any) -> None:
        model = script('Sure: {"name": "buyCityTickets", "description": "Buys tickets between\\n two cities."}')
        naming = await ToolingRole(model.backend())(tooling_view())
        assert naming == Naming(name="buy_city_tickets", description="Buys tickets between two cities.")
        shown = model.shown()
        for part in ('get_zipcode({"city": "Rivermist"}) -> {"zip": "83214"}', "Buys tickets between two zip codes."):
            assert part in shown
        assert "... (shortened)" in shown
        assert "x" * 500 not in shown

    async def test_a_name_that_a_step_has_is_told_apart(self, script: Any) -> None:
        naming = await ToolingRole(script(f"Here it is:\n```json\n{GOOD_NAME}\n```").backend())(tooling_view())
        assert naming.name.startswith("buy_tickets_by_")

    async def test_a_description_by_an_identifier_that_nobody_gave_is_replaced(self, script: Any) -> None:
        model = script('{"name": "buy_trip", "description": "Buys tickets by ticket ID."}')
        view = tooling_view()
        assert (await ToolingRole(model.backend())(view)).description == view.signature.plain_description()

    async def test_a_description_out_of_the_prompts_example_is_replaced(self, script: Any) -> None:
        role = ToolingRole(script().backend())
        view = tooling_view()
        example = "Lends trips to a member of the library, given the member's name and the book's title."
        assert "member of the library" in role.request(view).messages[0]["content"], "the prompt has another example"
        model = script(json.dumps({"name": "buy_trip", "description": example}))
        assert (await ToolingRole(model.backend())(view)).description == view.signature.plain_description()

    async def test_the_system_message_is_the_same_for_every_view(self, script: Any) -> None:
        role = ToolingRole(script().backend())
        short = ToolingView(trace=TRACE.model_copy(update={"steps": TRACE.steps[:1]}), signature=SIGNATURE, tools=TOOLS)
        assert role.request(tooling_view()).messages[0] == role.request(short).messages[0]

    async def test_it_says_what_answers(self, script: Any) -> None:
        role = ToolingRole(script().backend())
        assert (role.model, role.makes_model_calls) == ("openai/scripted", True)


class TestRepair:
    async def test_the_model_sees_its_answer_and_the_problem(self, script: Any) -> None:
        model = script('{"name": "x"}', '{"name": "buy_trip", "description": "Buys a whole trip."}')
        assert (await ToolingRole(model.backend())(tooling_view())).name == "buy_trip"
        first, second = model.asked
        assert second.messages[: len(first.messages)] == first.messages
        said, told = second.messages[-2:]
        assert said == {"role": "assistant", "content": '{"name": "x"}'}
        assert "description: Field required" in told["content"]
        assert second.output == first.output

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (Answer(text='{"name": "buy_t', finish_reason="length"), "cut off because it was too long"),
            (Answer(text=""), "the answer is empty"),
            (Answer(text="I would call it buy_trip."), "holds no JSON object"),
        ],
    )
    async def test_each_problem_is_told_and_then_it_is_over(self, script: Any, answer: Answer, problem: str) -> None:
        model = script(answer, answer)
        with pytest.raises(RoleFailure, match=problem):
            await ToolingRole(model.backend())(tooling_view())
        assert len(model.asked) == 2
        assert problem in model.shown(1)

    async def test_of_two_objects_the_one_that_fits_is_taken(self, script: Any) -> None:
        model = script('{"thinking": 1} {"name": "buy_trip", "description": "Buys a whole trip."}')
        assert (await ToolingRole(model.backend())(tooling_view())).name == "buy_trip"

    async def test_a_request_that_cannot_be_answered_is_not_repeated(self, script: Any) -> None:
        model = script(UnanswerableRequest("too long for it"))
        with pytest.raises(Unanswerable, match="tooling: too long for it"):
            await ToolingRole(model.backend())(tooling_view())
        assert len(model.asked) == 1

    async def test_the_whole_way_through_a_real_client(self, script: Any, model_server: Any) -> None:
        model_server.message("length", content='{"name": "buy')
        model_server.message(content='{"name": "buy_trip", "description": "Buys a whole trip."}')
        settings = ModelSettings(model="openai/m", base_url=model_server.url)
        async with OpenAIBackend(settings, NO_KEY) as backend:
            assert (await ToolingRole(backend)(tooling_view())).name == "buy_trip"
        schema = model_server.requests[0]["response_format"]["json_schema"]["schema"]
        assert schema["required"] == ["name", "description"]
        assert "title" not in json.dumps(schema)


class TestQuerying:
    async def draft(self, script: Any, answer: JsonObject, view: QueryingView | None = None) -> QueryDraft:
        return await QueryingRole(script(json.dumps(answer)).backend())(view or querying_view())

    async def test_the_model_sees_what_to_say_and_what_not(self, script: Any) -> None:
        model = script('{"query": "Q"}')
        talk = (
            {"role": "user", "content": "Which cities have an airport?"},
            {"role": "assistant", "content": "<think>\nsecret thought\n</think>\n\nRivermist has one."},
            {"role": "tool", "tool_call_id": "c0", "content": "a long result"},
        )
        view = querying_view(earlier_messages=talk, feedback=("The query names the tool x_y.",), noise=TERSE)
        await QueryingRole(model.backend())(view)
        shown = model.asked[0].messages[1]["content"]
        for part in (
            '"Rivermist"',
            "wants to: buy tickets between cities\n",
            "1. buy tickets between two zip codes",
            "Style: terse",
        ):
            assert part in shown
        assert "USER: Which cities have an airport?\nASSISTANT: Rivermist has one." in shown
        assert "- The query names the tool x_y." in shown
        for kept_back in ("secret thought", "83214", "74532"):
            assert kept_back not in model.shown()
        assert "a long result" not in shown

    async def test_a_date_gets_the_year_that_the_model_left_out(self, script: Any) -> None:
        item = SIGNATURE.inputs[0].model_copy(update={"name": "date", "value": "2026-06-28"})
        tool = SIGNATURE.model_copy(update={"inputs": (item,)})
        answer = {"query": "Tickets on June 28, please.", "mentions": [{"input": "date", "span": "June 28"}]}
        draft = await self.draft(script, answer, querying_view(advanced_tool=tool))
        assert draft.text == "Tickets on June 28, 2026, please."
        (mention,) = draft.mentions
        assert "2026" in mention.span
        earlier = tool.model_copy(update={"inputs": (item.model_copy(update={"earlier": True}),)})
        assert (await self.draft(script, answer, querying_view(advanced_tool=earlier))).text == answer["query"]

    async def test_good_spans_stay(self, script: Any) -> None:
        draft = await self.draft(
            script,
            {
                "query": "Get me on a ride from Rivermist to Stonebrook",
                "mentions": [
                    {"input": "city", "span": "from Rivermist"},
                    {"input": "city_2", "span": "Stonebrook"},
                ],
                "tasks": [{"task": "1", "span": "Get me on a ride"}],
            },
        )
        assert [mention.span for mention in draft.mentions] == ["from Rivermist", "Stonebrook"]
        assert [(sink.of, sink.span) for sink in draft.sinks] == [("c3", "Get me on a ride")]

    async def test_careless_spans_are_looked_for(self, script: Any) -> None:
        draft = await self.draft(
            script,
            {
                "query": "Hello! I want to buy two tickets, RIVERMIST to  Stonebrook.",
                "mentions": [{"input": "city", "span": "the city of Rivermist"}],
                "tasks": [{"task": 1, "span": "purchase of tickets"}],
            },
        )
        assert [(mention.of, mention.span) for mention in draft.mentions] == [
            ("city", "RIVERMIST"),
            ("city_2", "Stonebrook"),
        ]
        assert draft.sinks[0].span == "I want to buy two tickets,"

    async def test_what_the_query_does_not_say_is_not_made_up(self, script: Any) -> None:
        draft = await self.draft(
            script,
            {"query": "Get me to Stonebrook.", "mentions": [{"input": "city", "span": "from Rivermist"}], "tasks": []},
        )
        assert [(mention.of, mention.span) for mention in draft.mentions] == [
            ("city", "from Rivermist"),
            ("city_2", "Stonebrook"),
        ]
        assert draft.sinks == ()

    @pytest.mark.parametrize(
        ("value", "query", "span"),
        [
            (1200.0, "Pay 1,200.00 now", "1,200.00"),
            (5, "Buy 15 or 5 of them", "5"),
            (["flour", "oat milk"], "I have flour, and also oat milk here", "flour, and also oat milk"),
            (["flour", "rye"], "I have flour", ""),
        ],
    )
    async def test_values_of_all_kinds_are_found(self, script: Any, value: Any, query: str, span: str) -> None:
        item = AdvancedInput(name="amount", call_id="c1", parameter="amount", label="amount", value=value)
        tool = AdvancedTool(name="t", description="d", inputs=(item,), sinks=(), covered=())
        draft = await self.draft(script, {"query": query}, querying_view(advanced_tool=tool))
        assert [mention.span for mention in draft.mentions] == ([span] if span else [])

    async def test_earlier_values_are_referred_to(self, script: Any) -> None:
        item = AdvancedInput(
            name="booking_id",
            call_id="c1",
            parameter="booking_id",
            label="booking ID",
            value="BK-3382",
            earlier=True,
            verbatim=False,
        )
        tool = AdvancedTool(name="t", description="d", inputs=(item,), sinks=(), covered=())
        model = script(
            '{"query": "Please insure that new booking.", "mentions": [{"input": "booking_id", "span": "it"}]}'
        )
        draft = await QueryingRole(model.backend())(querying_view(advanced_tool=tool, hidden=()))
        assert draft.mentions[0].span == "that new booking"
        assert "BK-3382" not in model.shown()


class TestCritiquing:
    async def test_the_model_sees_what_is_wrong(self, script: Any) -> None:
        model = script('{"hint": "You made up a zip code."}')
        hint = await CritiquingRole(model.backend())(critique_view())
        assert hint.text == "You made up a zip code."
        for part in (
            'buy_tickets({"from_zip": "12345", "to_zip": "67890"}) failed: no such zip code',
            "unseen value: from_zip was seen nowhere",
            "- Look again.",
        ):
            assert part in model.shown()

    async def test_a_hint_is_short_and_gives_no_answer_away(self, script: Any) -> None:
        said = "You made it up. Use 83214 for Rivermist and '74532' then. A third sentence."
        hint = await CritiquingRole(script(json.dumps({"hint": said})).backend())(critique_view())
        assert hint.text == (
            "You made it up. Use (a value to be found) for Rivermist and '(a value to be found)' then."
        )
