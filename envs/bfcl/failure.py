"""What counts as a failure of a BFCL tool. Decided here once, for every answer.

A failure is an error entry in any of its forms, a status flag that is false, a write that says that it did nothing, a
look-up that found nothing, a result that is no finite real number, or an exception. An empty search result is an
answer, and so is the ``false`` of a tool that is asked for the login status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from envs.environment import ToolFailure

_STATUS_READ = "get_login_status"
_NOTHING_DONE = frozenset({"Already logged in", "Already retweeted", "No user is currently logged in"})
_SET = re.compile(r"\{('[^']*'(?:, '[^']*')+)\}")
_FIELDS = re.compile(r"(?<=^Invalid fields for update: ).+", re.DOTALL)

# Tool: the field of its answer, and what stands there when the look-up found nothing.
_NOT_FOUND: dict[str, tuple[str, object]] = {
    "get_available_stocks": ("stock_list", []),
    "get_nearest_airport_by_city": ("nearest_airport", "Unknown"),
    "get_symbol_by_name": ("symbol", "Stock not found"),
    "get_zipcode_based_on_city": ("zipcode", "00000"),
}


def failure_of(tool: str, arguments: Mapping[str, Any], answer: Any) -> ToolFailure | None:
    """The failure that ``answer`` stands for, or none."""
    message = _error_entry(answer)
    if message is not None:
        return ToolFailure(_stable(message) or f"{tool} failed and gave no reason.")
    if not isinstance(answer, dict):
        return None
    return _not_found(tool, arguments, answer) or _refused(tool, answer)


def exception_failure(error: Exception) -> ToolFailure:
    """The failure for an exception that the class raised: its text alone where it was meant to be read."""
    if isinstance(error, RecursionError):  # how it is worded depends on where the stack ended
        return ToolFailure("RecursionError: maximum recursion depth exceeded", "exception")
    text = str(error) if isinstance(error, ValueError) and str(error) else f"{type(error).__name__}: {error}"
    return ToolFailure(_stable(text), "exception")


def _error_entry(answer: Any) -> str | None:
    first = answer[0] if isinstance(answer, list) and answer else answer
    if isinstance(first, dict) and "error" in first:
        return str(first["error"])
    if isinstance(answer, list) and isinstance(first, str) and first.startswith("Error: "):
        return first.removeprefix("Error: ")
    return None


def _not_found(tool: str, arguments: Mapping[str, Any], answer: dict[str, Any]) -> ToolFailure | None:
    asked = ", ".join(str(value) for value in arguments.values())
    field, nothing = _NOT_FOUND.get(tool, ("", None))
    if field and answer.get(field) == nothing:
        return ToolFailure(f"Nothing found for '{asked}'.", "not_found")
    if tool == "add_to_watchlist" and arguments.get("stock") not in answer["watchlist"]:
        return ToolFailure(f"Stock with symbol '{asked}' not found.", "not_found")
    return None


def _refused(tool: str, answer: dict[str, Any]) -> ToolFailure | None:
    if tool.endswith(_STATUS_READ):
        return None
    for key, value in answer.items():
        if value is False and (key == "success" or key.endswith("_status")):
            reason = answer.get("message") or answer.get("verification_failure") or f"{tool} failed: {key} is false."
            return ToolFailure(str(reason), "refused")
        if isinstance(value, str) and key in ("status", "retweet_status") and value in _NOTHING_DONE:
            return ToolFailure(f"{value}.", "no_change")
    return None


def _stable(message: str) -> str:
    """The message with printed sets in sorted order: their own order depends on the process's hash seed."""
    message = _SET.sub(lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", message)
    return _FIELDS.sub(lambda found: ", ".join(sorted(found[0].split(", "))), message)
