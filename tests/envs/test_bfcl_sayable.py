"""What the users of the BFCL classes say: values that go with the state and with the other arguments of their call."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest

pytest.importorskip("bfcl_eval")

from envs.bfcl.classes import shipped_configurations
from envs.bfcl.environment import BfclEnvironment
from envs.environment import ToolFailure
from tools.pools import Pools


def begun(name: str, configuration: dict[str, Any] | None = None) -> BfclEnvironment:
    environment = BfclEnvironment(name)
    environment.reset(configuration or {})
    return environment


class Speaker:
    """The user of one environment, who fills whole calls in the order of their parameters."""

    def __init__(self, environment: BfclEnvironment) -> None:
        self.environment = environment
        self.specs = {spec.name: spec for spec in environment.specs()}

    def options(self, tool: str, parameter: str, **chosen: Any) -> list[Any]:
        pools = Pools(self.environment.known_values())
        return pools.candidates(tool, parameter, self.specs[tool].properties[parameter], random.Random(1), None, chosen)

    def says(self, tool: str, seed: int, **given: Any) -> dict[str, Any] | None:
        """Arguments for a call; none where a required one has no value beside the others."""
        pools, rng, arguments = Pools(self.environment.known_values()), random.Random(seed), dict(given)
        for name, schema in self.specs[tool].properties.items():
            if name not in arguments and name in self.specs[tool].required:
                found = pools.candidates(tool, name, schema, rng, None, arguments)
                if not found:
                    return None
                arguments[name] = found[0]
        return arguments

    def succeeds(self, tool: str, seed: int, **given: Any) -> bool:
        arguments = self.says(tool, seed, **given)
        if arguments is None:
            return False
        try:
            self.environment.fork().call(tool, arguments)
        except ToolFailure:
            return False
        return True


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("MathAPI", "imperial_si_conversion"),
        ("MathAPI", "si_unit_conversion"),
        ("VehicleControlAPI", "estimate_distance"),
        ("VehicleControlAPI", "fillFuelTank"),
        ("TravelAPI", "compute_exchange_rate"),
        ("TravelAPI", "authenticate_travel"),
        ("TravelAPI", "get_flight_cost"),
        ("TradingBot", "trading_login"),
        ("GorillaFileSystem", "touch"),
        ("GorillaFileSystem", "mkdir"),
        ("MessageAPI", "get_user_id"),
    ],
)
def test_what_is_said_together_goes_together(name: str, tool: str) -> None:
    speaker = Speaker(begun(name))
    assert all(speaker.succeeds(tool, seed) for seed in range(25))


def test_an_order_is_near_the_price_of_its_own_stock() -> None:
    for configuration in ({}, shipped_configurations("TradingBot")[0]):
        environment = begun("TradingBot", configuration)
        speaker = Speaker(environment)
        for symbol in speaker.options("place_order", "symbol"):
            price = environment.call("get_stock_info", {"symbol": symbol})["price"]
            offered = speaker.options("place_order", "price", symbol=symbol)
            assert offered
            assert all(0 < abs(value - price) <= 0.06 * price for value in offered)


def test_only_what_can_be_done_is_offered() -> None:
    trading = begun("TradingBot")
    trading.call("trading_login", {"username": "nora", "password": "x"})
    speaker = Speaker(trading)
    done = speaker.options("cancel_order", "order_id")[0]
    trading.call("cancel_order", {"order_id": done})
    assert done not in speaker.options("cancel_order", "order_id")
    assert done in speaker.options("get_order_details", "order_id")
    watched = speaker.options("add_to_watchlist", "stock")[0]
    trading.call("add_to_watchlist", {"stock": watched})
    assert watched not in speaker.options("add_to_watchlist", "stock")
    rich, poor = (begun("TradingBot", {"account_info": {"balance": balance}}) for balance in (9000.0, 100.0))
    assert max(Speaker(rich).options("withdraw_funds", "amount")) > 1000
    assert max(Speaker(poor).options("withdraw_funds", "amount")) <= 100


def test_new_names_do_not_exist_and_files_move_to_names_that_suit_them() -> None:
    files = begun("GorillaFileSystem", shipped_configurations("GorillaFileSystem")[0])
    for _ in range(3):
        speaker = Speaker(files)
        names = set(files.call("ls", {"a": True})["current_directory_content"])
        for tool, parameter in (("touch", "file_name"), ("mkdir", "dir_name")):
            assert names.isdisjoint(speaker.options(tool, parameter))
        files.call("touch", {"file_name": speaker.options("touch", "file_name")[0]})
        files.call("mkdir", {"dir_name": speaker.options("mkdir", "dir_name")[0]})
    folders = set(speaker.options("rmdir", "dir_name"))
    for source in speaker.options("mv", "source"):
        goals = set(speaker.options("mv", "destination", source=source))
        assert source not in goals
        assert goals & names <= folders
        assert all(goal.endswith(source[source.rfind(".") :]) for goal in goals - folders if "." in source)
    assert speaker.options("diff", "file_name2", file_name1=source) != [source]


def test_a_pattern_stands_in_its_file() -> None:
    for configuration in shipped_configurations("GorillaFileSystem")[:20]:
        files = begun("GorillaFileSystem", configuration)
        speaker = Speaker(files)
        for name in speaker.options("grep", "file_name"):
            for pattern in speaker.options("grep", "pattern", file_name=name):
                assert files.call("grep", {"file_name": name, "pattern": pattern})["matching_lines"]


def test_one_traveller_says_one_person_s_data() -> None:
    travel = begun("TravelAPI")
    speaker = Speaker(travel)
    signing_in = speaker.says("authenticate_travel", 4)
    assert signing_in is not None
    token = travel.call("authenticate_travel", signing_in)["access_token"]
    first, last = signing_in["user_first_name"], signing_in["user_last_name"]
    assert speaker.options("verify_traveler_information", "first_name") == [first]
    assert len(speaker.options("verify_traveler_information", "passport_number", first_name=first, last_name=last)) == 1
    card = speaker.says("register_credit_card", 4, access_token=token)
    assert card is not None
    assert card["cardholder_name"] == f"{first} {last}"
    travel.call("register_credit_card", card)
    assert card["card_number"] not in speaker.options("register_credit_card", "card_number")
    booked = speaker.says("book_flight", 4, access_token=token)
    assert booked is not None
    booking_id = travel.call("book_flight", booked)["booking_id"]
    cost = travel.call("retrieve_invoice", {"access_token": token, "booking_id": booking_id})["invoice"]["travel_cost"]
    offered = speaker.options("purchase_insurance", "insurance_cost", booking_id=booking_id)
    assert all(0.02 * cost <= value <= 0.15 * cost for value in offered)


def test_trips_are_after_the_day_that_the_class_holds_for_today() -> None:
    speaker = Speaker(begun("TravelAPI"))
    today = datetime.date(2026, 1, 1)
    days = [datetime.date.fromisoformat(day) - today for day in speaker.options("book_flight", "travel_date")]
    assert all(3 <= day.days <= 120 for day in days)


def test_the_description_of_a_ticket_is_about_its_title() -> None:
    speaker = Speaker(begun("TicketAPI"))
    titles = speaker.options("create_ticket", "title")
    found = {title: set(speaker.options("create_ticket", "description", title=title)) for title in titles}
    general = set.intersection(*found.values())
    assert all(len(descriptions - general) == 1 for descriptions in found.values())
    assert set(speaker.options("create_ticket", "description", title="Something else")) == general
