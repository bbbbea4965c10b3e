"""Offline roles in error turns: what the query says, and how the reasoner gets on after a call that failed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from fr_agents.roles.offline import OfflineQuerying, OfflineReasoning
from fr_agents.roles.offline.conversation import Conversation
from fr_agents.verification.attempts import verify_attempt
from fr_agents.verification.before import Before
from graphs.attempting import begin as begin_attempt
from graphs.attempting import continue_attempt, finish
from graphs.failing import with_failure
from graphs.messages import assistant_message, told, tool_message, user_message
from graphs.records.flags import flags_of
from graphs.records.query import HardQuery
from graphs.records.trajectory import RecordedCall, Turn
from graphs.roles import Move, QueryingView, ReasoningView
from graphs.validation.query import check_draft, hidden_values
from tools.advanced import signature
from tools.base import JsonObject
from tools.call import Observation, ToolCall, ToolError
from tools.pools import Pools
from tools.spec import ToolSpec
from tools.trace import Trace

CITY = {"type": "string", "description": "City, by its name."}
FILE = {"type": "string", "description": "Name of the file."}
OTHER_FILE = {"type": "string", "description": "Name of the other file."}
FOLDER = {"type": "string", "description": "Name of the folder."}
TOOLS = (
    ToolSpec(
        name="zip",
        description="Look up the zip code of a city.",
        parameters={"type": "object", "properties": {"city": CITY}, "required": ["city"]},
        returns={"type": "object", "properties": {"zip_code": {"type": "string"}}},
    ),
    ToolSpec(
        name="cities",
        description="List the cities that have an airport.",
        parameters={"type": "object", "properties": {}},
        returns={
            "type": "object",
            "properties": {
                "cities": {"type": "array", "items": {"type": "object", "properties": {"city": {"type": "string"}}}}
            },
        },
    ),
    ToolSpec(
        name="diff",
        description="Compare two files of the current directory.",
        parameters={"type": "object", "properties": {"one": FILE, "other": OTHER_FILE}, "required": ["one", "other"]},
        returns={"type": "object", "properties": {}},
    ),
    ToolSpec(
        name="ls",
        description="List the current directory.",
        parameters={"type": "object", "properties": {}},
        returns={"type": "array", "items": {"type": "string"}},
    ),
    ToolSpec(
        name="mkdir",
        description="Make a folder.",
        parameters={"type": "object", "properties": {"folder": FOLDER}, "required": ["folder"]},
        returns={"type": "object", "properties": {}},
        effect="write",
    ),
    ToolSpec(
        name="cd",
        description="Change the current directory.",
        parameters={"type": "object", "properties": {"folder": FOLDER}, "required": ["folder"]},
        returns={"type": "object", "properties": {}},
        effect="write",
    ),
    ToolSpec(
        name="send",
        description="Send a letter.",
        parameters={
            "type": "object",
            "properties": {"text": {"type": "string", "description": "Text of the letter."}},
            "required": ["text"],
        },
        returns={"type": "object", "properties": {}},
        effect="write",
    ),
    ToolSpec(
        name="login",
        description="Sign in to the post office.",
        parameters={"type": "object", "properties": {}},
        returns={"type": "object", "properties": {}},
        effect="write",
    ),
)
ZIP_REQUEST = 'Please look up the zip code of a city, using the city "Rivermst".'
SEND_REQUEST = 'Please send a letter, using the text of the letter "Good morning". Also, sign in to the post office.'


class Correspondence:
    """A reasoner at work on a request, whose calls are answered by hand."""

    def __init__(self, request: str) -> None:
        self.messages: list[JsonObject] = [user_message(request)]
        self._number = 0

    def move(self) -> Move:
        view = ReasoningView(tools=TOOLS, messages=tuple(self.messages), hints=())
        return OfflineReasoning(mistakes=0.0).answer(view)

    def answered(self, *answers: Any) -> Move:
        """The move after the last one's calls were answered so; an exception is an error."""
        before = self.move()
        calls = []
        for wanted in before.calls:
            self._number += 1
            calls.append(ToolCall(id=f"c{self._number}", name=wanted.name, arguments=wanted.arguments))
        self.messages.append(assistant_message(before.thought, "", calls))
        for call, answer in zip(calls, answers, strict=True):
            error = ToolError(kind="failed", message=str(answer)) if isinstance(answer, Exception) else None
            content = None if error else answer
            self.messages.append(tool_message(Observation(call_id=call.id, content=content, error=error)))
        return self.move()


