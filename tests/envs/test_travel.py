"""The travel world: chains, failures, determinism, and what its hashes tell apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.environment import WorldSpec
from envs.travel import TravelDomain
from envs.world import World
from tools.base import canonical_json
from tools.call import Observation, ToolCall
from tools.graph import ApiGraph
from tools.pools import Pools
from tools.wording import labels, request_phrase

DOMAIN = TravelDomain()
SEEDS = st.integers(0, 10_000)
READS = sorted(spec.name for spec in DOMAIN.open(DOMAIN.draw(0)).specs() if spec.effect == "read")
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Traveller:
    """Makes calls in a world and remembers them, so that they can be made again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[ToolCall] = []

    def observe(self, name: str, **arguments: Any) -> Observation:
        self.calls.append(ToolCall(id=f"call_{len(self.calls)}", name=name, arguments=arguments))
        return self.world.execute(self.calls[-1])

    def do(self, name: str, **arguments: Any) -> Any:
        observation = self.observe(name, **arguments)
        assert not observation.failed, observation.text()
        return observation.content

    def refused(self, name: str, **arguments: Any) -> str:
        """The words of a refusal, which must leave no trace in the state."""
        before = self.world.replay_hash()
        observation = self.observe(name, **arguments)
        assert observation.error is not None, observation.text()
        assert self.world.replay_hash() == before
        return f"{observation.error.kind}: {observation.error.message}"

    def zip_code(self, city: str) -> str:
        return str(self.do("get_zip_code", city=city)["zip_code"])

    def flights(self, origin: str, destination: str, day: int = 3) -> list[Any]:
        ends = {"departure_zip": self.zip_code(origin), "arrival_zip": self.zip_code(destination)}
        found = self.do("search_flights", travel_date=self.known("travel_date")[day], **ends)["flights"]
        return [flight for flight in found if flight["seats_left"]]

    def book(self, origin: str = "Rivermist", destination: str = "Stonebrook", day: int = 3) -> str:
        flight = min(self.flights(origin, destination, day), key=lambda flight: flight["price"])
        return str(self.do("book_flight", flight_id=flight["flight_id"])["booking_id"])

    def card(self, rich: bool = True) -> str:
        cards = sorted(self.do("list_cards")["cards"], key=lambda card: card["balance"])
        return str(cards[-1 if rich else 0]["card_id"])

    def paid(self) -> str:
        booking_id = self.book()
        self.do("pay_booking", booking_id=booking_id, card_id=self.card())
        return booking_id

    def insured(self) -> str:
        quote = self.do("quote_insurance", booking_id=self.paid(), plan="standard")
        return str(self.do("purchase_insurance", quote_id=quote["quote_id"], card_id=self.card())["policy_id"])

    def known(self, parameter: str) -> list[Any]:
        return [item.value for item in self.world.known_values() if item.parameter == parameter]


@pytest.fixture
def traveller() -> Traveller:
    return Traveller(DOMAIN.open(DOMAIN.draw(7)))


# --- chains ---


@given(seed=SEEDS)
@quick
def test_tickets_between_two_cities_are_bought_by_their_zip_codes(seed: int) -> None:
    traveller = Traveller(DOMAIN.open(DOMAIN.draw(seed)))
    departure, arrival = traveller.zip_code("Rivermist"), traveller.zip_code("Stonebrook")
    assert (departure, arrival) == ("83214", "74532")
    single = traveller.do("buy_tickets", departure_zip=departure, arrival_zip=arrival)
    double = traveller.do("buy_tickets", departure_zip=arrival, arrival_zip=departure, passengers=2)
    assert single["ticket_id"] != double["ticket_id"]
    assert double["total_price"] == pytest.approx(2 * single["total_price"])


