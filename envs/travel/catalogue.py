"""What worlds are drawn from: names, places, and the rules of the house that no seed changes."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

TravelClass = Literal["economy", "business"]
Plan = Literal["basic", "standard", "premium"]
Status = Literal["unpaid", "paid", "cancelled"]
Cause = Literal["delay", "cancellation", "lost luggage", "illness"]

HORIZON_DAYS: Final = 14
"""Flights and forecasts exist from the day after ``today`` for this many days."""

BUSINESS_FACTOR: Final = 2.2
CANCELLATION_FEE: Final = 0.2
TRAIN_FARE_SHARE: Final = 0.4
TOP_UP_LIMIT: Final = 2000.0


class Place(NamedTuple):
    """A city, and the country whose currency is used there."""

    city: str
    country: str


CURRENCIES: Final = {"Norland": "EUR", "Westmark": "GBP", "Sundara": "INR", "Kaito": "JPY", "Alvera": "CHF"}
RATES: Final = {"USD": 1.0, "EUR": 0.91, "GBP": 0.78, "INR": 83.4, "JPY": 148.0, "CHF": 0.88}
"""Units of each currency for one US dollar, before a world's own deviation."""

FIXED_ZIP_CODES: Final = {"Rivermist": "83214", "Stonebrook": "74532"}
"""Cities that every world has, with the zip codes that they have in every world."""

FIXED_PLACES: Final = (Place("Rivermist", "Norland"), Place("Stonebrook", "Westmark"))
PLACES: Final = (
    Place("Silverpine", "Norland"),
    Place("Oakendale", "Norland"),
    Place("Frostholm", "Norland"),
    Place("Maplecrest", "Norland"),
    Place("Crestview", "Westmark"),
    Place("Ashford Bay", "Westmark"),
    Place("Greyhaven", "Westmark"),
    Place("Lunden Hill", "Westmark"),
    Place("Jalpur", "Sundara"),
    Place("Amravali", "Sundara"),
    Place("Chandrapore", "Sundara"),
    Place("Kiyomizu", "Kaito"),
    Place("Hanamori", "Kaito"),
    Place("Tsukihama", "Kaito"),
    Place("Sonnenbruck", "Alvera"),
    Place("Montclair", "Alvera"),
    Place("Bellavista", "Alvera"),
)
DRAWN_PLACES: Final = 10

AIRLINES: Final = ("Aurora Air", "Meridian Airways", "Skylark", "Northwind", "Blue Heron Air", "Transcontinental")
GATES: Final = tuple(f"{hall}{number}" for hall in "ABC" for number in range(1, 13))
CONDITIONS: Final = ("sunny", "partly cloudy", "overcast", "light rain", "thunderstorms", "snow", "fog")
TRAVELLERS: Final = (
    "Maya Lindqvist",
    "Tomas Okafor",
    "Elena Petrova",
    "Rahul Mehta",
    "Sofia Marchetti",
    "Daniel Whitfield",
    "Aiko Tanaka",
    "Claire Dubois",
)
CARD_LABELS: Final = ("travel card", "family card", "business card", "savings card")
NEW_CARD_LABELS: Final = ("gift card", "holiday card", "spare card", "backup card")


class Cover(NamedTuple):
    """What an insurance plan costs and covers, as shares of the booking's price."""

    premium: float
    coverage: float


PLANS: Final[dict[Plan, Cover]] = {
    "basic": Cover(0.05, 1.0),
    "standard": Cover(0.08, 1.5),
    "premium": Cover(0.12, 2.5),
}
