"""A job whose next step needs an answer that cannot be had is rejected at once, and says so."""

from __future__ import annotations

from graphs.roles import Unanswerable
from tools.base import JsonObject

CANNOT_ANSWER = "the model cannot answer"


def given_up(stage: str, failure: Unanswerable) -> JsonObject:
    """The rejection of a job in ``stage``: one reason for all roles, so that it can be counted, and in the detail which
    role and model it was, and why."""
    return {"stage": stage, "reason": CANNOT_ANSWER, "detail": str(failure)}
