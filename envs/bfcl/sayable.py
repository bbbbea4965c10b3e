"""Where each class's state and code hold what its user could say: by parameter, or by ``tool.parameter``.

Shipped configurations do not always have the fields that the code expects; what is missing is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from envs.bfcl.catalogue import compared_values, literal_keys
from envs.bfcl.state import is_directory
from tools.base import Json, json_safe

Told = dict[str, list[Json]]

_KEYWORD = re.compile(r"[A-Za-z]{5,}")
_MAX_KEYWORDS = 8


def _files(instance: Any) -> Told:
    here = instance._current_dir.contents
    files = [name for name, item in here.items() if not is_directory(item)]
    folders = [name for name, item in here.items() if is_directory(item)]
    parent = [".."] if instance._current_dir.parent is not None else []
    texts = [here[name].content for name in files]
    return {
        "file_name": [*files],
        "file_name1": [*files],
        "file_name2": [*files],
        "source": [*files, *folders],
        "destination": [*folders],
        "dir_name": [*folders],
        "rm.file_name": [*files, *folders],
        "touch.file_name": [],
        "mkdir.dir_name": [],
        "folder": [*folders, *parent],
        "path": [".", *folders],
        "name": [*dict.fromkeys(_names_below(instance._current_dir))],
        "pattern": _keywords(texts),
    }


def _math(instance: Any) -> Told:
    si_units: list[Json] = list(literal_keys(type(instance).si_unit_conversion, "to_meters"))
    pairs = [str(key).split("_to_") for key in literal_keys(type(instance).imperial_si_conversion, "conversion")]
    return {
        "si_unit_conversion.unit_in": si_units,
        "si_unit_conversion.unit_out": si_units,
        "imperial_si_conversion.unit_in": [source for source, _ in pairs],
        "imperial_si_conversion.unit_out": [target for _, target in pairs],
    }


def _messages(instance: Any) -> Told:
    receivers = [receiver for entry in instance.inbox for receiver in entry]
    return {
        "user": [*instance.user_map],
        "user_id": [*instance.user_map.values()],
        "receiver_id": [*instance.user_map.values()],
        "delete_message.receiver_id": [*dict.fromkeys(receivers)],
        "keyword": _keywords(text for entry in instance.inbox for text in entry.values()),
    }


def _tweets(instance: Any) -> Told:
    tweets = list(instance.tweets.values())
    authors = list(dict.fromkeys([instance.username, *(tweet["username"] for tweet in tweets if "username" in tweet)]))
    followed = list(instance.following_list)
    return {
        "username": [*authors],
        "authenticate_twitter.username": [instance.username],
        "password": [instance.password],
        "tweet_id": [*instance.tweets],
        "mentioned_usernames": [*([name] for name in followed), followed[:2]],
        "mentions": [*([f"@{name}"] for name in followed)],
        "username_to_follow": [name for name in authors if name not in (instance.username, *followed)],
        "username_to_unfollow": [*followed],
        "keyword": _keywords(tweet.get("content", "") for tweet in tweets),
    }


def _tickets(instance: Any) -> Told:
    queue = instance.ticket_queue
    return {
        "ticket_id": [ticket["id"] for ticket in queue if isinstance(ticket.get("id"), int)],
        "status": [*dict.fromkeys(ticket["status"] for ticket in queue if "status" in ticket)],
        "username": [instance.current_user] if instance.current_user else [],
    }


def _trades(instance: Any) -> Told:
    symbols = list(instance.stocks)
    methods = type(instance)
    return {
        "order_id": [key for key in instance.orders if isinstance(key, int)],
        "symbol": [*symbols],
        "stock": [*symbols],
        "remove_stock_from_watchlist.symbol": [*instance.watch_list],
        "place_order.price": [stock["price"] for stock in instance.stocks.values() if "price" in stock],
        "stocks": [symbols[:3], symbols[2:6], symbols[-3:], list(instance.watch_list)],
        "name": list(literal_keys(methods.get_symbol_by_name, "symbol_map")),
        "sector": list(literal_keys(methods.get_available_stocks, "sector_map")),
    }


def _travel(instance: Any) -> Told:
    routes = literal_keys(type(instance).get_flight_cost, "base_costs")
    rates = literal_keys(type(instance).compute_exchange_rate, "exchange_rates")
    own = {
        "user_first_name": instance.user_first_name,
        "user_last_name": instance.user_last_name,
        "first_name": instance.user_first_name,
        "last_name": instance.user_last_name,
        "access_token": instance.access_token,
    }
    return {
        **{name: [value] for name, value in own.items() if value},
        "compute_exchange_rate.base_currency": [*dict.fromkeys(base for base, _ in rates)],
        "compute_exchange_rate.target_currency": [*dict.fromkeys(target for _, target in rates)],
        "card_id": [*instance.credit_card_list],
        "booking_id": [*instance.booking_record],
        "travel_from": [*dict.fromkeys(origin for origin, _ in routes)],
        "travel_to": [*dict.fromkeys(goal for _, goal in routes)],
    }


def _vehicle(instance: Any) -> Told:
    methods = type(instance)
    return {
        "city": list(compared_values(methods.get_zipcode_based_on_city, "city")),
        "cityA": list(compared_values(methods.estimate_distance, "cityA")),
        "cityB": list(compared_values(methods.estimate_distance, "cityB")),
    }


SOURCES: dict[str, Callable[[Any], Told]] = {
    "GorillaFileSystem": _files,
    "MathAPI": _math,
    "MessageAPI": _messages,
    "TwitterAPI": _tweets,
    "TicketAPI": _tickets,
    "TradingBot": _trades,
    "TravelAPI": _travel,
    "VehicleControlAPI": _vehicle,
}


def _names_below(directory: Any, above: tuple[int, ...] = ()) -> Iterator[str]:
    for name, item in directory.contents.items():
        yield name
        if is_directory(item) and id(item) not in above:
            yield from _names_below(item, (*above, id(item)))


def _keywords(texts: Iterable[Any]) -> list[Json]:
    """The first longer words of texts, each once: what somebody would search for."""
    words = (word for text in texts for word in _KEYWORD.findall(str(json_safe(text))))
    return list(dict.fromkeys(words))[:_MAX_KEYWORDS]
