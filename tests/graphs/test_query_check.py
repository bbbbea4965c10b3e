"""What the check of a query finds beside inputs, tasks and steps: places, code, gaps, secrets, facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.records.query import Mention, Noise
from graphs.roles import QueryDraft
from graphs.validation.query import Occasion, check_draft, located
from tools.advanced import AdvancedInput, AdvancedTool, Sink
from tools.base import Json, JsonObject
from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step


def spec(name: str, description: str, **parameters: str) -> ToolSpec:
    properties = {key: {"type": "string", "description": text} for key, text in parameters.items()}
    schema = {"type": "object", "properties": properties}
    return ToolSpec(name=name, description=description, parameters=schema, returns={"type": "object"})


TOOLS = (
    spec("lend_book", "Lends a book to a member.", title="Title of the book.", member_name="Name of the member."),
    spec("grep", "Searches for a pattern.", pattern="What to search for."),
    spec("renewLoan", "Renews a loan.", loanToken="Token of the loan."),
    spec("check_in", "Checks a book in.", password="Password of the library."),
)
SPECS = {tool.name: tool for tool in TOOLS}
BASE = "Please lend Dune to Ada Hill"


def item(name: str, value: Json, **more: Any) -> AdvancedInput:
    return AdvancedInput(name=name, call_id="c1", parameter=name, label=name.replace("_", " "), value=value, **more)


TOOL = AdvancedTool(
    name="lend",
    description="Lends a book.",
    inputs=(item("title", "Dune"), item("member_name", "Ada Hill")),
    sinks=(Sink(call_id="c1", tool="lend_book", task="lend a book to a member", outputs={}),),
    covered=("lend_book",),
)


def draft(text: str, **mentions: str) -> QueryDraft:
    spans = {"title": "Dune", "member_name": "Ada Hill", **mentions}
    said = tuple(Mention(of=name, span=span) for name, span in spans.items())
    return QueryDraft(text=text, mentions=said, sinks=(Mention(of="c1", span="lend"),))


@pytest.fixture
def reasons() -> Callable[..., list[str]]:
    """The reasons that a query of the lending tool is refused for."""

    def found(text: str, tool: AdvancedTool = TOOL, hidden: tuple[Json, ...] = (), **occasion: Any) -> list[str]:
        given = located(draft(text, **{entry.name: str(entry.value) for entry in tool.inputs}))
        return [problem.reason for problem in check_draft(given, tool, hidden, SPECS, Occasion(**occasion))]

    return found


class TestPlaces:
    def test_each_mention_gets_its_own_place_and_the_words_as_they_stand_there(self) -> None:
        found = located(draft("Dune! Lend  DUNE to ada\nhill.", title="dune", again="dune", member_name="Ada Hill"))
        places = {mention.of: (mention.start, mention.span) for mention in found.mentions}
        assert places == {"title": (0, "Dune"), "again": (12, "DUNE"), "member_name": (20, "ada\nhill")}
        assert found.sinks == (Mention(of="c1", span="Lend", start=6),)

    def test_a_mention_that_stands_nowhere_is_left_out(self) -> None:
        found = located(draft("Lend Dune to Adaline Hillary.", none=" "))
        assert [mention.of for mention in found.mentions] == ["title"]

    @given(
        words=st.lists(st.sampled_from(["Dune", "Ada", "hill", "lend", "a-b", "é"]), min_size=1, max_size=8),
        spans=st.lists(st.sampled_from(["dune", "ADA HILL", "Lend", "a-b", "x", ""]), max_size=5),
    )
    @settings(max_examples=60, deadline=None)
    def test_whatever_is_located_stands_where_it_says_and_stays_there(self, words: list[str], spans: list[str]) -> None:
        said = tuple(Mention(of=str(index), span=span) for index, span in enumerate(spans))
        found = located(QueryDraft(text=" ".join(words), mentions=said, sinks=()))
        for mention in found.mentions:
            assert mention.span
            assert found.text[mention.start :].startswith(mention.span)
        assert located(found) == found

    def test_a_place_that_is_not_the_words_is_a_problem(self) -> None:
        moved = QueryDraft(
            text=BASE,
            mentions=(Mention(of="title", span="Dune", start=3), Mention(of="member_name", span="Ada Hill", start=20)),
            sinks=(Mention(of="c1", span="lend", start=7),),
        )
        [problem] = check_draft(moved, TOOL, (), SPECS)
        assert "'Dune' do not stand at character 3" in problem.text


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}.",
        f"{BASE}, please: two of us read it, and one request is enough.",
        f"{BASE}. She checks in tomorrow, and I check-in on Monday.",
        f"{BASE} (first things first), then I am happy.",
    ],
)
def test_what_people_say_passes(reasons: Callable[..., list[str]], text: str) -> None:
    assert reasons(text) == []


@pytest.mark.parametrize(
    "said",
    [
        "with lend_book",
        "with LEND_BOOK",
        "with lendBook",
        "by LendBook()",
        "with the lend book tool",
        "using the grep command",
        "use the function `grep`",
        "via renew_loan",
        "and the member_name",
        "and the loan_token",
    ],
)
def test_names_out_of_code_are_refused_in_any_spelling(reasons: Callable[..., list[str]], said: str) -> None:
    assert "query names a tool" in reasons(f"{BASE} {said}.")


@pytest.mark.parametrize(
    "said",
    [
        "by [due date]",
        "at {place}",
        "for <name>",
        "until ____",
        '{"title": "Dune"}',
        "```now```",
        "As an AI, I ask for it",
        "Here is the query",
        "Mind the hint",
        "Use the appropriate tools",
        "I cannot help with that",
        "I mean the specified one",
        "It is for the current user",
        "Could you please be quick, please",
    ],
)
def test_gaps_code_and_machinery_are_refused(reasons: Callable[..., list[str]], said: str) -> None:
    assert "query is not what a person says" in reasons(f"{BASE}. {said}.")


def test_a_task_may_be_said_in_the_words_of_its_tool(reasons: Callable[..., list[str]]) -> None:
    sink = TOOL.sinks[0].model_copy(update={"task": "lend the given book to a member"})
    wordy = TOOL.model_copy(update={"sinks": (sink,)})
    said = "Please lend the given book to a member, using the title Dune and the member name Ada Hill."
    refused = "query is not what a person says"
    assert refused not in reasons(said, wordy)
    assert refused in reasons(said.replace("the title", "the given title"), wordy)


def test_values_may_look_like_anything(reasons: Callable[..., list[str]]) -> None:
    odd = TOOL.model_copy(update={"inputs": (item("title", "[lend_book] hint"), item("member_name", "Ada Hill"))})
    assert reasons("Please lend [lend_book] hint to Ada Hill.", odd) == []


class TestSecrets:
    @pytest.mark.parametrize("said", ["My password is kestrel-99.", "The PIN code: 4417.", "CVV 827"])
    def test_a_secret_that_a_query_announces(self, reasons: Callable[..., list[str]], said: str) -> None:
        assert "query says a secret" in reasons(f"{BASE}. {said}")

    def test_a_secret_among_the_inputs_or_the_arguments(self, reasons: Callable[..., list[str]]) -> None:
        secret = TOOL.model_copy(update={"inputs": (*TOOL.inputs, item("password", "kestrel"))})
        assert reasons(f"{BASE}, kestrel.", secret) == ["query says a secret"]
        call = ToolCall(id="c0", name="check_in", arguments={"password": "kestrel"})
        origins = {"password": ArgumentOrigin(kind="profile")}
        step = Step(call=call, observation=Observation(call_id="c0"), origins=origins)
        assert reasons(f"{BASE}, kestrel.", steps=(step,)) == ["query says a secret"]
        assert reasons(f"{BASE}.", steps=(step,)) == []

    def test_to_speak_of_a_secret_is_to_say_none(self, reasons: Callable[..., list[str]]) -> None:
        assert reasons(f"{BASE}, and pin the note with my password to the door.") == []


class TestFacts:
    @pytest.mark.parametrize(
        "said", ["for 14 days", "before 3 May 2027", "and to Bram Stoker", "for member M-2207", "at 14:30"]
    )
    def test_a_fact_that_nobody_told_is_refused(self, reasons: Callable[..., list[str]], said: str) -> None:
        assert reasons(f"{BASE} {said}.") == ["query adds a fact"]

    @pytest.mark.parametrize("said", ["for 14 days", "before 3 May 2027", "and to Bram Stoker"])
    def test_what_was_spoken_of_before_may_be_said_again(self, reasons: Callable[..., list[str]], said: str) -> None:
        talk: list[JsonObject] = [
            {"role": "assistant", "content": "Bram Stoker has it until 2027-05-03."},
            {"role": "tool", "tool_call_id": "c0", "content": '{"days": 14}'},
        ]
        assert reasons(f"{BASE} {said}.", messages=talk) == []

    def test_the_day_that_it_is_may_be_said(self, reasons: Callable[..., list[str]]) -> None:
        assert reasons(f"{BASE} today, 3 May 2027.", today=("2027-05-03",)) == []

    def test_what_belongs_to_the_manner_of_a_request_may_be_said(self, reasons: Callable[..., list[str]]) -> None:
        noise = (Noise(operator="persona", detail="a nurse at Saint Mary"),)
        assert reasons(f"As a nurse at Saint Mary I ask you: {BASE}.", noise=noise) == []
        assert reasons(f"As a nurse at Saint Mary I ask you: {BASE}.") == ["query adds a fact"]

    def test_a_hidden_value_has_a_problem_of_its_own(self, reasons: Callable[..., list[str]]) -> None:
        assert reasons(f"{BASE}, book B-4411.", hidden=("B-4411",)) == ["query shows a value"]


def test_in_another_language_words_are_left_to_the_judge_and_values_are_not(reasons: Callable[..., list[str]]) -> None:
    noise = (Noise(operator="language", detail="German"),)
    german = "Bitte verleihe das Buch Dune an Ada Hill, mein lieber Freund"
    said = QueryDraft(
        text=german,
        mentions=(Mention(of="title", span="Dune"), Mention(of="member_name", span="Ada Hill")),
        sinks=(Mention(of="c1", span="verleihe"),),
    )
    assert check_draft(said, TOOL, (), SPECS, Occasion(noise=noise)) == ()
    assert "query leaves a task out" in [problem.reason for problem in check_draft(said, TOOL, (), SPECS)]
    numbered = said.model_copy(update={"text": f"{german}, und zwar 14 Tage"})
    assert [item.reason for item in check_draft(numbered, TOOL, (), SPECS, Occasion(noise=noise))] == [
        "query adds a fact"
    ]
