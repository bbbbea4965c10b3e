"""Flights, seats and forecasts as pure functions of a world's seed, so that no state has to list them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from envs.travel.catalogue import AIRLINES, CONDITIONS, GATES, HORIZON_DAYS
from tools.base import derive_seed, generator

_MOST_FLIGHTS = 5
_SOLD_OUT = 0.08
# Flight ids count all flights and are then spread over five digits by a multiplication that can be undone.
_IDS = 99_991
_SPREAD = 48_271
_GATHERED = pow(_SPREAD, -1, _IDS)


class Flight(NamedTuple):
    """One departure. ``seats`` are those that strangers have left free."""

    flight_id: str
    origin: str
    destination: str
    day: str
    airline: str
    departure_time: str
    duration_minutes: int
    price: float
    seats: int
    gate: str


class Seat(NamedTuple):
    """A seat that can be chosen for a surcharge."""

    number: str
    position: str
    surcharge: float


class Weather(NamedTuple):
    """A forecast for one place and day."""

    conditions: str
    temperature: int


@lru_cache(maxsize=256)
def travel_days(today: str) -> tuple[str, ...]:
    """The days on which flights go, in order."""
    first = datetime.date.fromisoformat(today)
    return tuple((first + datetime.timedelta(days=ahead)).isoformat() for ahead in range(1, HORIZON_DAYS + 1))


class Timetable:
    """The flights between ``cities`` in the days after ``today``, in the world of ``seed``."""

    def __init__(self, seed: int, cities: Sequence[str], today: str) -> None:
        self.seed = seed
        self.days = travel_days(today)
        self._cities = sorted(cities)

    def flights(self, origin: str, destination: str, day: str) -> tuple[Flight, ...]:
        """All flights of a day between two different cities, by departure; none outside the days of the timetable."""
        if day not in self.days or origin == destination:
            return ()
        first = self._number(origin, destination, day)
        numbers = range(first, first + _MOST_FLIGHTS)
        return _flights(self.seed, origin, destination, day, tuple(self._flight_id(number) for number in numbers))

    def find(self, flight_id: str) -> Flight | None:
        """The flight of an id, if there is one."""
        prefix, _, digits = flight_id.partition("-")
        if prefix != "FL" or len(digits) != 5 or not digits.isdecimal():
            return None
        number = (int(digits) - self.seed) * _GATHERED % _IDS
        route_day, _ = divmod(number, _MOST_FLIGHTS)
        route, day = divmod(route_day, len(self.days))
        start, end = divmod(route, len(self._cities))
        if start >= len(self._cities):
            return None
        flights = self.flights(self._cities[start], self._cities[end], self.days[day])
        return next((flight for flight in flights if flight.flight_id == flight_id), None)

    def _number(self, origin: str, destination: str, day: str) -> int:
        route = self._cities.index(origin) * len(self._cities) + self._cities.index(destination)
        return (route * len(self.days) + self.days.index(day)) * _MOST_FLIGHTS

    def _flight_id(self, number: int) -> str:
        return f"FL-{(number * _SPREAD + self.seed) % _IDS:05d}"


@lru_cache(maxsize=4096)
def _flights(seed: int, origin: str, destination: str, day: str, ids: tuple[str, ...]) -> tuple[Flight, ...]:
    rng = generator("flights", seed, origin, destination, day)
    usual, minutes = _route(seed, origin, destination)
    count = rng.randint(2, _MOST_FLIGHTS)
    # Distinct shares of the usual price and distinct quarters of an hour, so that a user can tell flights apart.
    shares = rng.sample(range(70, 150), count)
    quarters = sorted(rng.sample(range(24, 88), count))
    return tuple(
        Flight(
            flight_id=flight_id,
            origin=origin,
            destination=destination,
            day=day,
            airline=rng.choice(AIRLINES),
            departure_time=f"{quarter // 4:02d}:{quarter % 4 * 15:02d}",
            duration_minutes=minutes + rng.randrange(0, 30, 5),
            price=round(usual * share / 100, 2),
            seats=0 if rng.random() < _SOLD_OUT else rng.randint(1, 20),
            gate=rng.choice(GATES),
        )
        for flight_id, share, quarter in zip(ids, shares, quarters, strict=False)
    )


def usual_price(seed: int, origin: str, destination: str) -> float:
    """What a flight between two cities usually costs, the same in both directions."""
    return _route(seed, origin, destination)[0]


def _route(seed: int, origin: str, destination: str) -> tuple[float, int]:
    """Usual price and flying time, the same in both directions."""
    rng = generator("route", seed, *sorted((origin, destination)))
    minutes = rng.randrange(60, 420, 5)
    return float(40 + minutes), minutes


@lru_cache(maxsize=1024)
def seats(seed: int, flight_id: str) -> tuple[Seat, ...]:
    """The seats of a flight that can be chosen, each at another surcharge."""
    rng = generator("seats", seed, flight_id)
    rows = sorted(rng.sample(range(2, 32), 4))
    surcharges = sorted(rng.sample(range(5, 60), 4), reverse=True)
    positions = {"A": "window", "B": "middle", "C": "aisle", "D": "aisle", "E": "middle", "F": "window"}
    letters = [rng.choice("ABCDEF") for _ in rows]
    return tuple(
        Seat(f"{row}{letter}", positions[letter], float(surcharge))
        for row, letter, surcharge in zip(rows, letters, surcharges, strict=True)
    )


def weather(seed: int, city: str, day: str) -> Weather:
    """The forecast for a city and a day."""
    rng = generator("weather", seed, city, day)
    return Weather(rng.choice(CONDITIONS), rng.randint(-5, 36))


def quote_id(seed: int, booking_id: str, plan: str, price: float) -> str:
    """The id of an insurance quote, which holds for one price of the booking: asking for it changes nothing."""
    return f"QT-{derive_seed('quote', seed, booking_id, plan, f'{price:.2f}') % 10**6:06d}"
