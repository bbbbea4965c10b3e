"""Tools about the traveller's bookings."""

from __future__ import annotations

from envs.toolkit import tool
from envs.travel.catalogue import CANCELLATION_FEE, Status
from envs.travel.flights import FlightTools
from envs.travel.results import BoardingPass, BookingDetails, BookingEntry, Bookings, Cancellation, SeatReserved
from tools.base import JsonObject

BOOKING_SOURCES = "book_flight:booking_id list_bookings:bookings.*.booking_id"


class BookingTools(FlightTools):
    """Looking bookings up, and everything that happens to one but paying."""

    @tool(effect="read")
    def list_bookings(self, status: Status | None = None) -> Bookings:
        """List the bookings of the traveller. Without a status, all bookings are listed.

        Args:
            status: Status of the bookings.
        """
        rows = self.data["bookings"].items()
        entries = [self._entry(key, row) for key, row in rows if status in (None, row["status"])]
        return {"bookings": sorted(entries, key=lambda entry: (entry["travel_date"], entry["booking_id"]))}

    @tool(effect="read", sources={"booking_id": BOOKING_SOURCES})
    def get_booking(self, booking_id: str) -> BookingDetails:
        """Show the details of a booking.

        Args:
            booking_id: ID of the booking.
        """
        booking = self.booking(booking_id)
        flight = self.flight(booking["flight_id"])
        details: BookingDetails = {
            "flight_id": flight.flight_id,
            "departure_city": flight.origin,
            "arrival_city": flight.destination,
            "travel_date": flight.day,
            "departure_time": flight.departure_time,
            "travel_class": booking["travel_class"],
            "price": booking["price"],
            "status": booking["status"],
        }
        if "seat" in booking:
            details["reserved_seat"] = booking["seat"]
        if "boarding_pass_id" in booking:
            details["boarding_pass_id"] = booking["boarding_pass_id"]
        if policy_id := self.policy_of(booking_id):
            details["policy_id"] = policy_id
        if invoice_id := self.invoice_of(booking_id):
            details["invoice_id"] = invoice_id
        return details

    @tool(effect="write", sources={"booking_id": BOOKING_SOURCES, "seat_number": "get_seat_map:seats.*.seat_number"})
    def reserve_seat(self, booking_id: str, seat_number: str) -> SeatReserved:
        """Reserve a seat on a booked flight. The booking must be unpaid and without a seat, the seat must be one of the
        free seats of its flight, and the surcharge is added to the price of the booking.

        Args:
            booking_id: ID of the booking.
            seat_number: Number of the seat.
        """
        booking = self.unpaid_booking(booking_id)
        if "seat" in booking:
            raise self.fail(f"Booking {booking_id} already has seat {booking['seat']}.", "conflict")
        flight_id = booking["flight_id"]
        seat = next((seat for seat in self.free_seats(flight_id) if seat.number == seat_number), None)
        if seat is None:
            raise self.fail(f"Seat {seat_number!r} is not free on flight {flight_id}.", "not_found")
        booking["seat"] = seat_number
        booking["price"] = round(booking["price"] + seat.surcharge, 2)
        return {"surcharge": seat.surcharge, "new_price": booking["price"]}

    @tool(effect="write", needs=[["pay_booking"]], sources={"booking_id": BOOKING_SOURCES})
    def check_in(self, booking_id: str) -> BoardingPass:
        """Check in for a booked flight. The booking must be paid, and check-in is possible only once.

        Args:
            booking_id: ID of the booking.
        """
        booking = self.paid_booking(booking_id)
        if "boarding_pass_id" in booking:
            raise self.fail(f"Booking {booking_id} is already checked in.", "wrong_state")
        booking["boarding_pass_id"] = self.new_id("BP")
        return {"boarding_pass_id": booking["boarding_pass_id"], "gate": self.flight(booking["flight_id"]).gate}

    @tool(effect="write", sources={"booking_id": BOOKING_SOURCES})
    def cancel_booking(self, booking_id: str) -> Cancellation:
        """Cancel a booking. What was paid goes back to the payment card less a fee of 20 percent; a booking that is
        checked in or cancelled already cannot be cancelled.

        Args:
            booking_id: ID of the booking.
        """
        booking = self.active_booking(booking_id)
        if "boarding_pass_id" in booking:
            raise self.fail(f"Booking {booking_id} is checked in and cannot be cancelled any more.", "wrong_state")
        paid = booking["price"] if booking["status"] == "paid" else 0.0
        fee = round(paid * CANCELLATION_FEE, 2)
        refund = round(paid - fee, 2)
        if paid:
            self.credit(booking["paid_with"], refund)
        booking["status"] = "cancelled"
        return {"refund": refund, "fee": fee}

    def _entry(self, booking_id: str, booking: JsonObject) -> BookingEntry:
        flight = self.flight(booking["flight_id"])
        return {
            "booking_id": booking_id,
            "departure_city": flight.origin,
            "arrival_city": flight.destination,
            "travel_date": flight.day,
            "price": booking["price"],
            "status": booking["status"],
        }
