"""What a turn has shown: numbers that bear on a parameter, names, and to whom a call goes."""

from __future__ import annotations

from typing import Any

import pytest

from tools.origin import ArgumentOrigin
from tools.seen import Seen
from tools.spec import ToolSpec
from tools.trace import Step

SAID = ArgumentOrigin(kind="query")
MONEY = {"type": "number", "description": "Sum in USD."}


@pytest.fixture
def specs(make: Any) -> dict[str, ToolSpec]:
    text, number = {"type": "string"}, {"type": "number"}
    person = {**text, "description": "Name of the colleague."}
    tools = [
        make.spec("get_quote", {"symbol": text}, make.result(price=number, volume=number)),
        make.spec("get_account", {}, make.result(balance=number, account_id=number)),
        make.spec("get_zip", {"city": text}, make.result(zip_code=text)),
        make.spec("find_contact", {"name": person}, make.result(contact_id=text)),
        make.spec("list_events", {}, make.rows("events", title=text, room=text, date=text, status=text)),
        make.spec("sign_in", {"user_name": text, "password": text}, make.result(session=text), effect="write"),
        make.spec("send", {"contact_id": text, "message": text}, make.result(sent=text)),
    ]
    return {spec.name: spec for spec in tools}


def said(make: Any, number: str, tool: str, content: Any, **arguments: Any) -> Step:
    step: Step = make.step(number, tool, content, arguments, dict.fromkeys(arguments, SAID))
    return step


def test_the_number_of_the_same_thing_counts_and_no_other_thing_s(make: Any, specs: dict[str, ToolSpec]) -> None:
    steps = [
        said(make, "1", "get_quote", {"price": 20.5, "volume": 7.0}, symbol="ZETA"),
        said(make, "2", "get_quote", {"price": 90.0, "volume": 3.0}, symbol="ALPH"),
    ]
    seen = Seen(specs, steps)
    values = [(figure.value, role) for figure, role in seen.numbers("order", "price", MONEY, {"symbol": "ZETA"})]
    assert values == [(20.5, "same")]
    newest_first = [figure.value for figure, _ in seen.numbers("order", "price", MONEY)]
    assert newest_first == [90.0, 20.5]


def test_this_turn_s_numbers_come_before_those_of_earlier_turns(make: Any, specs: dict[str, ToolSpec]) -> None:
    earlier = [said(make, "1", "get_quote", {"price": 20.5}, symbol="ZETA")]
    now = [said(make, "2", "get_quote", {"price": 21.0}, symbol="ZETA")]
    assert [figure.value for figure, _ in Seen(specs, now, earlier).numbers("order", "price", MONEY)] == [21.0, 20.5]


@pytest.mark.parametrize(
    ("tool", "parameter", "field", "role"),
    [
        ("withdraw_funds", "amount", "balance", "at_most"),
        ("fund_account", "amount", "balance", None),
        ("fund_account", "amount", "total_cost", "at_least"),
        ("top_up_card", "amount", "price", "at_least"),
        ("pay_bill", "amount", "amount_due", "at_least"),
        ("set_budget", "budget_limit", "travel_cost", "at_least"),
        ("file_claim", "amount", "coverage", "at_most"),
        ("file_claim", "amount", "balance", None),
        ("purchase_insurance", "insurance_cost", "travel_cost", "fraction"),
        ("order", "price", "fare", "same"),
        ("order", "price", "zip_code", None),
        ("climate", "temperature", "current_temperature", "same"),
        ("climate", "temperature", "humidity", None),
        ("watch", "threshold", "percent_change", "same"),
    ],
)
def test_how_a_number_bears_on_a_parameter(make: Any, tool: str, parameter: str, field: str, role: str | None) -> None:
    description = "Percentage change that counts." if parameter == "threshold" else "How much."
    seen = Seen({"look": make.spec("look")}, [make.step("1", "look", {field: 12.5})])
    found = seen.numbers(tool, parameter, {"type": "number", "description": description})
    assert [how for _, how in found] == ([role] if role else [])


