"""Tools that find flights, and the train tickets between two zip codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.travel.catalogue import BUSINESS_FACTOR, TRAIN_FARE_SHARE, TravelClass
from envs.travel.places import DATE_SOURCES
from envs.travel.results import FlightOffer, Flights, FreeSeat, NewBooking, SeatMap, Tickets
from envs.travel.state import TravelState
from envs.travel.timetable import Flight, Seat, seats, usual_price

_ZIP_SOURCES = {"departure_zip": "get_zip_code:zip_code", "arrival_zip": "get_zip_code:zip_code"}
CARD_SOURCES = "list_cards:cards.*.card_id register_card:card_id"


class FlightTools(TravelState):
    """Flights and trains between cities, which are named by their zip codes."""

    @tool(effect="read", sources=_ZIP_SOURCES, offers={"travel_date": DATE_SOURCES})
    def search_flights(self, departure_zip: str, arrival_zip: str, travel_date: str) -> Flights:
        """Search for flights between two zip codes. Flights can be searched from tomorrow to 14 days ahead.

        Args:
            departure_zip: Zip code of the departure city.
            arrival_zip: Zip code of the arrival city.
            travel_date: Travel date in the form YYYY-MM-DD.
        """
        origin, destination = self._route(departure_zip, arrival_zip)
        timetable = self.timetable
        found = timetable.flights(origin, destination, travel_date)
        if not found:
            first, last = timetable.days[0], timetable.days[-1]
            raise self.fail(f"Flights go from {first} to {last}, not on {travel_date!r}.", "out_of_range")
        return {"flights": [self._offer(flight) for flight in found]}

    @tool(effect="read", sources={"flight_id": "get_booking:flight_id search_flights:flights.*.flight_id"})
    def get_seat_map(self, flight_id: str) -> SeatMap:
        """Show the free seats of a flight.

        Args:
            flight_id: ID of the flight.
        """
        self.flight(flight_id)
        return {
            "seats": [
                FreeSeat(seat_number=seat.number, position=seat.position, surcharge=seat.surcharge)
                for seat in self.free_seats(flight_id)
            ]
        }

    @tool(effect="write", sources={"flight_id": "search_flights:flights.*.flight_id get_booking:flight_id"})
    def book_flight(self, flight_id: str, travel_class: TravelClass = "economy") -> NewBooking:
        """Book a flight for the traveller. The booking is unpaid until it is paid for; business class costs 2.2 times
        the price of the flight. A flight without seats left, or one that the traveller has booked, is refused.

        Args:
            flight_id: ID of the flight.
            travel_class: Travel class of the booking.
        """
        flight = self.flight(flight_id)
        bookings = self.data["bookings"]
        for booking_id, booking in bookings.items():
            if booking["flight_id"] == flight_id and booking["status"] != "cancelled":
                raise self.fail(f"Flight {flight_id} is already booked, with booking {booking_id}.", "conflict")
        if self.seats_left(flight) < 1:
            raise self.fail(f"Flight {flight_id} is sold out.", "sold_out")
        price = round(flight.price * (BUSINESS_FACTOR if travel_class == "business" else 1), 2)
        booking_id = self.new_id("BK")
        bookings[booking_id] = {
            "flight_id": flight_id,
            "travel_class": travel_class,
            "price": price,
            "status": "unpaid",
        }
        return {"booking_id": booking_id, "price": price}

    @tool(effect="write", sources={**_ZIP_SOURCES, "card_id": CARD_SOURCES})
    def buy_tickets(
        self,
        departure_zip: str,
        arrival_zip: str,
        passengers: Annotated[int, Field(ge=1, le=9)] = 1,
        card_id: str | None = None,
    ) -> Tickets:
        """Buy train tickets between two zip codes. They are paid at once, with the default card unless another payment
        card is given; a card whose balance does not cover the price is declined.

        Args:
            departure_zip: Zip code of the departure city.
            arrival_zip: Zip code of the arrival city.
            passengers: Number of passengers.
            card_id: ID of the payment card.
        """
        origin, destination = self._route(departure_zip, arrival_zip)
        price = round(usual_price(self.seed, origin, destination) * TRAIN_FARE_SHARE * passengers, 2)
        card_id = card_id or self.default_card()
        self.charge(card_id, price)
        ticket_id = self.new_id("TK", digits=5)
        self.data["tickets"][ticket_id] = {
            "departure_city": origin,
            "arrival_city": destination,
            "passengers": passengers,
            "price": price,
            "paid_with": card_id,
        }
        return {"ticket_id": ticket_id, "total_price": price}

    def free_seats(self, flight_id: str) -> list[Seat]:
        """The seats of a flight that can be chosen, without those that the traveller has reserved."""
        bookings = self.data["bookings"].values()
        own = {
            item.get("seat") for item in bookings if item["flight_id"] == flight_id and item["status"] != "cancelled"
        }
        return [seat for seat in seats(self.seed, flight_id) if seat.number not in own]

    def _route(self, departure_zip: str, arrival_zip: str) -> tuple[str, str]:
        origin, destination = self.city_at(departure_zip), self.city_at(arrival_zip)
        if origin == destination:
            raise self.fail(f"Departure and arrival are both in {origin}.", "invalid_value")
        return origin, destination

    def _offer(self, flight: Flight) -> FlightOffer:
        return {
            "flight_id": flight.flight_id,
            "airline": flight.airline,
            "departure_time": flight.departure_time,
            "duration_minutes": flight.duration_minutes,
            "price": flight.price,
            "seats_left": self.seats_left(flight),
        }
