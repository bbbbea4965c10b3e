"""Counts what each answer of a model costs, and lets none be asked for beyond the budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.config.models import ModelSettings
from fr_agents.journal.amount import Amount
from fr_agents.journal.budget import Budget
from fr_agents.journal.entry import Cost


@dataclass
class Bill:
    """What the answers to one call have cost so far, and the model that gave the last of them."""

    cost: Cost = field(default_factory=Cost)
    model: str = ""

    def add(self, answer: Answer, charged: Amount, model: ModelSettings) -> None:
        """Add an answer. Its money is known where its model has a price and its server told its tokens."""
        told = answer.prompt_tokens > 0
        known = self.cost.money is not None and told and model.price is not None
        self.cost = Cost(
            calls=self.cost.calls + 1,
            prompt_tokens=self.cost.prompt_tokens + answer.prompt_tokens,
            cached_tokens=self.cost.cached_tokens + answer.cached_tokens,
            completion_tokens=self.cost.completion_tokens + answer.completion_tokens,
            reasoning_tokens=self.cost.reasoning_tokens + answer.reasoning_tokens,
            untold=self.cost.untold + (not told),
            money=(self.cost.money or 0.0) + charged.usd if known else None,
            charged_tokens=self.cost.charged_tokens + charged.tokens,
            charged_usd=self.cost.charged_usd + charged.usd,
        )
        self.model = answer.model or model.model


_BILL: ContextVar[Bill | None] = ContextVar("fr_agents_bill", default=None)


@contextmanager
def billing() -> Iterator[Bill]:
    """Adds up what the answers in it cost. A bill inside another one is apart."""
    bill = Bill()
    token = _BILL.set(bill)
    try:
        yield bill
    finally:
        _BILL.reset(token)


class PaidBackend:
    """One model, each of whose answers is paid for: it stands around retries, and below whatever asks a second time or
    chooses among models, so that every answer is counted with the price of the model that gave it.

    Args:
        backend: The model, with its retries.
        settings: The model's own, with its price.
        budget: The run's.
    """

    def __init__(self, backend: Backend, settings: ModelSettings, budget: Budget) -> None:
        self._backend = backend
        self._settings = settings
        self._budget = budget

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises BudgetReached where there is no room for it, and what the backend raises."""
        async with self._budget.reserved(request, self._settings) as reservation:
            answer = await self._backend.complete(request)
            charged = reservation.settle(answer)
        self._budget.learn(reservation, self._settings, answer)
        bill = _BILL.get()
        if bill is not None:
            bill.add(answer, charged, self._settings)
        return answer
