"""Draws the initial state of a travel world: a pure function of the seed."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from random import Random

from envs.travel.catalogue import (
    CARD_LABELS,
    CURRENCIES,
    DRAWN_PLACES,
    FIXED_PLACES,
    FIXED_ZIP_CODES,
    PLACES,
    PLANS,
    RATES,
    TRAVELLERS,
)
from envs.travel.timetable import Flight, Timetable
from tools.base import JsonObject, generator

_STATUSES = ("unpaid", "paid", "paid")
_BALANCES = ((1400, 2400), (450, 900), (20, 90))
_FIRST_DAY = datetime.date(2026, 1, 5)


def draw_state(seed: int) -> JsonObject:
    """Cities, rates, a traveller with cards, and bookings: one unpaid, one paid, and one paid and insured."""
    rng = generator("travel", seed)
    today = (_FIRST_DAY + datetime.timedelta(days=rng.randrange(330))).isoformat()
    state: JsonObject = {
        "today": today,
        "cities": _cities(rng),
        "rates": {
            code: round(rate * rng.uniform(0.95, 1.05), 4) if rate != 1 else rate for code, rate in RATES.items()
        },
        "_seed": rng.randrange(2**31),
        "_id_seed": rng.randrange(2**31),
    }
    state["profile"] = _profile(rng, list(state["cities"]))
    state["cards"] = _cards(rng)
    timetable = Timetable(state["_seed"], tuple(state["cities"]), today)
    state["bookings"] = _bookings(rng, timetable, state)
    state["policies"] = _policies(rng, state["bookings"])
    return {**state, "invoices": {}, "tickets": {}}


def _cities(rng: Random) -> JsonObject:
    places = sorted((*FIXED_PLACES, *rng.sample(PLACES, DRAWN_PLACES)))
    codes = _distinct(rng, len(places), 10_000, 100_000, FIXED_ZIP_CODES.values())
    people = _distinct(rng, len(places), 40, 2_500)
    return {
        place.city: {
            "zip_code": FIXED_ZIP_CODES.get(place.city, code),
            "country": place.country,
            "currency": CURRENCIES[place.country],
            "population": int(thousands) * 1000,
        }
        for place, code, thousands in zip(places, codes, people, strict=True)
    }


def _profile(rng: Random, cities: list[str]) -> JsonObject:
    name = rng.choice(TRAVELLERS)
    email = name.lower().replace(" ", ".") + "@example.com"
    points = rng.randrange(100, 4000, 10)
    return {"full_name": name, "email": email, "home_city": rng.choice(cities), "loyalty_points": points}


def _cards(rng: Random) -> JsonObject:
    labels = rng.sample(CARD_LABELS, len(_BALANCES))
    numbers = _distinct(rng, len(labels), 10**15 * 4, 10**15 * 5)
    ids = _distinct(rng, len(labels), 1000, 10_000)
    return {
        f"CARD-{number}": {
            "label": label,
            "card_number": digits,
            "balance": float(rng.randint(*limits)),
            "is_default": position == 0,
        }
        for position, (number, label, digits, limits) in enumerate(zip(ids, labels, numbers, _BALANCES, strict=True))
    }


def _bookings(rng: Random, timetable: Timetable, state: JsonObject) -> JsonObject:
    home, card = state["profile"]["home_city"], next(iter(state["cards"]))
    destinations = rng.sample([city for city in state["cities"] if city != home], len(_STATUSES))
    days = rng.sample(timetable.days, len(_STATUSES))
    ids = _distinct(rng, len(_STATUSES), 1000, 10_000)
    found: JsonObject = {}
    for number, status, city, day in zip(ids, _STATUSES, destinations, days, strict=True):
        prices = {booking["price"] for booking in found.values()}
        offers = [flight for flight in timetable.flights(home, city, day) if flight.price not in prices]
        found[f"BK-{number}"] = _booking(rng.choice(offers), status, card)
    return found


def _booking(flight: Flight, status: str, card_id: str) -> JsonObject:
    paid_with = {"paid_with": card_id} if status == "paid" else {}
    return {
        "flight_id": flight.flight_id,
        "travel_class": "economy",
        "price": flight.price,
        "status": status,
        **paid_with,
    }


def _policies(rng: Random, bookings: JsonObject) -> JsonObject:
    booking_id = list(bookings)[-1]
    coverage = round(bookings[booking_id]["price"] * PLANS["basic"].coverage, 2)
    policy = {"booking_id": booking_id, "plan": "basic", "coverage": coverage, "claims": {}}
    return {f"PL-{rng.randint(1000, 9999)}": policy}


def _distinct(rng: Random, count: int, low: int, high: int, taken: Collection[str] = ()) -> list[str]:
    """Different numbers as texts, none of them ``taken``."""
    found = [str(number) for number in rng.sample(range(low, high), count + len(taken))]
    return [text for text in found if text not in taken][:count]
