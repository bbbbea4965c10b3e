"""What the request does not say, and the system message does."""

from __future__ import annotations

from typing import Any

import pytest

from envs.workspace import WorkspaceDomain
from fr_agents.roles.offline import OfflineReasoning
from fr_agents.roles.offline.profile import Profile
from graphs.messages import system_message, system_message_of, user_message
from graphs.roles import Move, ReasoningView
from tools.spec import ToolSpec

WORLD = WorkspaceDomain().open(WorkspaceDomain().draw(3))
SPECS = {spec.name: spec for spec in WORLD.specs()}


def asked(request: str, system: Any) -> Move:
    view = ReasoningView(tools=WORLD.specs(), messages=(system, user_message(request)), hints=())
    return OfflineReasoning(mistakes=0.0).answer(view)


def test_the_solver_signs_in_with_what_the_system_message_tells() -> None:
    move = asked("Please sign in to the mailbox.", system_message_of(WORLD))
    user, password, _ = (entry.value for entry in WORLD.profile())
    assert [call.arguments for call in move.calls] == [{"user_name": user, "password": password}]


def test_what_the_request_says_goes_before_it() -> None:
    request = 'Please sign in to the mailbox, using the user name of the account "guest".'
    (call,) = asked(request, system_message_of(WORLD)).calls
    assert call.arguments["user_name"] == "guest"


def test_without_it_the_solver_makes_nothing_up() -> None:
    move = asked("Please sign in to the mailbox.", system_message())
    assert not move.calls
    assert move.reply


@pytest.mark.parametrize(
    ("tool", "parameter", "expected"),
    [
        ("sign_in_mail", "user_name", "ann"),
        ("sign_in_mail", "password", "moss-1"),
        ("open_ticket_session", "pin", None),
        ("find_contact", "name", None),
        ("send_message", "subject", None),
    ],
)
def test_a_label_stands_for_the_parameters_that_are_called_like_it(tool: str, parameter: str, expected: Any) -> None:
    told = {
        "User name of the account": "ann",
        "Password of the mailbox (for sign_in_mail)": "moss-1",
        "PIN of the ticket system (for another_tool)": "4711",
    }
    assert Profile(told).value(SPECS[tool], parameter) == expected


def test_a_number_is_read_as_one() -> None:
    schema = {"type": "object", "properties": {"cvv": {"type": "integer", "description": "CVV of the card."}}}
    spec = ToolSpec(name="pay", description="Pay.", parameters=schema, returns={}, effect="write")
    assert Profile({"CVV of the card": "314"}).value(spec, "cvv") == 314
