"""What a number of a result means for a number that a user gives: the same thing, a bound for it, or what it is a small
fraction of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tools.base import JsonObject
from tools.fits import fit_score
from tools.paths import OutputLeaf, json_type
from tools.wording import words

Role = Literal["same", "at_most", "at_least", "fraction"]
NumberKind = Literal["count", "price", "amount", "level"]

_COUNTS = frozenset({"quantity", "count", "passenger", "guest", "person", "people", "night", "adult", "child", "copy"})
_COUNTED = ("number of", "how many", "count of", "quantity of")
_PRICES = frozenset({"price", "fare", "quote", "bid"})
_AMOUNTS = frozenset({"amount", "sum", "budget", "deposit", "payment", "cost", "fund", "limit", "fee", "premium"})
_DUE = frozenset({"price", "cost", "total", "premium", "fare", "fee", "due", "charge", "charged"})
_AVAILABLE = frozenset({"balance", "coverage", "available", "fund", "remaining"})
_PAYING = frozenset({"pay", "payment", "settle", "buy", "purchase"})
_TAKING = frozenset({"withdraw", "withdrawal", "transfer", "refund", "send"})
_CLAIMS = frozenset({"claim", "reimbursement"})
_INSURANCE = frozenset({"insurance", "premium", "tip", "deposit"})
_ADDING = frozenset({"fund", "deposit", "add", "top", "budget", "limit", "charge", "recharge"})
_SYSTEM = frozenset({"id", "number", "code", "zip", "pin", "counter", "index", "volume", "timestamp", "year"})
_EMPTY = frozenset({"value", "number", "result", "amount", "total", "count", "current", "new", "level", "set", "the"})
_UNITS = ({"km", "kilometer", "mile"}, {"liter", "gallon"}, {"celsius", "fahrenheit"}, {"kg", "lb", "pound"})


class Figure(NamedTuple):
    """A number of a result: its field, what that is described as, and the texts beside it and in the call's arguments
    by name, which tell what it is about."""

    value: float
    field: str
    description: str = ""
    beside: tuple[tuple[str, str], ...] = ()

    def about(self, chosen: Mapping[str, str]) -> int | None:
        """How many of the chosen texts it is about; None where it is about another thing of the same name."""
        own = dict(self.beside)
        if any(name in own and own[name] != value for name, value in chosen.items()):
            return None
        return len({*own.values()}.intersection(chosen.values()))


def number_kind(tool: str, name: str, schema: JsonObject) -> NumberKind:
    """What kind of number a parameter takes, by its name and description: how many of something, the price of one, a
    sum of money, or how much, how fast, how warm."""
    own = words(name)
    description = str(schema.get("description", "")).lower()
    if json_type(schema) == "integer" and (_COUNTS.intersection(own) or description.startswith(_COUNTED)):
        return "count"
    if _PRICES.intersection(own):
        return "price"
    measured = any(unit.intersection(words(description)) for unit in _UNITS)
    return "amount" if _AMOUNTS.intersection(own) and not measured else "level"


def adds_money(tool: str, name: str) -> bool:
    """Whether the amount is put aside for something rather than spent: what is due is then a lower bound."""
    around = {*words(tool), *words(name)}
    return bool(_ADDING & around) and not _TAKING & around


def figure_role(tool: str, name: str, schema: JsonObject, figure: Figure) -> Role | None:
    """What a number of a result means for a parameter, or None where it means nothing."""
    field = words(figure.field)
    if not field or _SYSTEM.intersection(field):
        return None
    kind = number_kind(tool, name, schema)
    if kind == "count":
        return None
    if kind == "price":
        return "same" if _PRICES.intersection(field) else None
    if kind == "amount":
        return _money_role(tool, name, field)
    return "same" if _same_level(name, schema, figure) else None


def is_price(figure: Figure) -> bool:
    """Whether a number is what one of something costs."""
    return bool(_PRICES.intersection(words(figure.field)))


def is_available(figure: Figure) -> bool:
    """Whether a number is money that can be spent."""
    return bool(_AVAILABLE.intersection(words(figure.field)))


def _money_role(tool: str, name: str, field: tuple[str, ...]) -> Role | None:
    around = {*words(tool), *words(name)}
    if _AVAILABLE.intersection(field):
        fitting = not adds_money(tool, name) and (not _CLAIMS & around or "coverage" in field)
        return "at_most" if fitting else None
    if not _DUE.intersection(field):
        return None
    if _INSURANCE.intersection(words(name)):
        return "fraction"
    return "at_least" if adds_money(tool, name) or _PAYING & around else None


def _same_level(name: str, schema: JsonObject, figure: Figure) -> bool:
    described = words(str(schema.get("description", "")))
    if "convert" in described or _units_differ(described, words(figure.description)):
        return False
    if "amount" in words(name) and "amount" not in words(figure.field):
        return False
    field = [word for word in words(figure.field) if word not in _EMPTY]
    own = [word for word in words(name) if word not in _EMPTY]
    if not field or not own:
        return False
    leaf = OutputLeaf(path=figure.field, schema_={"type": "number", "description": figure.description})
    if field[-1] == own[-1] or fit_score(leaf, name, schema) > 0:
        return True
    return len(field) > 1 and all(any(word.startswith(part) for word in described) for part in field)


def _units_differ(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(unit & {*one} and unit & {*other} and not unit & {*one} & {*other} for unit in _UNITS)