def called(move: Move) -> list[tuple[str, JsonObject]]:
    return [(call.name, call.arguments) for call in move.calls]


UNKNOWN = ValueError("There is no city named 'Rivermst'.")


def test_a_name_that_nobody_knows_is_looked_for_and_mended() -> None:
    talk = Correspondence(ZIP_REQUEST)
    looking = talk.answered(UNKNOWN)
    assert called(looking) == [("cities", {})]
    assert looking.thought == 'There is no city called "Rivermst", so I look at what there is.'
    again = talk.answered({"cities": [{"city": "Stonebrook"}, {"city": "Rivermist"}]})
    assert called(again) == [("zip", {"city": "Rivermist"})]
    assert again.thought.startswith('"Rivermst" must mean "Rivermist". Now I can look up')
    last = talk.answered({"zip_code": "83214"})
    assert last.reply == 'I took "Rivermst" to mean "Rivermist". Zip code: 83214.'


@pytest.mark.parametrize(
    "cities", [["Stonebrook"], ["Rivermist", "Rivermost"], ["Rivermst"]], ids=["none", "two", "that very one"]
)
def test_where_no_other_name_can_be_meant_it_gives_up(cities: list[str]) -> None:
    talk = Correspondence(ZIP_REQUEST)
    talk.answered(UNKNOWN)
    last = talk.answered({"cities": [{"city": city} for city in cities]})
    assert (called(last), last.reply) == ([], "I could not finish this: There is no city named 'Rivermst'.")


DIFF_REQUEST = (
    'Please compare two files of the current directory, using the name of the file "old.txt" and the name of the other '
    'file "nwe.txt".'
)


@pytest.mark.parametrize(
    "error", ["old.txt or nwe.txt: No such file", "It went wrong."], ids=["says both", "says none"]
)
def test_of_two_names_the_one_that_is_not_there_is_mended(error: str) -> None:
    talk = Correspondence(DIFF_REQUEST)
    assert called(talk.answered(ValueError(error))) == [("ls", {})]
    again = talk.answered(["old.txt", "new.txt", "notes.md"])
    assert called(again) == [("diff", {"one": "old.txt", "other": "new.txt"})]
    assert talk.answered({}).reply.startswith('I took "nwe.txt" to mean "new.txt".')


def test_what_another_task_makes_is_waited_for() -> None:
    talk = Correspondence(
        'Please change the current directory, using the name of the folder "drafts". '
        'Also, make a folder, using the name of the folder "drafts".'
    )
    assert [name for name, _ in called(talk.move())] == ["cd", "mkdir"]
    again = talk.answered(ValueError("There is no folder 'drafts'."), {})
    assert called(again) == [("cd", {"folder": "drafts"})]


def test_what_fails_is_tried_again_once_after_the_rest() -> None:
    talk = Correspondence(SEND_REQUEST)
    assert [name for name, _ in called(talk.move())] == ["send", "login"]
    again = talk.answered(ValueError("Sign in first."), {})
    assert called(again) == [("send", {"text": "Good morning"})]
    assert again.thought.startswith("That does not work yet: Sign in first. What was missing may be there by now")
    last = talk.answered({})
    assert last.reply == "Send a letter: done. Sign in to the post office: done."


def test_what_fails_twice_is_given_up() -> None:
    talk = Correspondence(SEND_REQUEST)
    talk.answered(ValueError("Sign in first."), {})
    last = talk.answered(ValueError("The post office is closed."))
    assert (called(last), last.reply) == ([], "I could not finish this: The post office is closed.")


def test_where_nothing_changes_it_does_not_try_again() -> None:
    talk = Correspondence('Please send a letter, using the text of the letter "Good morning".')
    last = talk.answered(ValueError("The post office is closed."))
    assert last.reply == "I could not finish this: The post office is closed."


def test_a_conversation_tells_what_failed_and_what_changed_since() -> None:
    talk = Correspondence(SEND_REQUEST)
    talk.answered(ValueError("Sign in first."), {})
    conversation = Conversation.of(talk.messages)
    (failed,) = conversation.failures
    assert (failed.name, failed.error) == ("send", "Sign in first.")
    assert [call.name for call in conversation.latest] == ["send", "login"]
    assert conversation.failed(failed.key)
    assert conversation.changed_since(failed.key, {"login"})
    assert not conversation.changed_since(failed.key, {"send"})
    later = Conversation.of([*talk.messages, user_message("And now?")])
    assert (later.request, later.calls, later.earlier) == ("And now?", [], [("login", {})])


