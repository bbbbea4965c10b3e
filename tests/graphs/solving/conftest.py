"""Phase III by itself, on an order that takes two look-ups, with a solver and a critic that follow a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphs.messages import system_message
from graphs.records import HardQuery, Mention
from graphs.refiner import build_refiner
from graphs.roles import Hint, Move, WantedCall
from tools.advanced import signature
from tools.trace import Trace

QUERY = "Please place an order of a lamp for Ana."
HINTS = (Hint(text="Mind the order of steps."),)


def _moves(*groups: tuple[Any, ...], reply: str = "The lamp is ordered for Ana.") -> list[Move]:
    calls = [tuple(WantedCall(name=name, arguments=given) for name, given in group) for group in groups]
    return [*(Move(thought="So.", calls=group) for group in calls), Move(thought="Done.", reply=reply)]


@pytest.fixture(scope="session")
def moves() -> Callable[..., list[Move]]:
    """The messages of an attempt: one for each group of calls, and the reply."""
    return _moves


@pytest.fixture
def refine(shop: Any, make_context: Any, make_job: Any, with_roles: Any, scripted: Any, gold: Any) -> Any:
    """Runs phase III on the gold trace: ``refine(answers, hints, max_attempts=2, ...)`` gives the final state and the
    reasoning and critiquing roles. The solver counts as a model unless ``paid`` is false."""

    async def run(
        answers: Any,
        hints: Any = HINTS,
        trace: Trace = gold,
        text: str = QUERY,
        paid: bool = True,
        **settings: Any,
    ) -> Any:
        reasoning, critiquing = scripted(*answers, makes_model_calls=paid), scripted(*hints)
        context = make_context(shop, with_roles(reasoning=reasoning, critiquing=critiquing), **settings)
        with context.worlds.branch(context.world_of(make_job(0)), ()) as lease:
            specs = {spec.name: spec for spec in lease.world.specs()}
        tool = signature(trace, specs).model_copy(update={"name": "order", "description": "Orders an item."})
        query = HardQuery(text=text, mentions=(Mention(of="item_name", span="a lamp"),), sinks=(), hidden=())
        given = {
            "job": make_job(0).plain(),
            "turn": 0,
            "history": [],
            "messages": [system_message()],
            "trace": trace.plain(),
            "advanced_tool": tool.plain(),
            "query": query.plain(),
            "solving": None,
            "attempts": [],
            "hints": [],
        }
        state = await build_refiner().compile().ainvoke(given, {"recursion_limit": 200}, context=context)
        return state, reasoning, critiquing

    return run
