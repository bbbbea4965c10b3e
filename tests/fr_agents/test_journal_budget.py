"""The budget: never passed, whatever runs at the same time, and a clean end where it is reached."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config import RunConfig
from fr_agents.config.models import ModelSettings, Price
from fr_agents.config.run import LimitsSettings
from fr_agents.errors import ConfigError
from fr_agents.journal.affordable import check_prices
from fr_agents.journal.amount import Amount, Estimate
from fr_agents.journal.budget import Budget, BudgetReached
from fr_agents.journal.paying import PaidBackend

ASKED = Request(messages=({"role": "user", "content": "Where is my card?"},))
MODEL = ModelSettings(model="openai/m", max_tokens=100, price=Price(prompt=2.0, completion=10.0))
MOST = Estimate(ASKED, MODEL).most()


class Server:
    """A model that answers in any order, never with more tokens than it may, and counts what it was paid."""

    def __init__(self, seed: int = 0) -> None:
        self.paid = Amount()
        self.under_way = 0
        self._draw = random.Random(seed)

    async def answer(self, request: Request) -> Answer:
        self.under_way += 1
        try:
            for _ in range(self._draw.randint(1, 9)):
                await checkpoint()
        finally:
            self.under_way -= 1
        prompt, completion = self._draw.randint(1, MOST.tokens - 100), self._draw.randint(1, 100)
        usd = (prompt * 2.0 + completion * 10.0) / 1e6
        self.paid += Amount.of(1, prompt + completion, usd)
        return Answer(text="Here.", prompt_tokens=prompt, completion_tokens=completion)


async def spend_all(budget: Budget, server: Server, concurrency: int, calls: int) -> list[BudgetReached]:
    """Many callers that call until they are told to stop; what each was told, with no call under way by then."""
    backend = PaidBackend(ScriptedBackend(server.answer), MODEL, budget)
    told: list[BudgetReached] = []

    async def call_on() -> None:
        try:
            for _ in range(calls // concurrency):
                await backend.complete(ASKED)
        except BudgetReached as reached:
            assert server.under_way == 0
            told.append(reached)

    async with anyio.create_task_group() as tasks:
        for _ in range(concurrency):
            tasks.start_soon(call_on)
    return told


limits_ = st.fixed_dictionaries(
    {},
    optional={
        "max_calls": st.integers(1, 60),
        "max_tokens": st.integers(MOST.tokens, 40 * MOST.tokens),
        "budget_usd": st.floats(MOST.usd, 40 * MOST.usd),
    },
).filter(bool)


@settings(max_examples=25, deadline=None)
@given(limits=limits_, concurrency=st.sampled_from([1, 3, 20, 100]), seed=st.integers(0, 99))
async def test_no_limit_is_ever_passed_and_each_is_used(limits: dict[str, Any], concurrency: int, seed: int) -> None:
    server, budget = Server(seed), Budget(LimitsSettings(**limits))
    told = await spend_all(budget, server, concurrency, calls=10**6)
    assert len(told) == concurrency
    assert budget.spent == server.paid
    assert server.paid.calls <= limits.get("max_calls", 1e9)
    assert server.paid.tokens <= limits.get("max_tokens", 1e9)
    assert server.paid.usd <= limits.get("budget_usd", 1e9)
    one_more = server.paid + MOST
    assert (
        one_more.calls > limits.get("max_calls", 1e9)
        or one_more.tokens > limits.get("max_tokens", 1e9)
        or one_more.usd > limits.get("budget_usd", 1e9)
    )


async def test_without_limits_nobody_is_held_up() -> None:
    server, budget = Server(), Budget(LimitsSettings())
    assert await spend_all(budget, server, 50, calls=400) == []
    assert budget.spent == server.paid
    assert server.paid.calls == 400


async def test_a_resumed_run_goes_on_with_what_it_has_spent() -> None:
    server = Server()
    budget = Budget(LimitsSettings(max_calls=10), spent=Amount(calls=7))
    await spend_all(budget, server, 4, calls=400)
    assert server.paid.calls == 3


@pytest.mark.parametrize(
    ("limits", "told", "more"),
    [
        ({"max_calls": 5}, "limits.max_calls: 5 of 5 calls are spent. All that was paid for is kept.", "10"),
        (
            {"budget_usd": 19.5005},
            "limits.budget_usd: 19.5 of 19.5005 USD are spent, and the next call may take 0.001074.",
            "39.001",
        ),
        (
            {"max_tokens": 9001},
            "limits.max_tokens: 9,000 of 9,001 tokens are spent, and the next call may take 137.",
            "18002",
        ),
    ],
)
async def test_the_end_is_told_with_the_command_that_goes_on(limits: dict[str, Any], told: str, more: str) -> None:
    budget = Budget(LimitsSettings(**limits), spent=Amount.of(5, 9000, 19.5), run="runs/demo")
    with pytest.raises(BudgetReached) as caught:
        async with budget.reserved(ASKED, MODEL):
            pass
    (name,) = limits
    assert told in str(caught.value)
    assert str(caught.value).endswith(f" fr-agents resume runs/demo --set limits.{name}={more}")
    assert caught.value.exit_code == 4


async def test_a_call_waits_for_those_under_way_if_there_may_be_room_after_them() -> None:
    budget = Budget(LimitsSettings(max_tokens=MOST.tokens + 50))
    order: list[str] = []

    async def second() -> None:
        async with budget.reserved(ASKED, MODEL):
            order.append("second")

    async with anyio.create_task_group() as tasks, budget.reserved(ASKED, MODEL) as first:
        tasks.start_soon(second)
        await anyio.wait_all_tasks_blocked()
        first.settle(Answer(prompt_tokens=10, completion_tokens=5))
        order.append("first")
    assert order == ["first", "second"]


async def test_one_that_is_cancelled_while_it_waits_or_runs_takes_no_room() -> None:
    budget = Budget(LimitsSettings(max_calls=1))
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(anyio.create_task_group())

        async def hold() -> None:
            async with budget.reserved(ASKED, MODEL):
                await anyio.sleep_forever()

        tasks.start_soon(hold)
        tasks.start_soon(hold)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    async with budget.reserved(ASKED, MODEL) as reservation:
        assert reservation.most == MOST
    assert budget.spent == Amount()


async def test_an_answer_without_tokens_is_charged_with_all_that_it_may_have_cost() -> None:
    for limits in (LimitsSettings(max_calls=9), LimitsSettings()):
        budget = Budget(limits)
        async with budget.reserved(ASKED, MODEL) as reservation:
            reservation.settle(Answer(text="Here."))
        assert budget.spent == MOST


async def test_a_model_whose_prompts_are_longer_than_thought_is_believed_from_then_on() -> None:
    budget = Budget(LimitsSettings(max_tokens=10**6))
    thought = Estimate(ASKED, MODEL).prompt_tokens
    dense = ScriptedBackend(lambda request: Answer(prompt_tokens=3 * thought, completion_tokens=1))
    await PaidBackend(dense, MODEL, budget).complete(ASKED)
    async with budget.reserved(ASKED, MODEL) as reservation:
        assert reservation.most.tokens == 3 * thought + 100


@settings(max_examples=50)
@given(costs=st.lists(st.floats(0, 100), max_size=20))
def test_money_that_is_added_can_be_taken_off_again_exactly(costs: list[float]) -> None:
    amounts = [Amount.of(1, 2, cost) for cost in costs]
    whole = sum(amounts, Amount())
    for amount in amounts:
        whole -= amount
    assert whole == Amount()
    assert all(amount.usd >= cost * (1 - 1e-12) - 1e-12 for amount, cost in zip(amounts, costs, strict=True))


MakeConfig = Callable[..., RunConfig]


def test_a_budget_needs_a_price_for_each_model_that_may_answer(make_config: MakeConfig) -> None:
    fallback = {"model": "openai/b", "base_url": "http://127.0.0.1:1/v1"}
    models = {"default": {**MODEL.model_dump(), "fallbacks": [fallback]}}
    check_prices(make_config(models=models))
    with pytest.raises(ConfigError) as caught:
        check_prices(make_config(models=models, limits={"budget_usd": 5.0}))
    assert str(caught.value).count("\n") == 0
    assert "openai/b has no price" in str(caught.value)
    check_prices(make_config(models={"default": MODEL.model_dump()}, limits={"budget_usd": 5.0}))
    check_prices(make_config(limits={"budget_usd": 5.0}))  # rules cost nothing


def test_a_limit_on_tokens_needs_a_limit_for_each_answer(make_config: MakeConfig) -> None:
    models = {"default": {"model": "openai/a", "max_tokens": None}}
    with pytest.raises(ConfigError, match=r"limits\.max_tokens: openai/a may answer at any length"):
        check_prices(make_config(models=models, limits={"max_tokens": 1000}))
    check_prices(make_config(models=models, limits={"max_calls": 1000}))
