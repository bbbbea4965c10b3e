"""The state of a travel world and the steps that several tools share."""

from __future__ import annotations

from envs.toolkit import ToolkitEnvironment
from envs.travel.timetable import Flight, Timetable
from tools.base import Json, JsonObject


class TravelState(ToolkitEnvironment):
    """Access to the state: tables of objects by id, of which every look-up fails in words.

    No result depends on the order of a table's entries, which JSON does not keep for certain.
    """

    name = "travel"
    constant = frozenset({"cities", "rates", "today"})

    @property
    def seed(self) -> int:
        """What flights, seats, forecasts and quotes are computed from."""
        return int(self.data["_seed"])

    @property
    def timetable(self) -> Timetable:
        """Flights from today on, computed from the seed."""
        return Timetable(self.seed, tuple(self.data["cities"]), self.data["today"])

    def public_state(self) -> Json:
        """What a user could observe and a call could change: cities, rates and today's date are left out."""
        return {key: value for key, value in self.data.items() if not key.startswith("_") and key not in self.constant}

    def city(self, name: str) -> JsonObject:
        """A city by its name. Raises ToolFailure where there is none."""
        return self._find("cities", name, "city named")

    def city_at(self, zip_code: str) -> str:
        """The city of a zip code."""
        for name, city in self.data["cities"].items():
            if city["zip_code"] == zip_code:
                return str(name)
        raise self.fail(f"No city has the zip code {zip_code!r}.", "not_found")

    def card(self, card_id: str) -> JsonObject:
        """A payment card by its id. Raises ToolFailure where there is none."""
        return self._find("cards", card_id, "payment card")

    def default_card(self) -> str:
        """The id of the card that pays unless another one is named."""
        return next(str(card_id) for card_id, card in self.data["cards"].items() if card["is_default"])

    def flight(self, flight_id: str) -> Flight:
        """A flight by its id. Raises ToolFailure where there is none."""
        flight = self.timetable.find(flight_id)
        if flight is None:
            raise self.fail(f"There is no flight {flight_id!r}.", "not_found")
        return flight

    def booking(self, booking_id: str) -> JsonObject:
        """A booking by its id. Raises ToolFailure where there is none."""
        return self._find("bookings", booking_id, "booking")

    def active_booking(self, booking_id: str) -> JsonObject:
        """A booking that was not cancelled."""
        booking = self.booking(booking_id)
        if booking["status"] == "cancelled":
            raise self.fail(f"Booking {booking_id} was cancelled.", "wrong_state")
        return booking

    def unpaid_booking(self, booking_id: str) -> JsonObject:
        """A booking that is yet to be paid. Raises ToolFailure for any other."""
        booking = self.active_booking(booking_id)
        if booking["status"] == "paid":
            raise self.fail(f"Booking {booking_id} is already paid.", "wrong_state")
        return booking

    def paid_booking(self, booking_id: str) -> JsonObject:
        """A booking that was paid. Raises ToolFailure for any other."""
        booking = self.active_booking(booking_id)
        if booking["status"] != "paid":
            raise self.fail(f"Booking {booking_id} is not paid yet. Pay for it first.", "wrong_state")
        return booking

    def insurance_policy(self, policy_id: str) -> JsonObject:
        """An insurance policy by its id. Raises ToolFailure where there is none."""
        return self._find("policies", policy_id, "insurance policy")

    def policy_of(self, booking_id: str) -> str | None:
        """The id of the policy that insures a booking."""
        return self._belonging("policies", booking_id)

    def invoice_of(self, booking_id: str) -> str | None:
        """The id of the invoice of a booking."""
        return self._belonging("invoices", booking_id)

    def seats_left(self, flight: Flight) -> int:
        """Free seats of a flight, after the traveller's own bookings."""
        bookings: list[JsonObject] = list(self.data["bookings"].values())
        own = [item for item in bookings if item["flight_id"] == flight.flight_id and item["status"] != "cancelled"]
        return max(0, flight.seats - len(own))

    def charge(self, card_id: str, amount: float) -> float:
        """Take ``amount`` from a card and return its new balance; declined where the balance does not cover it."""
        card = self.card(card_id)
        if card["balance"] < amount:
            have, due = f"{card['balance']:.2f} USD", f"{amount:.2f} USD"
            raise self.fail(f"The {card['label']} was declined: its balance is {have}, but {due} are due.", "declined")
        return self.credit(card_id, -amount)

    def credit(self, card_id: str, amount: float) -> float:
        """Add ``amount`` to a card and return its new balance."""
        card = self.card(card_id)
        card["balance"] = round(card["balance"] + amount, 2)
        return float(card["balance"])

    def _find(self, table: str, key: str, thing: str) -> JsonObject:
        found: JsonObject | None = self.data[table].get(key)
        if found is None:
            raise self.fail(f"There is no {thing} {key!r}.", "not_found")
        return found

    def _belonging(self, table: str, booking_id: str) -> str | None:
        rows = self.data[table].items()
        return next((str(key) for key, row in rows if row["booking_id"] == booking_id), None)
