"""Tools about payment cards, paying and invoices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.travel.bookings import BOOKING_SOURCES
from envs.travel.catalogue import TOP_UP_LIMIT
from envs.travel.flights import CARD_SOURCES
from envs.travel.results import CardEntry, Cards, Invoice, NewBalance, NewCard, Payment
from envs.travel.state import TravelState
from tools.base import JsonObject, derive_seed

_DOLLARS_PER_POINT = 10


class PaymentTools(TravelState):
    """The traveller's cards and what is paid with them."""

    @tool(effect="read")
    def list_cards(self) -> Cards:
        """List the payment cards of the traveller."""
        return {
            "cards": [
                CardEntry(
                    card_id=card_id,
                    card_label=card["label"],
                    last_digits=card["card_number"][-4:],
                    balance=card["balance"],
                    is_default=card["is_default"],
                )
                for card_id, card in self._sorted_cards()
            ]
        }

    @tool(effect="write")
    def register_card(
        self,
        card_number: Annotated[str, Field(pattern=r"^[0-9]{16}$")],
        label: Annotated[str, Field(min_length=1, max_length=40)],
    ) -> NewCard:
        """Register a new payment card. Neither its number nor its label may belong to a card of the traveller.

        Args:
            card_number: Number of the new card, 16 digits.
            label: Label of the new card.
        """
        cards = self.data["cards"].values()
        if any(card["card_number"] == card_number for card in cards):
            raise self.fail("A card with this number is registered already.", "conflict")
        if any(card["label"] == label for card in cards):
            raise self.fail(f"There is a card with the label {label!r} already.", "conflict")
        balance = float(400 + derive_seed("credit", self.seed, card_number) % 1200)
        card_id = self.new_id("CARD")
        self.data["cards"][card_id] = {
            "label": label,
            "card_number": card_number,
            "balance": balance,
            "is_default": False,
        }
        return {"card_id": card_id, "balance": balance}

    @tool(effect="write", sources={"card_id": CARD_SOURCES})
    def top_up_card(self, card_id: str, amount: Annotated[float, Field(ge=1, le=TOP_UP_LIMIT)]) -> NewBalance:
        """Top up the balance of a payment card. At most 2000 USD can be added at a time.

        Args:
            card_id: ID of the payment card.
            amount: Top-up amount in USD.
        """
        return {"new_balance": self.credit(card_id, round(amount, 2))}

    @tool(effect="write", sources={"booking_id": BOOKING_SOURCES, "card_id": CARD_SOURCES})
    def pay_booking(self, booking_id: str, card_id: str) -> Payment:
        """Pay for a booking with a payment card. The booking must be unpaid; a card whose balance does not cover the
        price is declined.

        Args:
            booking_id: ID of the booking.
            card_id: ID of the payment card.
        """
        booking = self.unpaid_booking(booking_id)
        balance = self.charge(card_id, booking["price"])
        booking["status"] = "paid"
        booking["paid_with"] = card_id
        self.data["profile"]["loyalty_points"] += int(booking["price"]) // _DOLLARS_PER_POINT
        return {"charged": booking["price"], "new_balance": balance}

    @tool(effect="write", needs=[["pay_booking"]], sources={"booking_id": BOOKING_SOURCES})
    def issue_invoice(self, booking_id: str) -> Invoice:
        """Issue an invoice for a booking. The booking must be paid, and only one invoice is issued for it.

        Args:
            booking_id: ID of the booking.
        """
        booking = self.paid_booking(booking_id)
        if (existing := self.invoice_of(booking_id)) is not None:
            raise self.fail(f"Invoice {existing} was already issued for booking {booking_id}.", "conflict")
        invoice_id = self.new_id("INV")
        self.data["invoices"][invoice_id] = {"booking_id": booking_id, "total": booking["price"]}
        return {"invoice_id": invoice_id, "total": booking["price"]}

    def _sorted_cards(self) -> list[tuple[str, JsonObject]]:
        """The cards by label, whatever order the state was read in."""
        return sorted(self.data["cards"].items(), key=lambda item: str(item[1]["label"]))
