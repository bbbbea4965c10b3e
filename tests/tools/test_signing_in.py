"""Which tools open a session."""

from __future__ import annotations

from typing import Any

import pytest

from tools.signing_in import signs_in

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    "name", ["login", "message_login", "authenticate_twitter", "logIn", "sign_in", "signIn", "log_in", "logon_user"]
)
def test_a_tool_is_told_by_its_verb(make: Any, name: str) -> None:
    assert signs_in(make.spec(name, effect="write"))


@pytest.mark.parametrize("parameter", ["password", "card_pin", "client_secret", "userPassphrase"])
def test_a_tool_is_told_by_the_credentials_that_it_takes(make: Any, parameter: str) -> None:
    assert signs_in(make.spec("begin", {"user": TEXT, parameter: TEXT}, effect="write"))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("sign_document", ("document_id",)),
        ("log_workout", ("minutes",)),
        ("send_message", ("receiver_id", "access_token")),
        ("reset", ("password_hint",)),
    ],
)
def test_other_tools_open_none(make: Any, name: str, parameters: tuple[str, ...]) -> None:
    assert not signs_in(make.spec(name, dict.fromkeys(parameters, TEXT), effect="write"))


@pytest.mark.parametrize("name", ["check_login_status", "sign_in_hint", "begin"])
def test_what_only_reads_opens_none(make: Any, name: str) -> None:
    assert not signs_in(make.spec(name, {"password": TEXT}))
