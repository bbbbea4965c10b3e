"""What the tools of ``travel`` answer with. The descriptions are what a reader of a result's schema goes by."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field

# pydantic needs this TypedDict rather than typing's before Python 3.12.
from typing_extensions import TypedDict

from envs.travel.catalogue import Status, TravelClass


class City(TypedDict):
    city: Annotated[str, Field(description="City, by its name.")]
    country: Annotated[str, Field(description="Country of the city.")]
    currency: Annotated[str, Field(description="Local currency of the city.")]
    population: Annotated[int, Field(description="Population of the city.")]


class Cities(TypedDict):
    cities: Annotated[list[City], Field(description="The cities found.")]


class ZipCode(TypedDict):
    zip_code: Annotated[str, Field(description="Zip code of the city.")]


class Forecast(TypedDict):
    conditions: Annotated[str, Field(description="Weather conditions of the day.")]
    temperature: Annotated[int, Field(description="Highest temperature in degrees Celsius.")]


class ExchangeRate(TypedDict):
    exchange_rate: Annotated[float, Field(description="Exchange rate of the two currencies.")]


class FlightOffer(TypedDict):
    flight_id: Annotated[str, Field(description="ID of the flight.")]
    airline: Annotated[str, Field(description="Airline of the flight.")]
    departure_time: Annotated[str, Field(description="Departure time of the flight.")]
    duration_minutes: Annotated[int, Field(description="Duration of the flight in minutes.")]
    price: Annotated[float, Field(description="Price of the flight in USD.")]
    seats_left: Annotated[int, Field(description="Number of seats left.")]


class Flights(TypedDict):
    flights: Annotated[list[FlightOffer], Field(description="The flights found, by departure time.")]


class FreeSeat(TypedDict):
    seat_number: Annotated[str, Field(description="Number of the seat.")]
    position: Annotated[str, Field(description="Position of the seat, such as window or aisle.")]
    surcharge: Annotated[float, Field(description="Seat surcharge in USD.")]


class SeatMap(TypedDict):
    seats: Annotated[list[FreeSeat], Field(description="The seats that can be chosen.")]


class NewBooking(TypedDict):
    booking_id: Annotated[str, Field(description="ID of the booking.")]
    price: Annotated[float, Field(description="Price of the booking in USD.")]


class Tickets(TypedDict):
    ticket_id: Annotated[str, Field(description="ID of the train ticket.")]
    total_price: Annotated[float, Field(description="Total price of the tickets in USD.")]


class BookingEntry(TypedDict):
    booking_id: Annotated[str, Field(description="ID of the booking.")]
    departure_city: Annotated[str, Field(description="Departure city of the booking.")]
    arrival_city: Annotated[str, Field(description="Arrival city of the booking.")]
    travel_date: Annotated[str, Field(description="Travel date of the booking.")]
    price: Annotated[float, Field(description="Price of the booking in USD.")]
    status: Annotated[Status, Field(description="Status of the booking.")]


class Bookings(TypedDict):
    bookings: Annotated[list[BookingEntry], Field(description="The bookings found.")]


class BookingDetails(TypedDict):
    flight_id: Annotated[str, Field(description="ID of the booked flight.")]
    departure_city: Annotated[str, Field(description="Departure city of the booking.")]
    arrival_city: Annotated[str, Field(description="Arrival city of the booking.")]
    travel_date: Annotated[str, Field(description="Travel date of the booking.")]
    departure_time: Annotated[str, Field(description="Departure time of the flight.")]
    travel_class: Annotated[TravelClass, Field(description="Travel class of the booking.")]
    price: Annotated[float, Field(description="Price of the booking in USD.")]
    status: Annotated[Status, Field(description="Status of the booking.")]
    reserved_seat: NotRequired[Annotated[str, Field(description="Reserved seat, if there is one.")]]
    policy_id: NotRequired[Annotated[str, Field(description="ID of the insurance policy, if there is one.")]]
    invoice_id: NotRequired[Annotated[str, Field(description="ID of the invoice, if there is one.")]]
    boarding_pass_id: NotRequired[Annotated[str, Field(description="ID of the boarding pass, if there is one.")]]


class SeatReserved(TypedDict):
    surcharge: Annotated[float, Field(description="Seat surcharge in USD.")]
    new_price: Annotated[float, Field(description="New price of the booking in USD.")]


class BoardingPass(TypedDict):
    boarding_pass_id: Annotated[str, Field(description="ID of the boarding pass.")]
    gate: Annotated[str, Field(description="Departure gate.")]


class Cancellation(TypedDict):
    refund: Annotated[float, Field(description="Refunded sum in USD.")]
    fee: Annotated[float, Field(description="Cancellation fee in USD.")]


class CardEntry(TypedDict):
    card_id: Annotated[str, Field(description="ID of the payment card.")]
    card_label: Annotated[str, Field(description="Label of the payment card.")]
    last_digits: Annotated[str, Field(description="Last digits of the payment card.")]
    balance: Annotated[float, Field(description="Balance of the payment card in USD.")]
    is_default: Annotated[bool, Field(description="True for the card that is charged if none is named.")]


class Cards(TypedDict):
    cards: Annotated[list[CardEntry], Field(description="The payment cards.")]


class NewCard(TypedDict):
    card_id: Annotated[str, Field(description="ID of the payment card.")]
    balance: Annotated[float, Field(description="Balance of the payment card in USD.")]


class NewBalance(TypedDict):
    new_balance: Annotated[float, Field(description="New balance of the payment card in USD.")]


class Payment(TypedDict):
    charged: Annotated[float, Field(description="Sum charged in USD.")]
    new_balance: Annotated[float, Field(description="New balance of the payment card in USD.")]


class Invoice(TypedDict):
    invoice_id: Annotated[str, Field(description="ID of the invoice.")]
    total: Annotated[float, Field(description="Total of the invoice in USD.")]


class Quote(TypedDict):
    quote_id: Annotated[str, Field(description="ID of the insurance quote.")]
    premium: Annotated[float, Field(description="Premium of the insurance in USD.")]
    coverage: Annotated[float, Field(description="Highest sum covered in USD.")]


class Policy(TypedDict):
    policy_id: Annotated[str, Field(description="ID of the insurance policy.")]
    new_balance: Annotated[float, Field(description="New balance of the payment card in USD.")]


class Claim(TypedDict):
    claim_id: Annotated[str, Field(description="ID of the claim.")]
    remaining_coverage: Annotated[float, Field(description="Remaining coverage of the policy in USD.")]


class Profile(TypedDict):
    full_name: Annotated[str, Field(description="Full name of the traveller.")]
    email: Annotated[str, Field(description="Email address of the traveller.")]
    home_city: Annotated[str, Field(description="Home city of the traveller.")]
    loyalty_points: Annotated[int, Field(description="Loyalty points of the traveller.")]