def test_numbers_in_other_units_bear_on_nothing(make: Any) -> None:
    look = make.spec("look", {}, make.result(distance={"type": "number", "description": "Distance in km."}))
    seen = Seen({"look": look}, [make.step("1", "look", {"distance": 750.0})])
    assert seen.numbers("drive", "distance", {"type": "number", "description": "Distance in miles."}) == []
    assert len(seen.numbers("drive", "distance", {"type": "number", "description": "Distance in km."})) == 1


def test_a_failed_call_and_an_unknown_tool_show_what_they_can(make: Any) -> None:
    assert Seen({}, [make.step("1", "gone", {"price": 3.5})]).numbers("order", "price", MONEY)[0][0].value == 3.5
    assert Seen({}, [make.step("1", "gone", ["a", 2, None, True])]).entities() == ()


def test_names_are_what_the_user_said_and_what_results_show_newest_first(make: Any, specs: dict[str, ToolSpec]) -> None:
    events = {"events": [{"title": "Budget review", "room": "Birch", "date": "2026-03-04", "status": "open"}]}
    seen = Seen(
        specs,
        [
            said(make, "2", "get_zip", {"zip_code": "83214"}, city="Rivermist"),
            said(make, "3", "list_events", events),
        ],
        [said(make, "1", "find_contact", {"contact_id": "CT-1"}, name="Nora Feldman")],
    )
    assert seen.entities() == ("Budget review", "Birch", "Rivermist", "Nora Feldman")
    assert {entity.name for entity in seen.named if not entity.known} == {"Budget review", "Birch"}


def test_secrets_accounts_codes_and_sentences_are_no_names(make: Any, specs: dict[str, ToolSpec]) -> None:
    seen = Seen(
        specs,
        [
            said(make, "1", "sign_in", {"session": "Open"}, user_name="Maya", password="Lantern-48-moss"),
            said(make, "2", "get_zip", {"zip_code": "SFO"}, city="SFO"),
            said(make, "3", "get_zip", {}, city="83214"),
            said(make, "4", "find_contact", {}, name="quiet_kitchen"),
            said(make, "5", "send", {}, contact_id="CT-9", message="Rivermist is lovely in spring"),
        ],
    )
    assert seen.entities() == ()


def test_a_value_that_a_tool_gave_is_not_said_by_the_user(make: Any, specs: dict[str, ToolSpec]) -> None:
    looked_up = ArgumentOrigin(kind="observation", source="0", path="home_city")
    assert Seen(specs, [make.step("1", "get_zip", {}, {"city": "Rivermist"}, {"city": looked_up})]).entities() == ()


def test_a_call_goes_to_the_person_whose_look_up_gave_its_argument(make: Any, specs: dict[str, ToolSpec]) -> None:
    steps = [
        said(make, "1", "find_contact", {"contact_id": "CT-1"}, name="Nora Feldman"),
        said(make, "2", "find_contact", {"contact_id": "CT-2"}, name="Diego Fuentes"),
    ]
    seen = Seen(specs, steps)
    assert seen.addressee({"contact_id": "CT-1"}) == "Nora Feldman"
    assert seen.addressee({"recipient": "Diego Fuentes"}) == "Diego Fuentes"
    assert seen.addressee({"contact_id": "CT-7"}) is None


def test_the_latest_date_is_that_of_any_result(make: Any) -> None:
    steps = [
        make.step("1", "a", {"rows": [{"sent_on": "2026-02-03"}, {"at": "2026-05-01 10:00:00"}]}),
        make.step("2", "b"),
    ]
    assert Seen({}, steps).latest_date == "2026-05-01"
    assert Seen({}, [make.step("1", "a", {"note": "on 2026-02-03", "day": "2026-13-45"})]).latest_date is None