def test_a_trip_goes_from_the_search_to_an_insurance_claim(traveller: Traveller) -> None:
    flights = traveller.flights("Rivermist", "Stonebrook")
    booked = traveller.do("book_flight", flight_id=flights[0]["flight_id"], travel_class="business")
    booking_id, card_id = booked["booking_id"], traveller.card()
    assert booked["price"] == pytest.approx(flights[0]["price"] * 2.2, abs=0.01)
    seat = traveller.do("get_seat_map", flight_id=flights[0]["flight_id"])["seats"][0]
    price = traveller.do("reserve_seat", booking_id=booking_id, seat_number=seat["seat_number"])["new_price"]
    assert price == pytest.approx(booked["price"] + seat["surcharge"])
    points = traveller.do("get_profile")["loyalty_points"]
    traveller.do("top_up_card", card_id=card_id, amount=2000)
    assert traveller.do("pay_booking", booking_id=booking_id, card_id=card_id)["charged"] == price
    assert traveller.do("get_profile")["loyalty_points"] == points + int(price) // 10
    quote = traveller.do("quote_insurance", booking_id=booking_id, plan="premium")
    policy_id = traveller.do("purchase_insurance", quote_id=quote["quote_id"], card_id=card_id)["policy_id"]
    claim = traveller.do("file_claim", policy_id=policy_id, amount=50, cause="delay")
    assert claim["remaining_coverage"] == pytest.approx(quote["coverage"] - 50)
    invoice = traveller.do("issue_invoice", booking_id=booking_id)
    boarding_pass = traveller.do("check_in", booking_id=booking_id)
    details = traveller.do("get_booking", booking_id=booking_id)
    shown = {key: details[key] for key in ("policy_id", "invoice_id", "boarding_pass_id", "reserved_seat", "status")}
    assert shown == {
        "policy_id": policy_id,
        "invoice_id": invoice["invoice_id"],
        "boarding_pass_id": boarding_pass["boarding_pass_id"],
        "reserved_seat": seat["seat_number"],
        "status": "paid",
    }


def test_a_cancelled_booking_is_refunded_to_the_card_less_the_fee(traveller: Traveller) -> None:
    booking_id, card_id = traveller.book(), traveller.card()
    balances = {card["card_id"]: card["balance"] for card in traveller.do("list_cards")["cards"]}
    price = traveller.do("pay_booking", booking_id=booking_id, card_id=card_id)["charged"]
    cancelled = traveller.do("cancel_booking", booking_id=booking_id)
    assert cancelled["refund"] + cancelled["fee"] == pytest.approx(price)
    after = {card["card_id"]: card["balance"] for card in traveller.do("list_cards")["cards"]}
    assert after[card_id] == pytest.approx(balances[card_id] - 0.2 * price, abs=0.01)


def test_an_unpaid_booking_is_cancelled_for_nothing(traveller: Traveller) -> None:
    assert traveller.do("cancel_booking", booking_id=traveller.book()) == {"refund": 0.0, "fee": 0.0}


def test_a_new_card_pays_and_is_no_longer_offered_as_new(traveller: Traveller) -> None:
    number, label = traveller.known("card_number")[0], traveller.known("register_card.label")[0]
    card = traveller.do("register_card", card_number=number, label=label)
    traveller.do("top_up_card", card_id=card["card_id"], amount=1000)
    traveller.do("pay_booking", booking_id=traveller.book(), card_id=card["card_id"])
    assert number not in traveller.known("card_number")
    assert label not in traveller.known("register_card.label")


def test_a_reserved_seat_and_a_booked_place_are_gone(traveller: Traveller) -> None:
    flight = traveller.flights("Rivermist", "Stonebrook")[0]
    booking_id = traveller.do("book_flight", flight_id=flight["flight_id"])["booking_id"]
    first = traveller.do("get_seat_map", flight_id=flight["flight_id"])["seats"]
    traveller.do("reserve_seat", booking_id=booking_id, seat_number=first[1]["seat_number"])
    second = traveller.do("get_seat_map", flight_id=flight["flight_id"])["seats"]
    assert [seat for seat in first if seat not in second] == [first[1]]
    left = {item["flight_id"]: item["seats_left"] for item in traveller.flights("Rivermist", "Stonebrook")}
    assert left.get(flight["flight_id"], 0) == flight["seats_left"] - 1


