"""What the reasoner takes from earlier turns: the entry that is meant, and in a list where the parameter takes one."""

from __future__ import annotations

import pytest

from fr_agents.roles.offline import OfflineReasoning
from graphs.messages import assistant_message, tool_message, user_message
from graphs.roles import ReasoningView
from tools.base import Json, JsonObject
from tools.call import Observation, ToolCall
from tools.spec import ToolSpec

TEXT: JsonObject = {"type": "string"}
CONTACT_ID: JsonObject = {"type": "string", "description": "ID of the contact."}
CONTACT: JsonObject = {
    "type": "object",
    "properties": {"contact_id": CONTACT_ID, "desk": TEXT, "age": {"type": "integer"}},
}


def spec(name: str, description: str, parameters: JsonObject, returns: JsonObject) -> ToolSpec:
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    return ToolSpec(name=name, description=description, parameters=schema, returns=returns)


TOOLS = (
    spec("find", "Find a colleague.", {}, CONTACT),
    spec(
        "team", "List the team.", {}, {"type": "object", "properties": {"people": {"type": "array", "items": CONTACT}}}
    ),
    spec("call", "Call a colleague.", {"contact_id": CONTACT_ID}, {"type": "object"}),
    spec(
        "invite",
        "Invite colleagues.",
        {"contact_ids": {"type": "array", "items": CONTACT_ID, "description": "IDs of the contacts."}},
        {"type": "object"},
    ),
)
PEOPLE = [
    {"contact_id": "CT-1", "desk": "north", "age": 30},
    {"contact_id": "CT-2", "desk": "south", "age": 50},
    {"contact_id": "CT-3", "desk": "west", "age": 40},
]


def asked(tool: str, content: Json, request: str) -> list[tuple[str, JsonObject]]:
    """The calls for a request after a turn in which a tool returned something."""
    call = ToolCall(id="c1", name=tool, arguments={})
    messages = (
        user_message("What do you know?"),
        assistant_message("", "", [call]),
        tool_message(Observation(call_id="c1", content=content)),
        assistant_message("", "That is all.", []),
        user_message(request),
    )
    move = OfflineReasoning(mistakes=0.0).answer(ReasoningView(tools=TOOLS, messages=messages, hints=()))
    return [(wanted.name, wanted.arguments) for wanted in move.calls]


def test_an_earlier_value_is_put_into_a_list_where_one_is_taken() -> None:
    request = "Please invite colleagues, using the IDs of the contacts from before."
    assert asked("find", PEOPLE[0], request) == [("invite", {"contact_ids": ["CT-1"]})]


@pytest.mark.parametrize(
    ("words", "meant"),
    [('whose desk is "south"', "CT-2"), ("with the lowest age", "CT-1"), ("with the highest age", "CT-2")],
)
def test_an_entry_of_an_earlier_list_is_the_one_that_the_request_picks(words: str, meant: str) -> None:
    request = f"Please call a colleague, using the contact from before {words}."
    assert asked("team", {"people": PEOPLE}, request) == [("call", {"contact_id": meant})]


def test_an_entry_that_is_not_picked_is_not_guessed() -> None:
    assert asked("team", {"people": PEOPLE}, "Please call a colleague, using the contact from before.") == []