@pytest.fixture(scope="module")
def errors(sampled: Any, context: Any) -> list[tuple[Any, Trace]]:
    """Sampled turns as error turns, as far as something realistic can fail in them."""
    found = []
    for turn in sampled:
        job = turn.task.job
        calls = [step.call for step in turn.task.history]
        trace = turn.task.trace.model_copy(update={"goals": turn.turn.goals})
        with context.worlds.branch(context.world_of(job), calls) as lease:
            pools = Pools(lease.world.known_values())
            graph, talk = context.api_graph(job), told(turn.task.messages)
            made = [with_failure(lease.world, trace, graph, pools, talk, random.Random(seed)) for seed in range(2)]
        found += [(turn, item) for at, item in enumerate(made) if item is not None and item not in made[:at]]
    return found


@pytest.fixture(scope="module")
def asked(errors: list[tuple[Any, Trace]]) -> list[tuple[Any, Trace, HardQuery]]:
    """Error turns with their queries, each of which says all that it must and shows nothing else."""
    found = []
    for turn, trace in errors:
        specs = {spec.name: spec for spec in turn.tools}
        tool = signature(trace, specs)
        hidden = hidden_values(trace.looked_up(), tool)
        view = QueryingView(
            advanced_tool=tool,
            trace=trace,
            tools=turn.tools,
            hidden=hidden,
            noise=turn.turn.hard_query.noise,
            earlier_messages=turn.task.messages,
            feedback=(),
        )
        draft = OfflineQuerying().answer(view)
        assert check_draft(draft, tool, hidden, specs) == ()
        found.append((turn, trace, HardQuery(**draft.plain(), hidden=hidden)))
    return found


def test_a_slip_is_said_as_a_plain_value(asked: list[tuple[Any, Trace, HardQuery]]) -> None:
    slips = 0
    for _, trace, query in asked:
        for step in trace.steps:
            for origin in step.origins.values():
                if origin.selector is not None and origin.selector.kind == "nearest":
                    slips += 1
                    assert f'"{origin.selector.value}"' in query.text
    assert slips


def test_what_is_tried_too_early_is_asked_for_first(asked: list[tuple[Any, Trace, HardQuery]]) -> None:
    early = 0
    for _, trace, query in asked:
        signatures = [step.call.signature for step in trace.steps]
        again = [step for at, step in enumerate(trace.steps) if step.call.signature in signatures[:at]]
        for step in again:
            order = [mention.of for mention in query.sinks]
            between = [sink.call.id for sink in trace.sinks() if signatures.index(sink.call.signature) > 0]
            early += order.index(step.call.id) < max(order.index(call_id) for call_id in between)
    assert early


async def test_the_reasoner_recovers_and_verification_agrees(
    asked: list[tuple[Any, Trace, HardQuery]], context: Any
) -> None:
    assert len(asked) >= 4
    for turn, trace, query in asked:
        task = turn.task.model_copy(update={"trace": trace, "query": query.plain()})
        solving = begin_attempt(task, (), (), context)
        while not solving.over:
            solving = await continue_attempt(solving, task, context)
        attempt = finish(solving, task, context)
        assert attempt.passed, (query.text, [verdict.reason for verdict in attempt.verdicts])
        assert any(step.observation.failed for step in attempt.steps)
        recorded = turn.turn.model_copy(
            update={
                "query": query.text,
                "gold_steps": trace.steps,
                "gold_calls": RecordedCall.of(trace.steps),
                "steps": attempt.steps,
                "attempts": (attempt,),
            }
        )
        assert flags_of([recorded]) == ("error_tool_response",)
        assert list(verified(recorded, turn, context)) == []


def verified(turn: Turn, sampled: Any, context: Any) -> Any:
    task = sampled.task
    with context.worlds.branch(context.world_of(task.job), [step.call for step in task.history]) as lease:
        specs = {spec.name: spec for spec in sampled.tools}
        before = Before(start=lease.world, history=task.history, messages=task.messages, specs=specs)
        yield from verify_attempt("accepted", turn.attempts[0], turn, before)


def test_turns_without_a_failure_bear_no_flag(sampled: Any) -> None:
    assert flags_of(turn.turn for turn in sampled) == ()
