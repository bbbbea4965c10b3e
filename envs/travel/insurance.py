"""Tools about travel insurance."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.travel.bookings import BOOKING_SOURCES
from envs.travel.catalogue import PLANS, Cause, Plan
from envs.travel.flights import CARD_SOURCES
from envs.travel.results import Claim, Policy, Quote
from envs.travel.state import TravelState
from envs.travel.timetable import quote_id as id_of_quote


class InsuranceTools(TravelState):
    """Quotes, policies and claims."""

    @tool(effect="read", sources={"booking_id": BOOKING_SOURCES})
    def quote_insurance(self, booking_id: str, plan: Plan) -> Quote:
        """Get a quote for travel insurance. The booking must not be cancelled or insured already; the quote holds as
        long as the price of the booking stays the same.

        Args:
            booking_id: ID of the booking.
            plan: Insurance plan.
        """
        self.active_booking(booking_id)
        self._refuse_insured(booking_id)
        return self._quote(booking_id, plan)

    @tool(
        effect="write",
        needs=[["pay_booking"]],
        sources={"quote_id": "quote_insurance:quote_id", "card_id": CARD_SOURCES},
    )
    def purchase_insurance(self, quote_id: str, card_id: str) -> Policy:
        """Purchase travel insurance with a payment card. It needs a quote for a booking that is paid and not insured
        yet; a card whose balance does not cover the premium is declined.

        Args:
            quote_id: ID of the insurance quote.
            card_id: ID of the payment card.
        """
        booking_id, plan = self._quoted(quote_id)
        self.paid_booking(booking_id)
        self._refuse_insured(booking_id)
        quote = self._quote(booking_id, plan)
        balance = self.charge(card_id, quote["premium"])
        policy_id = self.new_id("PL")
        self.data["policies"][policy_id] = {
            "booking_id": booking_id,
            "plan": plan,
            "coverage": quote["coverage"],
            "claims": {},
        }
        return {"policy_id": policy_id, "new_balance": balance}

    @tool(effect="write", sources={"policy_id": "purchase_insurance:policy_id get_booking:policy_id"})
    def file_claim(self, policy_id: str, amount: Annotated[float, Field(ge=1)], cause: Cause) -> Claim:
        """File a claim on an insurance policy. All claims on a policy together must not exceed its coverage.

        Args:
            policy_id: ID of the insurance policy.
            amount: Claimed amount in USD.
            cause: Cause of the claim.
        """
        policy = self.insurance_policy(policy_id)
        claimed = sum(claim["amount"] for claim in policy["claims"].values())
        left = round(policy["coverage"] - claimed - amount, 2)
        if left < 0:
            raise self.fail(f"Policy {policy_id} covers only {left + amount:.2f} USD more.", "invalid_value")
        claim_id = self.new_id("CL")
        policy["claims"][claim_id] = {"amount": round(float(amount), 2), "cause": cause}
        return {"claim_id": claim_id, "remaining_coverage": left}

    def premium_of(self, quote_id: str) -> float:
        """The premium of a quote that holds now. Raises ToolFailure where there is none."""
        return self._quote(*self._quoted(quote_id))["premium"]

    def _quote(self, booking_id: str, plan: Plan) -> Quote:
        price = self.booking(booking_id)["price"]
        cover = PLANS[plan]
        return {
            "quote_id": id_of_quote(self.seed, booking_id, plan, price),
            "premium": round(price * cover.premium, 2),
            "coverage": round(price * cover.coverage, 2),
        }

    def _quoted(self, quote_id: str) -> tuple[str, Plan]:
        """The booking and the plan of a quote, found by making every quote that holds now."""
        for booking_id in self.data["bookings"]:
            for plan in PLANS:
                if self._quote(booking_id, plan)["quote_id"] == quote_id:
                    return booking_id, plan
        raise self.fail(f"There is no insurance quote {quote_id!r}, or it does not hold any more.", "not_found")

    def _refuse_insured(self, booking_id: str) -> None:
        if (policy_id := self.policy_of(booking_id)) is not None:
            raise self.fail(f"Booking {booking_id} is already insured, with policy {policy_id}.", "conflict")
