"""What a log may hold of an error."""

from __future__ import annotations

import sqlite3
from typing import Any

from envs.pool import ReplayError
from envs.world import ToolDefectError
from fr_agents.backends.faults import BackendFault
from fr_agents.errors import FrAgentsError
from fr_agents.logs_loggers import PACKAGES
from graphs.aside import StuckToolsError

_MOST_ERRORS = 5
# Their words are ours or the system's.
_PLAIN_WORDS = (FrAgentsError, ReplayError, StuckToolsError, OSError, sqlite3.Error)


def told_of(error: BaseException) -> dict[str, Any]:
    """The error's class, and what else is known to quote nothing that was said.

    A server's words and a tool's may quote a prompt or an argument; what they stand for is told instead. So may those
    of an error that nobody foresaw: of that one it is told where it was raised.
    """
    told: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, BaseExceptionGroup):
        return {**told, "errors": [told_of(member) for member in error.exceptions[:_MOST_ERRORS]]}
    if isinstance(error, BackendFault):
        return {**told, "fault": error.kind, "server": error.where}
    if isinstance(error, ToolDefectError):
        return {**told, "tool": error.tool, "cause": type(error.__cause__).__name__}
    if isinstance(error, _PLAIN_WORDS):
        return {**told, "text": str(error)}
    return {**told, "at": _raised_at(error)}


def _raised_at(error: BaseException) -> str:
    """The last line of our own code that it went through; empty where there is none."""
    place, traceback = "", error.__traceback__
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] in (*PACKAGES, "tools"):
            place = f"{module}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
