"""What models cost: calls and tokens by role, collected inside a node and kept in the graph's state.

Whoever calls a model says so with ``spend``. ``metered`` puts what was spent inside a node into the state that the node
returns, so that the sum of a job survives whatever the job's checkpoint survives, and nothing is counted twice. It also
knows which call of its job a call is, the same after a kill as before it: ``spot``.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from graphs.answering import collecting_models
from graphs.node_log import noted
from tools.base import JsonObject

COUNTS = ("calls", "prompt_tokens", "completion_tokens", "untold")

# By role: ``calls``, ``prompt_tokens``, ``completion_tokens``, and ``untold``: the calls whose tokens nobody told.
Usage = dict[str, dict[str, int]]
Node = Callable[..., Awaitable[JsonObject]]


@dataclass(frozen=True)
class Spot:
    """Where in a run a model is called: the job, and the node of its graph. ``before`` is what the job had spent when
    the node began, as the checkpoint holds it, so that a node that runs again counts its calls anew. ``turn`` and
    ``attempt`` are those that the node works on, from 0."""

    job: int
    stage: str
    before: Mapping[str, Mapping[str, int]]
    spent: Usage = field(default_factory=dict)
    turn: int = 0
    attempt: int = 0

    def calls(self, role: str) -> int:
        """How many calls of a model the job has made for ``role`` so far: the logical step of its next one."""
        return sum(usage.get(role, {}).get("calls", 0) for usage in (self.before, self.spent))


_COLLECTING: ContextVar[Usage | None] = ContextVar("fr_agents_usage", default=None)
_SPOT: ContextVar[Spot | None] = ContextVar("fr_agents_spot", default=None)


def spot() -> Spot | None:
    """Where the caller is; None outside of a job's graph."""
    return _SPOT.get()


def spend(role: str, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
    """Count one call of a model for ``role``, where somebody collects. A call without prompt tokens is one whose
    server told nothing: there is no empty prompt."""
    collected = _COLLECTING.get()
    if collected is None:
        return
    call = {
        "calls": 1,
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "untold": int(prompt_tokens == 0),
    }
    collected[role] = _sum(collected.get(role, {}), call)


@contextmanager
def collecting() -> Iterator[Usage]:
    """Collects what is spent in it, by tasks that begin in it too; a collection inside another one is apart."""
    collected: Usage = {}
    token = _COLLECTING.set(collected)
    try:
        yield collected
    finally:
        _COLLECTING.reset(token)


def added(one: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> Usage:
    """What both hold together: the reducer of a state's ``usage``."""
    return {role: _sum(one.get(role, {}), other.get(role, {})) for role in sorted({*one, *other})}


def total(usage: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """All roles together."""
    result = dict.fromkeys(COUNTS, 0)
    for counts in usage.values():
        result = _sum(result, counts)
    return result


def metered(node: Node) -> Node:
    """The node, which also returns what was spent in it as ``usage``, for a state whose ``usage`` is summed up by
    ``added``, and who answered in it as ``answered``, for ``answering.united``. A node that spent nothing returns what
    it did before; one that raises takes what it spent with it."""

    @wraps(node)
    async def counting(*arguments: Any, **named: Any) -> JsonObject:
        state = arguments[0] if arguments else None
        with collecting() as usage, collecting_models() as models, _standing(node.__name__, state, usage), noted():
            result = await node(*arguments, **named)
        told = {"usage": usage, "answered": models}
        return {**result, **{name: found for name, found in told.items() if found}}

    # LangGraph looks for a parameter named ``runtime``, and takes the first one's annotation for the node's input.
    counting.__signature__ = inspect.signature(node)  # type: ignore[attr-defined]
    return counting


@contextmanager
def _standing(stage: str, state: Any, usage: Usage) -> Iterator[None]:
    """Lets ``spot`` tell where the node is, if its state knows its job."""
    token = _SPOT.set(_spot(stage, state, usage))
    try:
        yield
    finally:
        _SPOT.reset(token)


def _spot(stage: str, state: Any, usage: Usage) -> Spot | None:
    job = state.get("job") if isinstance(state, dict) else None
    if not isinstance(job, dict):
        return None
    attempts = state.get("attempts") or ()
    return Spot(int(job["number"]), stage, state.get("usage") or {}, usage, int(state.get("turn") or 0), len(attempts))


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in COUNTS}
