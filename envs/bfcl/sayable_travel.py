"""What the user of the travel class could say: airports with routes between them, and one traveller's own data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.bfcl.beside import Beside, Told, paired
from envs.bfcl.catalogue import literal_keys
from envs.bfcl.people import CARDS, TRAVELLERS, Traveller
from tools.base import Json

_INSURANCE_SHARES = (0.04, 0.06, 0.1)
_INSURANCE_COSTS = (35.0, 80.0, 120.5, 210.0)


def travel(instance: Any) -> Told:
    """What the state and the code of a travel object tell, and a traveller with a card where they tell none."""
    routes = [route for route in literal_keys(type(instance).get_flight_cost, "base_costs") if isinstance(route, tuple)]
    return {
        **_rates(instance),
        **_traveller(instance),
        **_card(instance),
        "card_id": [*instance.credit_card_list],
        "booking_id": [*instance.booking_record],
        "travel_from": [*dict.fromkeys(origin for origin, _ in routes)],
        "travel_to": [*paired(((origin, goal) for origin, goal in routes), "travel_from")],
        "insurance_cost": [*_insurance_costs(instance.booking_record)],
    }


def _rates(instance: Any) -> Told:
    """Currencies that can be exchanged for each other, in both directions."""
    rates = [rate for rate in literal_keys(type(instance).compute_exchange_rate, "exchange_rates") if rate]
    pairs = [pair for base, target in rates for pair in ((base, target), (target, base))]
    return {
        "compute_exchange_rate.base_currency": [*dict.fromkeys(base for base, _ in pairs)],
        "compute_exchange_rate.target_currency": [*paired(pairs, "base_currency")],
    }


def _traveller(instance: Any) -> Told:
    """The names of whoever is signed in, or of people who could be; all else goes with one person's names."""
    first, last = instance.user_first_name, instance.user_last_name
    signed_in = bool(first and last)
    people = [TRAVELLERS[0]._replace(first_name=first, last_name=last)] if signed_in else [*TRAVELLERS]
    own: Told = {
        "user_first_name": [*_of(people, "first_name", signing_in=True)],
        "user_last_name": [*_of(people, "last_name", signing_in=True)],
        "client_id": [person.client_id for person in people],
        "client_secret": [*_of(people, "client_secret", signing_in=True)],
        "refresh_token": [*_of(people, "refresh_token", signing_in=True)],
        "date_of_birth": [*_of(people, "date_of_birth")],
        "passport_number": [*_of(people, "passport_number")],
        "access_token": [instance.access_token] if instance.access_token else [],
    }
    return {**own, "first_name": [first], "last_name": [last]} if signed_in else own


def _of(people: list[Traveller], field: str, *, signing_in: bool = False) -> Iterator[Beside]:
    """A field of each person, beside the person's other data."""
    for person in people:
        names: dict[str, tuple[Json, ...]] = {"first_name": (person.first_name,), "last_name": (person.last_name,)}
        client: dict[str, tuple[Json, ...]] = {"client_id": (person.client_id,)}
        yield Beside(getattr(person, field), client if signing_in else names)


def _card(instance: Any) -> Told:
    """Cards that are not registered yet, in the name of whoever is signed in."""
    registered = {card.get("card_number") for card in instance.credit_card_list.values() if isinstance(card, dict)}
    cards = [card for card in CARDS if card.number not in registered]
    first, last = instance.user_first_name, instance.user_last_name
    names = [f"{first} {last}"] if first and last else [f"{item.first_name} {item.last_name}" for item in TRAVELLERS]
    return {
        "card_number": [card.number for card in cards],
        "expiration_date": [Beside(card.expires, {"card_number": (card.number,)}) for card in cards],
        "card_verification_number": [Beside(card.verification, {"card_number": (card.number,)}) for card in cards],
        "cardholder_name": [*names],
    }


def _insurance_costs(bookings: dict[str, Any]) -> Iterator[Json | Beside]:
    """What an insurance of each booking could cost: a small share of what the trip costs."""
    for key, booking in bookings.items():
        cost = float(booking.get("travel_cost", 0)) if isinstance(booking, dict) else 0.0
        yield from (
            Beside(max(5.0, round(cost * share / 5) * 5.0), {"booking_id": (key,)}) for share in _INSURANCE_SHARES
        )
    if not bookings:
        yield from _INSURANCE_COSTS
