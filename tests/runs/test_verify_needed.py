"""The independent proof that gold calls are needed: turns of a real world, with calls that nobody needs among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.workspace import WorkspaceDomain
from envs.world import World
from fr_agents.verification.before import Before
from fr_agents.verification.gold import verify_gold
from fr_agents.verification.needed import verify_needed
from graphs.execution import Recorder, grouped
from graphs.messages import user_message
from graphs.records import AdvancedTool, Attempt, HardQuery, RecordedCall, Turn
from tools.base import Json, JsonObject
from tools.call import ToolCall
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.trace import Step

Calls = list[tuple[str, JsonObject]]
Check = Callable[..., list[str]]

SIGN_IN = ("sign_in_mail", {"user_name": "owen.gallagher", "password": "amber-harvest-80"})
CREATE = ("create_file", {"name": "Plan.docx", "text": "First version."})
FIND = ("find_contact", {"name": "Leila Haddad"})
# Arguments that begin with "<" are taken from an earlier call of the turn: its tool and the path in its result.
SHARE = ("share_file", {"file_id": "<create_file.file_id"})
LINK = ("send_file_link", {"file_id": "<create_file.file_id", "contact_id": "<find_contact.contact_id"})
READS: Calls = [
    ("list_events", {}),
    ("get_room_code", {"room_name": "Compass"}),
    ("search_files", {"keyword": "Launch"}),
    ("find_contact", {"name": "Nora Feldman"}),
]


@pytest.fixture(scope="module")
def start() -> World:
    domain = WorkspaceDomain()
    return domain.open(domain.draw(1))


def executed(start: World, calls: Calls) -> tuple[Step, ...]:
    """The calls as steps, their values looked up and with origins."""
    recorder, contents, done = Recorder(start.fork()), dict[str, tuple[str, Json]](), list[Step]()
    for number, (tool, given_) in enumerate(calls):
        arguments, origins = {}, {}
        for name, value in given_.items():
            arguments[name], origins[name] = value, ArgumentOrigin(kind="query")
            if str(value).startswith("<"):
                producer, _, path = str(value)[1:].partition(".")
                call_id, content = contents[producer]
                arguments[name] = resolve(content, path)
                origins[name] = ArgumentOrigin(kind="observation", source=call_id, path=path)
        step = recorder.run(ToolCall(id=f"g{number}", name=tool, arguments=arguments), origins)
        contents[tool] = (step.call.id, step.observation.content)
        done.append(step)
    return grouped(done)


def turn_of(steps: tuple[Step, ...], query: str, requested: tuple[str, ...]) -> Turn:
    attempt = Attempt(index=0, steps=steps, messages=(), reply="Done.", public_hash="", verdicts=())
    return Turn(
        query=query,
        target_tool=steps[-1].call.name,
        advanced_tool=AdvancedTool(name="", description="", inputs=(), sinks=(), covered=()),
        hard_query=HardQuery(text=query, mentions=(), sinks=(), hidden=()),
        gold_calls=RecordedCall.of(steps),
        gold_steps=steps,
        goals=(steps[-1].call.id,),
        requested=requested,
        calls=RecordedCall.of(steps),
        steps=steps,
        attempts=(attempt,),
        hints=(),
        verdicts=(),
        depth=1,
        replay_hash="",
    )


@pytest.fixture(scope="module")
def found(start: World) -> Check:
    """What verifying the need of calls finds; ``query`` and ``earlier`` are what the conversation says."""

    def check(calls: Calls, query: str = "Please.", earlier: str = "", requested: tuple[str, ...] = ()) -> list[str]:
        turn = turn_of(executed(start, calls), query, requested)
        return list(verify_needed(turn, before(start, earlier)))

    return check


def before(start: World, earlier: str = "") -> Before:
    specs = {spec.name: spec for spec in start.specs()}
    return Before(start=start, history=(), messages=(user_message(earlier),), specs=specs)


@pytest.mark.parametrize(
    "calls", [[CREATE, SHARE], [SIGN_IN, CREATE, FIND, LINK], [FIND, SIGN_IN, CREATE, SHARE, LINK]]
)
def test_values_states_and_changes_make_a_call_needed(found: Check, calls: Calls) -> None:
    assert found(calls) == []


def test_a_read_is_needed_only_if_it_is_asked_for(found: Check) -> None:
    assert found([CREATE, ("list_events", {})]) == ["gold call list_events is not needed"]
    assert found([CREATE, ("list_events", {})], requested=("g1",)) == []


@given(place=st.integers(0, 5), read=st.sampled_from(READS))
@settings(max_examples=20, deadline=None)
def test_padding_is_found_wherever_it_stands(found: Check, place: int, read: tuple[str, Any]) -> None:
    calls = [SIGN_IN, CREATE, FIND, LINK, SHARE]
    padded = [*calls[:place], read, *calls[place:]]
    if read[0] == "find_contact" and place == 3:
        assert found(padded) == ["gold call find_contact is not needed"], "the link goes to whom was found last"
    else:
        assert found(padded) == [f"gold call {read[0]} is not needed"]


@pytest.mark.parametrize("where", ["query", "earlier"])
def test_what_the_conversation_says_is_not_looked_up(start: World, found: Check, where: str) -> None:
    calls = [SIGN_IN, CREATE, FIND, LINK]
    contact = executed(start, calls)[2].observation.content["contact_id"]
    assert found(calls, **{where: f"Leila is {contact}."}) == ["gold call find_contact is not needed"]


def test_what_two_calls_show_needs_only_one_of_them(found: Check) -> None:
    search = ("search_files", {"keyword": "Plan"})
    assert found([CREATE, search, SHARE]) == ["gold call search_files is not needed"]


def test_a_call_that_undoes_another_one_is_found(found: Check) -> None:
    calls: Calls = [CREATE, SIGN_IN, ("sign_out_mail", {})]
    assert "gold call sign_out_mail brings back a state that the turn had left" in found(calls)
    back: Calls = [SIGN_IN, ("sign_out_mail", {}), SIGN_IN, ("list_messages", {})]
    problems = found(back, requested=("g3",))
    assert problems.count("gold call sign_in_mail brings back a state that the turn had left") == 1


def test_a_call_that_failed_is_in_nobody_s_way_and_what_mends_it_is_needed(start: World, found: Check) -> None:
    messages: tuple[str, JsonObject] = ("list_messages", {})
    calls: Calls = [messages, SIGN_IN, messages]
    assert executed(start, calls)[0].observation.failed
    assert found(calls, requested=("g2",)) == []


def failures(start: World, calls: Calls, **changes: Any) -> list[str]:
    steps = executed(start, calls)
    steps = (steps[0].model_copy(update=changes), *steps[1:])
    return [
        problem for problem in verify_gold(turn_of(steps, "Please.", ("g2",)), before(start)) if " fails" in problem
    ]


def test_a_gold_call_may_fail_where_a_later_one_makes_up_for_it(start: World) -> None:
    messages: tuple[str, JsonObject] = ("list_messages", {})
    assert failures(start, [messages, SIGN_IN, messages]) == []
    gone = failures(start, [messages, SIGN_IN, FIND])
    assert gone == ["gold call list_messages fails, and no later one makes up for it"]
    changed = failures(start, [messages, SIGN_IN, messages], replay_hash="0" * 64)
    assert changed == ["gold call list_messages fails and changes the state"]


@pytest.mark.parametrize(("said", "holds"), [("Leila Hadad", True), ("Priya Ramann", False), ("Nobody", False)])
def test_the_name_that_a_slip_stands_for_is_looked_up_again(start: World, said: str, holds: bool) -> None:
    slip: tuple[str, JsonObject] = ("find_contact", {"name": "Leila Hadad"})
    calls: Calls = [SIGN_IN, slip, ("list_messages", {}), FIND, CREATE, LINK]
    steps = list(executed(start, calls))
    meant = Selector(kind="nearest", field="correspondent", value=said)
    found_name = ArgumentOrigin(kind="observation", source="g2", path="messages.*.correspondent", selector=meant)
    steps[3] = steps[3].model_copy(update={"origins": {"name": found_name}})
    turn = turn_of(grouped(steps), "Send my plan to Leila Hadad.", ())
    unproven = [problem for problem in verify_gold(turn, before(start)) if "name of find_contact" in problem]
    assert (unproven == []) == holds, unproven
    assert list(verify_needed(turn, before(start))) == []
    assert "gold call list_messages is not needed" in verify_needed(
        turn.model_copy(update={"query": "Send my plan to Leila Haddad."}), before(start)
    )
