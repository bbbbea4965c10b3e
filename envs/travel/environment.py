"""The travel environment: all of its tools, and what its user knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from envs.environment import KnownValue
from envs.policy import Rule
from envs.profile import ProfileEntry
from envs.travel.bookings import BookingTools
from envs.travel.catalogue import NEW_CARD_LABELS
from envs.travel.insurance import InsuranceTools
from envs.travel.payment import PaymentTools
from envs.travel.places import PlaceTools
from envs.travel.rules import rules_of
from tools.base import Json, generator

_AMOUNTS_TO_ADD = (50, 100, 150, 250, 500)
_AMOUNTS_TO_CLAIM = (20, 35, 50, 75)


class TravelEnvironment(PlaceTools, BookingTools, PaymentTools, InsuranceTools):
    """A traveller's account with a travel agency, in JSON state of a few kilobytes."""

    name: ClassVar[str] = "travel"

    def profile(self) -> tuple[ProfileEntry, ...]:
        """The card in the traveller's purse that the agency does not know yet."""
        label = "number of the new payment card"
        return (ProfileEntry(label=label, value=self._new_card(), parameters=("register_card.card_number",)),)

    def policy(self) -> tuple[Rule, ...]:
        return rules_of(self)

    def known_values(self) -> tuple[KnownValue, ...]:
        """Cities, dates, sums and cards that the traveller could speak of now; opaque ones are for tools to tell.

        Ids are not among them: all of them come from tools.
        """
        said = [KnownValue(parameter=name, value=value) for name, value in self._known()]
        printed = [KnownValue(parameter=name, value=value, opaque=True) for name, value in self._printed()]
        return (*said, *printed)

    def _known(self) -> Iterator[tuple[str, Json]]:
        cities, cards = self.data["cities"], self.data["cards"].values()
        yield "today", self.data["today"]
        yield from (("city", name) for name in sorted(cities))
        yield from (("country", country) for country in sorted({row["country"] for row in cities.values()}))
        yield from (("travel_date", day) for day in self.timetable.days)
        yield from (("passengers", count) for count in (1, 2, 3, 4))
        for parameter in ("base_currency", "target_currency"):
            yield from ((parameter, code) for code in sorted(self.data["rates"]))
        labels = {card["label"] for card in cards}
        yield from (("register_card.label", label) for label in NEW_CARD_LABELS if label not in labels)
        if self._new_card() not in {card["card_number"] for card in cards}:
            yield "card_number", self._new_card()
        yield from (("top_up_card.amount", amount) for amount in _AMOUNTS_TO_ADD)
        yield from (("file_claim.amount", amount) for amount in _AMOUNTS_TO_CLAIM)

    def _printed(self) -> Iterator[tuple[str, Json]]:
        """What the traveller may have on paper: zip codes, and the free seats of flights that are not paid yet."""
        for parameter in ("departure_zip", "arrival_zip"):
            yield from ((parameter, city["zip_code"]) for _, city in sorted(self.data["cities"].items()))
        for _, booking in sorted(self.data["bookings"].items()):
            if booking["status"] == "unpaid" and "seat" not in booking:
                yield from (("seat_number", seat.number) for seat in self.free_seats(booking["flight_id"]))

    def _new_card(self) -> str:
        """The number of the card in the traveller's purse."""
        return str(generator("new cards", self.seed).randrange(5 * 10**15, 6 * 10**15))
