"""The classes with what reaches out of a call held fast: the clock, the global precision, and unbounded arithmetic.

The classes and their modules are never changed, so that BFCL's own checker can run in the same process.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, tzinfo
from decimal import DefaultContext, localcontext
from functools import cache
from types import FunctionType
from typing import Any, Self

from envs.bfcl.classes import load_class
from envs.environment import ToolFailure
from tools.base import Json

_YEAR_OF_TODAY = 2026
_STANDARD_DIGITS = 15
_MAX_DIGITS = 1000
_MAX_BITS = 100_000


class PinnedDatetime(datetime):
    """A datetime for which it is always the first of January 2026: a traveller's age depends on the day."""

    @classmethod
    def today(cls) -> Self:
        return cls(_YEAR_OF_TODAY, 1, 1)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(_YEAR_OF_TODAY, 1, 1, tzinfo=tz)


@cache
def pinned_class(name: str) -> type[Any]:
    """The class ``name``, with methods that read the clock bound to a pinned one. Raises as ``load_class`` does."""
    original = load_class(name)
    if name != "TravelAPI":
        return original
    verify = _rebound(original.verify_traveler_information, datetime=PinnedDatetime)
    return type(name, (original,), {"verify_traveler_information": verify})


@contextmanager
def standard_numbers() -> Iterator[None]:
    """Run with the standard precision of decimal and mpmath, and leave the process's own as it was."""
    mpmath = importlib.import_module("mpmath")
    with localcontext(DefaultContext), mpmath.workdps(_STANDARD_DIGITS):
        yield


def check_bounds(tool: str, arguments: Mapping[str, Json]) -> None:
    """Refuse arithmetic that would take unbounded time or memory (raises ToolFailure)."""
    digits = arguments.get("precision", arguments.get("decimal_places", 0))
    if abs(digits) > _MAX_DIGITS:
        raise ToolFailure(f"A precision of {digits} digits is not supported: at most {_MAX_DIGITS} are.", "too_large")
    if tool == "power" and _bits(arguments["base"], arguments["exponent"]) > _MAX_BITS:
        raise ToolFailure("The result is too large to represent.", "too_large")


def _bits(base: float, exponent: float) -> float:
    """About how many binary digits an integer power has; other powers are floats and cost nothing."""
    if isinstance(base, float) or isinstance(exponent, float) or abs(base) < 2:
        return 0
    return math.log2(abs(base)) * exponent


def _rebound(function: FunctionType, **names: object) -> Callable[..., Any]:
    """A copy of ``function`` that sees other objects under some global names."""
    twin = FunctionType(
        function.__code__,
        {**function.__globals__, **names},
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin
