"""Where each class's state and code hold what its user could say: by parameter, or by ``tool.parameter``.

Shipped configurations do not always have the fields that the code expects; what is missing is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from envs.bfcl import destinations
from envs.bfcl.beside import Beside, Told, different, paired
from envs.bfcl.catalogue import compared_values, literal_keys
from envs.bfcl.people import ACCOUNTS, CONTACTS, DESCRIPTIONS, FILES, FOLDERS, TAGS, TICKETS, TWEETS, USERS
from envs.bfcl.sayable_travel import travel
from envs.bfcl.state import is_directory
from tools.base import Json, json_safe

_KEYWORD = re.compile(r"[A-Za-z]{5,}")
_MAX_KEYWORDS = 8
_COMMON = frozenset(
    {"about", "after", "again", "before", "could", "every", "their", "there", "these", "thing", "those", "today"}
    | {"under", "until", "where", "which", "while", "would", "should", "still", "thanks", "ready", "being"}
)
_LIMIT_SHARES = (0.96, 0.98, 1.02, 1.04)
_DONE = ("Completed", "Cancelled")
_FUEL = (5, 8.5, 12, 20)
_TANK = 50
_AMOUNTS = (75.5, 250.0, 600.0, 1200.0, 3000.0)
_WHOLES = (60, 250, 480, 1200)
_PARTS = (45, 12.5, 360, 18)


def _files(instance: Any) -> Told:
    here = instance._current_dir.contents
    files = [name for name, item in here.items() if not is_directory(item)]
    folders = [name for name, item in here.items() if is_directory(item)]
    parent = [".."] if instance._current_dir.parent is not None else []
    words = ((name, word) for name in files for word in _keywords([here[name].content]))
    return {
        "file_name": [*files],
        "file_name1": [*files],
        "file_name2": [*different(files, "file_name1")],
        "source": [*files, *folders],
        "destination": [*destinations.beside(files, folders)],
        "dir_name": [*folders],
        "rm.file_name": [*files, *folders],
        "touch.file_name": [name for name in FILES if name not in here],
        "mkdir.dir_name": [name for name in FOLDERS if name not in here],
        "folder": [*folders, *parent],
        "path": [".", *folders],
        "name": [*dict.fromkeys(_names_below(instance._current_dir))],
        "pattern": [*paired(words, "file_name")],
    }


def _math(instance: Any) -> Told:
    si_units: list[Json] = list(literal_keys(type(instance).si_unit_conversion, "to_meters"))
    pairs = [str(key).split("_to_") for key in literal_keys(type(instance).imperial_si_conversion, "conversion")]
    return {
        "si_unit_conversion.unit_in": si_units,
        "si_unit_conversion.unit_out": [*different(si_units, "unit_in")],
        "imperial_si_conversion.unit_in": [source for source, _ in pairs],
        "imperial_si_conversion.unit_out": [*paired(((source, target) for source, target in pairs), "unit_in")],
        "whole": [Beside(whole, {"part": tuple(part for part in _PARTS if part < whole)}) for whole in _WHOLES],
    }


def _messages(instance: Any) -> Told:
    receivers = [receiver for entry in instance.inbox for receiver in entry]
    return {
        "user": [*instance.user_map],
        "user_name": [name for name in CONTACTS if name not in instance.user_map],
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
        "username_to_follow": [name for name in (*authors, *USERS) if name not in (instance.username, *followed)],
        "username_to_unfollow": [*followed],
        "content": [*TWEETS],
        "tags": [
            *(Beside(list(tags), {"content": (content,)}) for content, tags in TWEETS.items()),
            *(list(tags) for tags in TAGS),
        ],
        "keyword": _keywords(tweet.get("content", "") for tweet in tweets),
    }


def _tickets(instance: Any) -> Told:
    queue = instance.ticket_queue
    own = [instance.current_user] if instance.current_user else [*ACCOUNTS]
    return {
        "ticket_id": [ticket["id"] for ticket in queue if isinstance(ticket.get("id"), int)],
        "status": [*dict.fromkeys(ticket["status"] for ticket in queue if "status" in ticket)],
        "title": [*TICKETS],
        "description": [*paired(TICKETS.items(), "title"), *DESCRIPTIONS],
        "username": [*own],
        "password": [*_passwords(own)],
    }


def _passwords(own: Sequence[str]) -> Iterator[Beside]:
    """The password of each account; whoever is not among them has the first one."""
    names = {name: ACCOUNTS.get(name, next(iter(ACCOUNTS.values()))) for name in own}
    return paired(names.items(), "username")


def _trades(instance: Any) -> Told:
    symbols = list(instance.stocks)
    methods = type(instance)
    balance = instance.account_info.get("balance", 0)
    orders = {key: order for key, order in instance.orders.items() if isinstance(key, int)}
    return {
        "order_id": [*orders],
        "cancel_order.order_id": [key for key, order in orders.items() if order.get("status") not in _DONE],
        "symbol": [*symbols],
        "stock": [symbol for symbol in symbols if symbol not in instance.watch_list],
        "remove_stock_from_watchlist.symbol": [*instance.watch_list],
        "place_order.price": [*_limit_prices(instance.stocks)],
        "stocks": [symbols[:3], symbols[2:6], symbols[-3:], list(instance.watch_list)],
        "name": list(literal_keys(methods.get_symbol_by_name, "symbol_map")),
        "sector": list(literal_keys(methods.get_available_stocks, "sector_map")),
        "fund_account.amount": [*_AMOUNTS],
        "withdraw_funds.amount": [amount for amount in _AMOUNTS if amount <= balance],
        "username": [*ACCOUNTS],
        "password": [*_passwords(list(ACCOUNTS))],
    }


def _limit_prices(stocks: dict[str, Any]) -> Iterator[Beside]:
    """Prices near each stock's own, as somebody would set them for an order."""
    for symbol, stock in stocks.items():
        for share in _LIMIT_SHARES:
            price = float(stock.get("price", 0)) * share
            yield Beside(round(price * 2) / 2 if price >= 10 else round(price, 2), {"symbol": (symbol,)})


def _vehicle(instance: Any) -> Told:
    methods: Any = type(instance)
    routes = _routes(methods)
    return {
        "city": list(compared_values(methods.get_zipcode_based_on_city, "city")),
        "cityA": list(dict.fromkeys(start for start, _ in routes)),
        "cityB": [*paired(routes, "cityA")],
        "fuelAmount": [amount for amount in _FUEL if instance.fuelLevel + amount <= _TANK],
    }


@cache
def _routes(vehicle: Any) -> tuple[tuple[Json, Json], ...]:
    """The pairs of zip codes between which a distance is known, in both directions."""
    codes = dict.fromkeys(
        code for name in ("cityA", "cityB") for code in compared_values(vehicle.estimate_distance, name)
    )
    measuring = vehicle()
    measuring._load_scenario({}, long_context=False)
    pairs = ((one, other) for one in codes for other in codes if one != other)
    return tuple(pair for pair in pairs if "error" not in measuring.estimate_distance(*pair))


SOURCES: dict[str, Callable[[Any], Told]] = {
    "GorillaFileSystem": _files,
    "MathAPI": _math,
    "MessageAPI": _messages,
    "TwitterAPI": _tweets,
    "TicketAPI": _tickets,
    "TradingBot": _trades,
    "TravelAPI": travel,
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
    return [word for word in dict.fromkeys(words) if word.lower() not in _COMMON][:_MAX_KEYWORDS]