# --- refusals ---


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("get_zip_code", {"city": "Atlantis"}, "not_found: There is no city named 'Atlantis'."),
        ("list_cities", {"country": "Atlantis"}, "not_found"),
        ("get_weather", {"city": "Rivermist", "travel_date": "1999-01-01"}, "out_of_range"),
        (
            "get_exchange_rate",
            {"base_currency": "USD", "target_currency": "XXX"},
            "not_found: There is no rate for 'XXX'",
        ),
        ("get_exchange_rate", {"base_currency": "EUR", "target_currency": "EUR"}, "invalid_value: The base currency"),
        ("buy_tickets", {"departure_zip": "00000", "arrival_zip": "74532"}, "not_found: No city has the zip code"),
        ("buy_tickets", {"departure_zip": "74532", "arrival_zip": "74532"}, "invalid_value"),
        ("buy_tickets", {"departure_zip": "83214", "arrival_zip": "74532", "passengers": 0}, "invalid_arguments"),
        (
            "search_flights",
            {"departure_zip": "83214", "arrival_zip": "74532", "travel_date": "1999-01-01"},
            "out_of_range: Flights go from",
        ),
        ("book_flight", {"flight_id": "FL-00000"}, "not_found"),
        ("get_seat_map", {"flight_id": "83214"}, "not_found: There is no flight"),
        ("get_booking", {"booking_id": "BK-0"}, "not_found: There is no booking 'BK-0'."),
        ("top_up_card", {"card_id": "CARD-0", "amount": 50}, "not_found"),
        ("top_up_card", {"card_id": "CARD-0", "amount": 1e9}, "invalid_arguments: amount"),
        ("register_card", {"card_number": "123", "label": "gift card"}, "invalid_arguments: card_number"),
        ("purchase_insurance", {"quote_id": "QT-0", "card_id": "CARD-0"}, "not_found"),
        ("file_claim", {"policy_id": "PL-0", "amount": 1, "cause": "delay"}, "not_found"),
    ],
)
def test_what_does_not_exist_is_refused(traveller: Traveller, name: str, arguments: Any, words: str) -> None:
    assert traveller.refused(name, **arguments).startswith(words)


def test_a_flight_is_booked_once(traveller: Traveller) -> None:
    flight_id = traveller.flights("Rivermist", "Stonebrook")[0]["flight_id"]
    booking_id = traveller.do("book_flight", flight_id=flight_id)["booking_id"]
    assert f"already booked, with booking {booking_id}" in traveller.refused("book_flight", flight_id=flight_id)
    traveller.do("cancel_booking", booking_id=booking_id)
    traveller.do("book_flight", flight_id=flight_id)


def test_a_sold_out_flight_is_refused() -> None:
    traveller = Traveller(DOMAIN.open(DOMAIN.draw(7)))
    ends = {"departure_zip": "83214", "arrival_zip": traveller.zip_code("Stonebrook")}
    offers = [
        flight
        for day in traveller.known("travel_date")
        for flight in traveller.do("search_flights", travel_date=day, **ends)["flights"]
    ]
    full = next(flight for flight in offers if not flight["seats_left"])
    assert traveller.refused("book_flight", flight_id=full["flight_id"]).startswith("sold_out")


def test_a_card_without_the_money_is_declined(traveller: Traveller) -> None:
    booking_id, poor = traveller.book(), traveller.card(rich=False)
    ends = {"departure_zip": "83214", "arrival_zip": "74532"}
    assert traveller.refused("pay_booking", booking_id=booking_id, card_id=poor).startswith("declined: The ")
    assert traveller.refused("buy_tickets", **ends, passengers=9, card_id=poor).startswith("declined")


def test_the_premium_must_be_covered_too() -> None:
    spec = DOMAIN.draw(7).plain()
    spec["initial_state"]["travel"]["cards"]["CARD-1"] = {
        "label": "empty card",
        "card_number": "4" * 16,
        "balance": 0.0,
        "is_default": False,
    }
    traveller = Traveller(DOMAIN.open(WorldSpec.model_validate(spec)))
    quote_id = traveller.do("quote_insurance", booking_id=traveller.paid(), plan="basic")["quote_id"]
    assert traveller.refused("purchase_insurance", quote_id=quote_id, card_id="CARD-1").startswith("declined")


def test_what_needs_payment_says_so(traveller: Traveller) -> None:
    booking_id = traveller.book()
    quote_id = traveller.do("quote_insurance", booking_id=booking_id, plan="basic")["quote_id"]
    for name, arguments in (
        ("check_in", {"booking_id": booking_id}),
        ("issue_invoice", {"booking_id": booking_id}),
        ("purchase_insurance", {"quote_id": quote_id, "card_id": traveller.card()}),
    ):
        assert "is not paid yet" in traveller.refused(name, **arguments)


