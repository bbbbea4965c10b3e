"""What the offline tooling, querying and critiquing roles write."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fr_agents.roles.offline import OfflineCritiquing, OfflineQuerying, OfflineTooling
from fr_agents.roles.offline.reading import read_request
from graphs.records.attempt import ErrorClass
from graphs.roles import CritiqueView, Finding, QueryingView, ToolingView
from graphs.validation.query import check_draft, hidden_values
from tools.advanced import signature
from tools.provenance import said_in
from tools.speaker import as_the_user_says


def test_advanced_tools_are_named_after_what_they_are_for(sampled: Any) -> None:
    for turn in sampled:
        specs = {spec.name: spec for spec in turn.tools}
        computed = signature(turn.task.trace, specs)
        naming = OfflineTooling().answer(ToolingView(trace=turn.task.trace, signature=computed, tools=turn.tools))
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", naming.name)
        assert naming.description.endswith(".")
        for sink in computed.sinks:
            assert sink.task.lower() in naming.description.lower()
        for value in turn.turn.hard_query.hidden:
            assert not said_in(value, naming.description)


def test_queries_ask_for_each_sink_in_a_sentence_and_show_nothing_looked_up(sampled: Any) -> None:
    for turn in sampled:
        specs = {spec.name: spec for spec in turn.tools}
        tool = turn.turn.advanced_tool
        hidden = hidden_values(turn.task.trace.looked_up(), tool)
        view = QueryingView(
            advanced_tool=tool,
            trace=turn.task.trace,
            tools=turn.tools,
            hidden=hidden,
            noise=turn.turn.hard_query.noise,
            earlier_messages=turn.task.messages,
            feedback=(),
        )
        draft = OfflineQuerying().answer(view)
        assert draft.text == turn.turn.query
        assert check_draft(draft, tool, hidden, specs) == ()
        beside = {f"{before}{item.detail}".rstrip(".") for item in view.noise for before in ("", "I am ")}
        asked = [task.text for task in read_request(draft.text) if task.text not in beside]
        assert asked == [as_the_user_says(sink.task) for sink in tool.sinks]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("missing_call", "A step is missing: {task}."),
        ("wrong_argument", "Check the {argument} in the step to {task}"),
        ("unseen_value", "The {argument} in the step to {task} was used before it was seen."),
        ("no_call", "Use the tools. A step that is needed: {task}."),
        ("wrong_order", "The order of the steps changes the result: {task} before"),
        ("superfluous_call", "The step to {task} is not needed."),
        ("failed_call", "The step to {task} failed."),
        ("too_many_calls", "The last step that is needed is to {task}"),
    ],
)
def test_the_critic_names_the_step_and_the_argument_but_no_value(sampled: Any, error: ErrorClass, words: str) -> None:
    turn = next(item for item in sampled if item.turn.target_tool == "search_flights")
    step = turn.turn.gold_steps[-1]
    finding = Finding(error=error, detail="What code says.", parameter="travel_date", missing=step, wrong=step)
    view = CritiqueView(
        query=turn.turn.query,
        advanced_tool=turn.turn.advanced_tool,
        tools=turn.tools,
        gold=turn.turn.gold_steps,
        attempted=(),
        findings=(finding,),
        earlier_hints=(),
        level=2,
    )
    hint = OfflineCritiquing().answer(view).text
    assert words.format(task="search for flights between two zip codes", argument="travel date") in hint
    for value in step.call.arguments.values():
        assert str(value) not in hint
