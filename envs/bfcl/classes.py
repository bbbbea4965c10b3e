"""Where bfcl-eval keeps its classes, their documents and their configurations.

Only the classes' own modules are imported: ``bfcl_eval.constants.eval_config`` and ``bfcl_eval.utils`` make folders in
site-packages when they are imported.
"""

from __future__ import annotations

import importlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

from envs.domain import UnknownWorldError
from tools.base import JsonObject, canonical_json

INSTALL = ("pip install --no-deps bfcl-eval==2026.3.23", "pip install mpmath==1.3.0")

# Class name: its module, which holds the class, and its document of functions.
_PLACES = {
    "GorillaFileSystem": ("gorilla_file_system", "gorilla_file_system"),
    "MathAPI": ("math_api", "math_api"),
    "MessageAPI": ("message_api", "message_api"),
    "TwitterAPI": ("posting_api", "posting_api"),
    "TicketAPI": ("ticket_api", "ticket_api"),
    "TradingBot": ("trading_bot", "trading_bot"),
    "TravelAPI": ("travel_booking", "travel_booking"),
    "VehicleControlAPI": ("vehicle_control", "vehicle_control"),
}
CLASSES = tuple(_PLACES)

_SOURCE = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
_CASES = "BFCL_v4_multi_turn_base.json"


class MissingBfclError(UnknownWorldError):
    """bfcl-eval, or mpmath that one of its classes needs, is not installed."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(
            f"world 'bfcl' needs bfcl-eval, and it does not load: {cause}. "
            f"Install it with: {' && '.join(INSTALL)} (without --no-deps it brings 6 GB that are not needed)"
        )


def installed_version() -> str:
    """The installed version of bfcl-eval. Raises MissingBfclError."""
    try:
        return version("bfcl-eval")
    except PackageNotFoundError as error:
        raise MissingBfclError(error) from error


def check_name(name: str) -> None:
    """Raise UnknownWorldError where BFCL has no class of that name."""
    if name not in _PLACES:
        raise UnknownWorldError(f"world 'bfcl' has no environment {name!r}. It has: {', '.join(CLASSES)}")


@cache
def load_class(name: str) -> type[Any]:
    """The class itself. Raises MissingBfclError or UnknownWorldError."""
    check_name(name)
    try:
        loaded: type[Any] = getattr(importlib.import_module(f"{_SOURCE}.{_PLACES[name][0]}"), name)
    except ImportError as error:
        raise MissingBfclError(error) from error
    return loaded


@cache
def load_documents(name: str) -> tuple[JsonObject, ...]:
    """The function documents of a class, in their order. Raises MissingBfclError or UnknownWorldError."""
    check_name(name)
    return _json_lines(f"multi_turn_func_doc/{_PLACES[name][1]}.json")


@cache
def shipped_configurations(name: str) -> tuple[JsonObject, ...]:
    """The different initial configurations that BFCL ships for a class, in the order of its cases.

    MathAPI has no state: what a few cases list under it is read by nothing, so it has the empty configuration alone.
    """
    check_name(name)
    if name == "MathAPI":
        return ({},)
    found: dict[str, JsonObject] = {}
    for case in _json_lines(_CASES):
        configuration = case["initial_config"].get(name)
        if configuration and name in case["involved_classes"]:
            found.setdefault(canonical_json(configuration), configuration)
    return tuple(found.values())


@cache
def _json_lines(path: str) -> tuple[JsonObject, ...]:
    try:
        text = (files("bfcl_eval") / "data" / path).read_text(encoding="utf-8")
    except ImportError as error:
        raise MissingBfclError(error) from error
    return tuple(json.loads(line) for line in text.splitlines() if line.strip())