def test_what_is_done_is_not_done_twice(traveller: Traveller) -> None:
    booking_id = traveller.paid()
    quotes = [traveller.do("quote_insurance", booking_id=booking_id, plan=plan) for plan in ("basic", "premium")]
    card_id = traveller.card()
    traveller.do("purchase_insurance", quote_id=quotes[0]["quote_id"], card_id=card_id)
    traveller.do("issue_invoice", booking_id=booking_id)
    traveller.do("check_in", booking_id=booking_id)
    assert "already paid" in traveller.refused("pay_booking", booking_id=booking_id, card_id=card_id)
    assert "already insured" in traveller.refused("purchase_insurance", quote_id=quotes[1]["quote_id"], card_id=card_id)
    assert "already insured" in traveller.refused("quote_insurance", booking_id=booking_id, plan="basic")
    assert "already issued" in traveller.refused("issue_invoice", booking_id=booking_id)
    assert "already checked in" in traveller.refused("check_in", booking_id=booking_id)
    assert "cannot be cancelled" in traveller.refused("cancel_booking", booking_id=booking_id)
    assert "already paid" in traveller.refused("reserve_seat", booking_id=booking_id, seat_number="1A")


def test_a_cancelled_booking_takes_no_more_steps(traveller: Traveller) -> None:
    booking_id = traveller.book()
    traveller.do("cancel_booking", booking_id=booking_id)
    for name, more in (
        ("cancel_booking", {}),
        ("check_in", {}),
        ("pay_booking", {"card_id": traveller.card()}),
        ("quote_insurance", {"plan": "basic"}),
    ):
        assert "was cancelled" in traveller.refused(name, booking_id=booking_id, **more)


def test_a_quote_holds_until_the_price_changes(traveller: Traveller) -> None:
    booking_id = traveller.book()
    quote_id = traveller.do("quote_insurance", booking_id=booking_id, plan="basic")["quote_id"]
    flight_id = traveller.do("get_booking", booking_id=booking_id)["flight_id"]
    seats = traveller.do("get_seat_map", flight_id=flight_id)["seats"]
    traveller.do("reserve_seat", booking_id=booking_id, seat_number=seats[0]["seat_number"])
    assert "already has seat" in traveller.refused(
        "reserve_seat", booking_id=booking_id, seat_number=seats[1]["seat_number"]
    )
    traveller.do("pay_booking", booking_id=booking_id, card_id=traveller.card())
    refusal = traveller.refused("purchase_insurance", quote_id=quote_id, card_id=traveller.card())
    assert "does not hold any more" in refusal


def test_a_seat_must_be_one_of_the_flight(traveller: Traveller) -> None:
    assert "is not free" in traveller.refused("reserve_seat", booking_id=traveller.book(), seat_number="99Z")


def test_claims_stay_within_the_coverage(traveller: Traveller) -> None:
    policy_id = traveller.insured()
    left = traveller.do("file_claim", policy_id=policy_id, amount=30, cause="illness")["remaining_coverage"]
    refusal = traveller.refused("file_claim", policy_id=policy_id, amount=left + 1, cause="illness")
    assert f"covers only {left:.2f} USD more" in refusal
    assert traveller.do("file_claim", policy_id=policy_id, amount=left, cause="delay")["remaining_coverage"] == 0


def test_a_card_is_registered_once(traveller: Traveller) -> None:
    (number,) = traveller.known("card_number")
    traveller.do("register_card", card_number=number, label="gift card")
    assert "this number" in traveller.refused("register_card", card_number=number, label="other card")
    assert "the label 'gift card'" in traveller.refused("register_card", card_number="5" * 16, label="gift card")


# --- drawing and opening ---


def test_a_seed_always_draws_the_same_world_and_another_seed_another_one() -> None:
    assert DOMAIN.draw(5) == TravelDomain().draw(5)
    states = {canonical_json(DOMAIN.draw(seed).plain()["initial_state"]) for seed in range(30)}
    assert len(states) == 30


@given(seed=SEEDS)
@quick
def test_the_drawn_state_is_small_json_that_tells_its_entries_apart(seed: int) -> None:
    spec = DOMAIN.draw(seed)
    text = json.dumps(spec.plain())
    assert json.loads(text) == spec.plain()
    assert len(text) < 8_000
    traveller = Traveller(DOMAIN.open(spec))
    bookings = traveller.do("list_bookings")["bookings"]
    for field in ("booking_id", "arrival_city", "travel_date", "price"):
        assert len({row[field] for row in bookings}) == len(bookings) == 3
    assert sorted(row["status"] for row in bookings) == ["paid", "paid", "unpaid"]
    assert all(row["travel_date"] in traveller.known("travel_date") for row in bookings)
    cities = traveller.do("list_cities")["cities"]
    assert len({row["city"] for row in cities}) == len({row["population"] for row in cities}) == 12
    assert len({traveller.zip_code(row["city"]) for row in cities}) == 12


