"""The cap on what a whole run may cost, which calls that are under way count against."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import anyio

from fr_agents.backends.backend import Answer, Request
from fr_agents.config.models import ModelSettings
from fr_agents.config.run import LimitsSettings
from fr_agents.errors import InfrastructureError
from fr_agents.journal.amount import Amount, Estimate, told_by

_LOG = logging.getLogger(__name__)
_KINDS = {"budget_usd": "usd", "max_tokens": "tokens", "max_calls": "calls"}
_FORMS = {"usd": "{:.6g}", "tokens": "{:,}", "calls": "{:,}"}
_UNITS = {"usd": "USD", "tokens": "tokens", "calls": "calls"}
_NOTHING = Amount()


class BudgetReached(InfrastructureError):  # noqa: N818 - a planned end, not a defect
    """The run has come to a limit that it was given. It is stopped cleanly and can be resumed with a higher one."""

    exit_code = 4


class Reservation:
    """What is set aside for one call that is under way, until it is known what the call cost.

    Attributes:
        most: The most that it may cost; nothing in a run without limits.
        charged: What it has cost; nothing until it is settled.
    """

    def __init__(self, estimate: Estimate, settings: ModelSettings, most: Amount) -> None:
        self._estimate = estimate
        self._settings = settings
        self.most = most
        self.charged = _NOTHING

    def settle(self, answer: Answer) -> Amount:
        """Charge an answer: the tokens that its server told, or the most that it may have cost where it told none."""
        if answer.prompt_tokens:
            self.charged = told_by(answer, self._settings)
        else:
            self.charged = self.most if self.most.calls else self._estimate.most()
        return self.charged

    def density(self, answer: Answer) -> float:
        """How many times as many tokens the prompt had as it was taken for."""
        return answer.prompt_tokens / self._estimate.prompt_tokens


class Budget:
    """What a run may still cost, as long as no call takes more than the most that it could take.

    A call for which there is no room only because others are under way waits for them. Once there is one for which
    there is no room at all, no further call begins; those under way end and are kept, and then the run is stopped.

    Args:
        limits: The limits of the run; those that are not set hold nobody up.
        spent: What the run has cost before, in all of its processes: ``ledger.spent_before``.
        run: The run's folder, for the command with which it goes on.
    """

    def __init__(self, limits: LimitsSettings, spent: Amount = _NOTHING, run: str = "RUN") -> None:
        self._limits: dict[str, float] = {
            name: limit for name in _KINDS if (limit := getattr(limits, name)) is not None
        }
        self._run = run
        self._spent = spent
        self._set_aside = _NOTHING
        self._freed = anyio.Event()
        self._reached = ""
        self._densities: dict[str, float] = {}

    @property
    def spent(self) -> Amount:
        """What the run has cost so far, before and now."""
        return self._spent

    @asynccontextmanager
    async def reserved(self, request: Request, settings: ModelSettings) -> AsyncIterator[Reservation]:
        """Room for one paid call. What is not settled in it costs nothing: nobody can tell what a call without an
        answer cost.

        Raises:
            BudgetReached: a limit leaves no room for it.
        """
        estimate = Estimate(request, settings)
        most = await self._set_room_aside(estimate, settings) if self._limits else _NOTHING
        reservation = Reservation(estimate, settings, most)
        try:
            yield reservation
        finally:
            self._set_aside -= most
            self._spent += reservation.charged
            self._freed.set()
            self._freed = anyio.Event()

    def learn(self, reservation: Reservation, settings: ModelSettings, answer: Answer) -> None:
        """Take a model's prompts for longer from now on, where one was longer than it was taken for."""
        if self._limits:
            known = self._densities.get(settings.model, 1.0)
            self._densities[settings.model] = max(known, reservation.density(answer))

    async def _set_room_aside(self, estimate: Estimate, settings: ModelSettings) -> Amount:
        while True:
            # Anew each time: what was learned in the meantime counts.
            most = estimate.most(self._densities.get(settings.model, 1.0))
            if not self._reached and self._exceeded(self._spent + most):
                self._reached = "\n".join(self._told(most))
                _LOG.info("limit reached", {"limits": self._exceeded(self._spent + most)})
            if not self._reached and not self._exceeded(self._spent + self._set_aside + most):
                self._set_aside += most
                return most
            if self._reached and not self._set_aside.calls:
                raise BudgetReached(self._reached)
            await self._freed.wait()

    def _exceeded(self, amount: Amount) -> list[str]:
        return [name for name, limit in self._limits.items() if getattr(amount, _KINDS[name]) > limit]

    def _told(self, most: Amount) -> Iterator[str]:
        for name in self._exceeded(self._spent + most):
            kind, limit = _KINDS[name], self._limits[name]
            form, unit, before = _FORMS[kind], _UNITS[kind], getattr(self._spent, kind)
            needed = f", and the next call may take {form.format(getattr(most, kind))}" if kind != "calls" else ""
            more = f"{2 * max(limit, before):.6g}" if kind == "usd" else str(2 * max(int(limit), before))
            yield (
                f"The run has come to its limits.{name}: {form.format(before)} of {form.format(limit)} {unit} are "
                f"spent{needed}. All that was paid for is kept. "
                f"Go on with: fr-agents resume {self._run} --set limits.{name}={more}"
            )
