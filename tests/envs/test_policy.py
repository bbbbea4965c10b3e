"""Rules of the house: calls that break one succeed, and are told from those that keep it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from envs.aliased import AliasedEnvironment
from envs.environment import WorldSpec
from envs.policy import Rule
from envs.toolkit import ToolkitEnvironment, tool
from envs.travel import TravelDomain
from envs.workspace import WorkspaceDomain
from envs.world import World
from tools.base import Json, JsonObject
from tools.call import ToolCall


class Till(ToolkitEnvironment):
    """Nothing is taken out of a till that would leave less than 100 in it."""

    name = "till"

    @tool(effect="write")
    def take(self, amount: int) -> int:
        """Take money out of the till.

        Args:
            amount: Amount to take.
        """
        if amount > self.data["sum"]:
            raise self.fail("There is not so much in it.")
        self.data["sum"] -= amount
        return int(self.data["sum"])

    @tool(effect="read")
    def count(self) -> int:
        """Count what is in the till."""
        return int(self.data["sum"])

    def policy(self) -> tuple[Rule, ...]:
        def too_much(arguments: JsonObject, left: Json) -> bool:
            return bool(left < 100 or self.data["sum"] - arguments["amount"] < 100)

        return (Rule(name="float", text="At least 100 USD stay in the till.", tools=("take",), broken=too_much),)


def call(tool: str, /, **arguments: Any) -> ToolCall:
    return ToolCall(id="call", name=tool, arguments=arguments)


def till(environment: Any = None, tools: tuple[str, ...] = ()) -> World:
    state = {"till": {"sum": 250}}
    spec = WorldSpec(name="w", version="1", seed=0, environments=("till",), initial_state=state, tools=tools)
    world = World(spec, [environment or Till()])
    world.reset()
    return world


def test_a_call_is_judged_by_the_state_before_it_and_changes_nothing() -> None:
    world = till()
    before = world.replay_hash()
    assert world.broken_rule(call("take", amount=200)) == "At least 100 USD stay in the till."
    assert world.broken_rule(call("take", amount=150)) == ""
    assert world.replay_hash() == before
    assert not world.execute(call("take", amount=100)).failed
    assert world.broken_rule(call("take", amount=60))


def test_a_call_that_breaks_a_rule_succeeds_and_one_that_fails_breaks_none() -> None:
    assert not till().execute(call("take", amount=200)).failed
    assert till().broken_rule(call("take", amount=300)) == ""
    assert till().broken_rule(call("take", amount="all")) == ""


def test_only_rules_about_tools_that_are_shown_are_in_force() -> None:
    assert [rule.name for rule in till().policy()] == ["float"]
    assert till(tools=("count",)).policy() == ()


def test_a_rule_follows_its_tool_to_its_alias() -> None:
    world = till(AliasedEnvironment(Till(), {"take": "take_cash"}))
    assert world.policy()[0].tools == ("take_cash",)
    assert world.broken_rule(call("take_cash", amount=200))


@pytest.fixture
def agency() -> World:
    return TravelDomain().open(TravelDomain().draw(5))


def offers(agency: World, *, short: bool) -> list[str]:
    """Flights with seats that take less than three hours, or at least as long."""
    cities = [row["city"] for row in content(agency, "list_cities")["cities"]]
    zips = [content(agency, "get_zip_code", city=city)["zip_code"] for city in cities]
    days = [str(item.value) for item in agency.known_values() if item.parameter == "travel_date"]
    found = []
    for arrival in zips[1:]:
        listed = content(agency, "search_flights", departure_zip=zips[0], arrival_zip=arrival, travel_date=days[0])
        found += [item for item in listed["flights"] if item["seats_left"]]
    return [item["flight_id"] for item in found if (item["duration_minutes"] < 180) == short]


def content(world: World, name: str, /, **arguments: Any) -> Any:
    observation = world.execute(call(name, **arguments))
    assert not observation.failed, observation.text()
    return observation.content


def test_business_class_is_for_long_flights(agency: World) -> None:
    short, long = offers(agency, short=True)[0], offers(agency, short=False)[0]
    assert "Business class" in agency.broken_rule(call("book_flight", flight_id=short, travel_class="business"))
    assert not agency.broken_rule(call("book_flight", flight_id=short))
    assert not agency.broken_rule(call("book_flight", flight_id=long, travel_class="business"))


def test_insurance_is_bought_up_to_40_dollars() -> None:
    judged = set()
    for seed in range(12):
        world = TravelDomain().open(TravelDomain().draw(seed))
        paid = content(world, "list_bookings", status="paid")["bookings"]
        card = max(content(world, "list_cards")["cards"], key=lambda item: item["balance"])["card_id"]
        for booking in paid:
            if "policy_id" in content(world, "get_booking", booking_id=booking["booking_id"]):
                continue
            for plan in ("basic", "standard", "premium"):
                quote = content(world, "quote_insurance", booking_id=booking["booking_id"], plan=plan)
                broken = world.broken_rule(call("purchase_insurance", quote_id=quote["quote_id"], card_id=card))
                assert bool(broken) == (quote["premium"] > 40)
                judged.add(bool(broken))
    assert judged == {True, False}


def test_what_is_insured_is_not_cancelled(agency: World) -> None:
    for booking in content(agency, "list_bookings")["bookings"]:
        insured = "policy_id" in content(agency, "get_booking", booking_id=booking["booking_id"])
        assert bool(agency.broken_rule(call("cancel_booking", booking_id=booking["booking_id"]))) == insured


@pytest.fixture
def office() -> World:
    return WorkspaceDomain().open(WorkspaceDomain().draw(5))


@pytest.mark.parametrize(
    ("name", "confidential"),
    [("Salary plan.xlsx", True), ("Old CONTRACTS.pdf", True), ("Holiday plan.xlsx", False)],
)
def test_confidential_files_are_shared_with_the_team_at_most(office: World, name: str, confidential: bool) -> None:
    file_id = content(office, "create_file", name=name, text="As of today.")["file_id"]
    assert bool(office.broken_rule(call("publish_file", file_id=file_id))) == confidential
    assert not office.broken_rule(call("share_file", file_id=file_id))


def test_no_event_is_on_a_friday_afternoon(office: World) -> None:
    room = next(str(item.value) for item in office.known_values() if item.parameter == "room_name")
    code = content(office, "get_room_code", room_name=room)["room_code"]
    days = [str(item.value) for item in office.known_values() if item.parameter == "create_event.date"]
    for day in days[:10]:
        friday = datetime.date.fromisoformat(day).isoweekday() == 5
        for time in ("08:00", "11:30", "12:00", "17:30"):
            event = call("create_event", title="Talks", date=day, start_time=time, room_code=code)
            assert bool(office.broken_rule(event)) == (friday and time >= "12:00")