@given(seed=SEEDS, ends=st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True), day=st.integers(0, 13))
@quick
def test_every_route_has_flights_that_can_be_told_apart_and_found_by_id(seed: int, ends: list[int], day: int) -> None:
    traveller = Traveller(DOMAIN.open(DOMAIN.draw(seed)))
    cities, days = traveller.known("city"), traveller.known("travel_date")
    zips = [traveller.zip_code(cities[end]) for end in ends]
    flights = traveller.do("search_flights", departure_zip=zips[0], arrival_zip=zips[1], travel_date=days[day])[
        "flights"
    ]
    assert 2 <= len(flights) <= 5
    for field in ("flight_id", "price", "departure_time"):
        assert len({flight[field] for flight in flights}) == len(flights)
    assert [flight["departure_time"] for flight in flights] == sorted(flight["departure_time"] for flight in flights)
    free = next((flight for flight in flights if flight["seats_left"]), None)
    if free is not None:
        observation = traveller.observe("book_flight", flight_id=free["flight_id"])
        assert not observation.failed or "already booked" in observation.text()


@given(seed=SEEDS)
@quick
def test_results_do_not_depend_on_the_order_of_json_keys(seed: int) -> None:
    spec = DOMAIN.draw(seed)
    reordered = type(spec).model_validate(json.loads(canonical_json(spec.plain())))
    worlds = [DOMAIN.open(spec), DOMAIN.open(reordered)]
    assert worlds[0].known_values() == worlds[1].known_values()
    listings = [ToolCall(id="a", name=name, arguments={}) for name in ("list_cities", "list_cards", "list_bookings")]
    assert worlds[0].replay(listings) == worlds[1].replay(listings)


@pytest.mark.parametrize("change", [{"version": "0"}, {"name": "bfcl"}])
def test_another_version_is_not_opened(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"version 2-[0-9a-f]{8}, which cannot open"):
        DOMAIN.open(DOMAIN.draw(1).model_copy(update=change))


def test_a_world_of_other_environments_is_not_opened() -> None:
    with pytest.raises(ValueError, match="one environment, 'travel'"):
        DOMAIN.open(DOMAIN.draw(1).model_copy(update={"environments": ("travel", "library")}))


# --- replay, forks, hashes ---


def test_a_replay_gives_the_same_observations_and_hashes(traveller: Traveller) -> None:
    spec = traveller.world.spec
    traveller.insured()
    traveller.refused("get_booking", booking_id="BK-0")
    first, second = DOMAIN.open(spec), DOMAIN.open(type(spec).model_validate_json(spec.model_dump_json()))
    assert first.replay(traveller.calls) == second.replay(traveller.calls)
    assert first.replay_hash() == second.replay_hash() == traveller.world.replay_hash()
    assert first.public_hash() == traveller.world.public_hash()


def test_forks_and_snapshots_are_independent(traveller: Traveller) -> None:
    before, snapshot, twin = traveller.world.replay_hash(), traveller.world.snapshot(), traveller.world.fork()
    traveller.insured()
    assert twin.replay_hash() == before != traveller.world.replay_hash()
    for _ in range(2):
        traveller.world.restore(snapshot)
        assert traveller.world.replay_hash() == before
        traveller.book()
    Traveller(twin).book()
    assert twin.replay_hash() == traveller.world.replay_hash()
    traveller.world.reset()
    assert traveller.world.replay_hash() == before


@given(seed=SEEDS, name=st.sampled_from(READS), choice=st.randoms(use_true_random=False))
@quick
def test_reads_change_nothing(seed: int, name: str, choice: Any) -> None:
    traveller = Traveller(DOMAIN.open(DOMAIN.draw(seed)))
    spec = next(spec for spec in traveller.world.specs() if spec.name == name)
    booking = choice.choice(traveller.do("list_bookings")["bookings"])
    ids = {
        "booking_id": booking["booking_id"],
        "flight_id": traveller.do("get_booking", booking_id=booking["booking_id"])["flight_id"],
    }
    pools = Pools(traveller.world.known_values())
    arguments = {
        parameter: ids.get(parameter) or pools.candidates(name, parameter, schema, choice)[0]
        for parameter, schema in spec.properties.items()
        if parameter in spec.required
    }
    before = traveller.world.replay_hash(), traveller.world.public_hash()
    traveller.observe(name, **arguments)
    assert (traveller.world.replay_hash(), traveller.world.public_hash()) == before


