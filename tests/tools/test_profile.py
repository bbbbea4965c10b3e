"""What the system message tells of the user is never said in a request."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tools.binding import Binding, bind
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints
from tools.needs import Needs
from tools.pools import KnownValue, Pools
from tools.profile import ProfileEntry, is_secret
from tools.supply import Supply

TEXT = {"type": "string"}
KNOWN = tuple(
    KnownValue(parameter=name, value=value)
    for name, value in (
        ("user_name", "ann"),
        ("user_name", "bob"),
        ("password", "moss-1"),
        ("password", "fern-2"),
        ("city", "Rome"),
        ("voucher", "V-1"),
    )
)
PROFILE = (
    ProfileEntry(label="user name", value="ann", parameters=("sign_in.user_name",)),
    ProfileEntry(label="password", value="moss-1", parameters=("password",)),
    ProfileEntry(label="voucher", value="V-1", parameters=("voucher",)),
)


@pytest.fixture(scope="session")
def graph(make: Any) -> ApiGraph:
    specs = [
        make.spec("sign_in", {"user_name": TEXT, "password": TEXT}, effect="write"),
        make.spec("find_user", {"user_name": TEXT}),
        make.spec("visit", {"city": TEXT, "voucher": TEXT}, required=["city"]),
        make.spec("get_voucher", {}),
        make.spec("use_voucher", {"voucher": TEXT}),
        make.spec("enter", {"pin": TEXT}),
        make.spec("get_pin", {}),
        make.spec("unlock", {"pin": TEXT}),
    ]
    edges = [
        Edge(producer="get_voucher", consumer="use_voucher", parameter="voucher", path="voucher", kind="offers"),
        Edge(producer="get_pin", consumer="unlock", parameter="pin", path="pin", kind="offers"),
    ]
    return ApiGraph(specs, edges)


def needs(graph: ApiGraph, profile: tuple[ProfileEntry, ...] | None = PROFILE, **limits: Any) -> Needs:
    pools = Pools(KNOWN, profile)
    return Needs(graph, pools, ("tests",), implicit=1.0, optional=1.0, constraints=Constraints(**limits))


def bound(graph: ApiGraph, tool: str, **limits: Any) -> Binding | None:
    found = needs(graph, **limits)
    return bind(Supply(needs=found, steps=(), constraints=found.constraints), tool, random.Random(0))


@pytest.mark.parametrize(
    "name",
    [
        *("password", "userPassword", "pin", "pin_code", "cvv", "card_number", "cardNumber"),
        *("card_verification_number", "passport_number", "client_secret", "api_key"),
        *("access_token", "refresh_token", "token"),
    ],
)
def test_what_nobody_says_in_a_chat_is_told_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name", ["user_name", "pinned", "card_id", "card_label", "number", "key", "max_tokens", "order_number", "passport"]
)
def test_other_names_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


def test_arguments_that_the_system_message_tells_come_from_it(graph: ApiGraph) -> None:
    found = bound(graph, "sign_in")
    assert found is not None
    assert found.arguments == {"user_name": "ann", "password": "moss-1"}
    assert {origin.kind for origin in found.origins.values()} == {"profile"}


def test_it_tells_them_for_its_own_parameters_only(graph: ApiGraph) -> None:
    found = bound(graph, "find_user")
    assert found is not None
    assert found.origins["user_name"].kind == "query"


def test_neither_a_plan_nor_a_proposal_puts_another_value_in_their_place(graph: ApiGraph) -> None:
    for limits in ("said", "suggested"):
        found = bound(graph, "sign_in", **{limits: {("sign_in", "password"): "fern-2"}})
        assert found is not None
        assert found.arguments["password"] == "moss-1"


def test_nobody_asks_for_an_optional_argument_that_only_the_system_message_tells(graph: ApiGraph) -> None:
    assert needs(graph).of("visit").given == {"city"}
    assert needs(graph, None).of("visit").given == {"city", "voucher"}


def test_what_it_tells_is_not_looked_up_unless_a_plan_wants_that(graph: ApiGraph) -> None:
    assert needs(graph).of("use_voucher").given == {"voucher"}
    assert needs(graph, None).of("use_voucher").produced == {"voucher"}


def test_a_secret_that_it_does_not_tell_comes_from_a_tool_or_not_at_all(graph: ApiGraph) -> None:
    assert bound(graph, "enter") is None
    assert needs(graph).of("unlock").produced == {"pin"}


def test_what_does_not_hold_any_more_is_not_taken_from_it(graph: ApiGraph) -> None:
    used_up = [item for item in KNOWN if item.value != "moss-1"]
    assert Pools(used_up, PROFILE).candidates("sign_in", "password", TEXT, random.Random(0)) == []
