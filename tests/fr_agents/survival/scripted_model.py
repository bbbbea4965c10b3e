"""A model by rules for runs that are killed: each process of a run loads this file, and what it is to do besides
answering stands in its environment.

    SURVIVAL_NOTES        a file to which each call is noted before it is answered, a line of JSON for each
    SURVIVAL_SIGNAL       "9 at 30": the process gets this signal with its 30th call
    SURVIVAL_HOLD_TURN    calls of this turn (from 0) are never answered
    SURVIVAL_GATE         no call is answered before there is a file of this name
    SURVIVAL_CLOCK        the process's clock goes so many seconds before or after the right time
"""

from __future__ import annotations

import json
import os
import time
from itertools import count
from typing import Any

import anyio
import anyio.lowlevel

from benchmarks.rule_model import answer as answer_by_rules
from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.calling import caller
from graphs.usage import spot

_NUMBERS = count(1)


def _set_clock(seconds: int) -> None:
    clock, clock_ns = time.time, time.time_ns
    time.time = lambda: clock() + seconds
    time.time_ns = lambda: clock_ns() + seconds * 10**9


if seconds := os.environ.get("SURVIVAL_CLOCK"):
    _set_clock(int(seconds))


async def answer(request: Request) -> Answer:
    """What the model by rules says. The other calls in flight get on meanwhile, as they do with a real server."""
    place = _place()
    number = next(_NUMBERS)
    _note(place)
    await anyio.lowlevel.checkpoint()
    _signal(number)
    if place["turn"] == int(os.environ.get("SURVIVAL_HOLD_TURN", "-1")):
        await anyio.sleep_forever()
    if gate := os.environ.get("SURVIVAL_GATE"):
        await _opened(anyio.Path(gate))
    return answer_by_rules(request)


async def _opened(gate: anyio.Path) -> None:
    while not await gate.exists():  # noqa: ASYNC110 - it is another process that opens it
        await anyio.sleep(0.02)


def _place() -> dict[str, Any]:
    """Which call of the run this is, the same after a kill as before it."""
    here, who = spot(), caller()
    assert here is not None
    assert who is not None
    return {"pid": os.getpid(), "job": here.job, "turn": here.turn, "role": who.role, "step": who.step}


def _note(place: dict[str, Any]) -> None:
    if notes := os.environ.get("SURVIVAL_NOTES"):
        handle = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(handle, json.dumps(place).encode() + b"\n")
        os.close(handle)


def _signal(number: int) -> None:
    if told := os.environ.get("SURVIVAL_SIGNAL"):
        sent, _, at = told.partition(" at ")
        if number == int(at):
            os.kill(os.getpid(), int(sent))