def test_every_write_tool_changes_what_a_user_could_observe(traveller: Traveller) -> None:
    test_a_trip_goes_from_the_search_to_an_insurance_claim(traveller)
    traveller.do("register_card", card_number=traveller.known("card_number")[0], label="gift card")
    traveller.do("buy_tickets", departure_zip="83214", arrival_zip="74532")
    traveller.do("cancel_booking", booking_id=traveller.book("Stonebrook", "Rivermist"))
    world, changed = DOMAIN.open(traveller.world.spec), set()
    for call in traveller.calls:
        before = world.public_hash()
        world.execute(call)
        if world.public_hash() != before:
            changed.add(call.name)
    assert changed == {spec.name for spec in world.specs() if spec.effect == "write"}


def _public_hash(*steps: Callable[[Traveller], Any]) -> str:
    traveller = Traveller(DOMAIN.open(DOMAIN.draw(11)))
    for step in steps:
        step(traveller)
    return traveller.world.public_hash()


def _insured(destination: str, plan: str = "basic") -> Callable[[Traveller], None]:
    def steps(traveller: Traveller) -> None:
        booking_id, card_id = traveller.book("Rivermist", destination), traveller.card()
        traveller.do("top_up_card", card_id=card_id, amount=1000)
        traveller.do("pay_booking", booking_id=booking_id, card_id=card_id)
        quote_id = traveller.do("quote_insurance", booking_id=booking_id, plan=plan)["quote_id"]
        policy_id = traveller.do("purchase_insurance", quote_id=quote_id, card_id=card_id)["policy_id"]
        traveller.do("file_claim", policy_id=policy_id, amount=20, cause="delay")

    return steps


def test_the_order_of_independent_writes_does_not_show() -> None:
    other = Traveller(DOMAIN.open(DOMAIN.draw(11))).known("city")[0]
    there, elsewhere = _insured("Stonebrook"), _insured(other)
    assert _public_hash(there, elsewhere) == _public_hash(elsewhere, there)
    assert _public_hash(there, elsewhere) != _public_hash(there)


def test_other_amounts_plans_and_places_do_show() -> None:
    assert _public_hash(_insured("Stonebrook")) != _public_hash(_insured("Stonebrook", "standard"))
    top_ups = [
        _public_hash(
            lambda traveller, amount=amount: traveller.do("top_up_card", card_id=traveller.card(), amount=amount)
        )
        for amount in (50, 100)
    ]
    assert len({*top_ups, _public_hash()}) == 3


# --- what tools say of themselves ---


def test_tools_read_as_different_requests_with_different_slots(traveller: Traveller) -> None:
    specs = traveller.world.specs()
    assert 16 <= len(specs) <= 22
    phrases = [request_phrase(spec) for spec in specs]
    assert len(set(phrases)) == len(phrases)
    for spec in specs:
        slots = labels(spec)
        assert len(set(slots.values())) == len(slots)
        assert all(0 < len(slot.split()) <= 6 for slot in slots.values()), slots


def test_every_parameter_without_a_known_value_comes_from_a_tool(traveller: Traveller) -> None:
    world = traveller.world
    graph, known = (
        ApiGraph.from_specs(world.specs(), world.declared_edges()),
        {item.parameter for item in world.known_values()},
    )
    for spec in world.specs():
        for name, schema in spec.properties.items():
            sayable = {name, f"{spec.name}.{name}"} & known or "enum" in schema
            assert sayable or graph.sources(spec.name, name), (spec.name, name)


def test_no_edge_is_only_guessed_and_chains_are_deep(traveller: Traveller) -> None:
    world = traveller.world
    graph = ApiGraph.from_specs(world.specs(), world.declared_edges())
    assert all(edge.evidence == ("declared",) for edge in graph.edges)
    values: nx.DiGraph[str] = nx.DiGraph((edge.producer, edge.consumer) for edge in graph.edges if edge.parameter)
    chain = ["get_zip_code", "search_flights", "book_flight", "quote_insurance", "purchase_insurance", "file_claim"]
    assert nx.is_path(values, chain)
