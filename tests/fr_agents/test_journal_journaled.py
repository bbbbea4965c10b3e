"""A model behind the journal: nothing is bought twice, and the ledger holds all that was paid."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.mixing import arranged
from fr_agents.backends.pacing.told import tries_told
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config.models import ModelSettings, Price
from fr_agents.config.run import LimitsSettings
from fr_agents.journal.amount import Amount
from fr_agents.journal.answers import Journal, open_journal
from fr_agents.journal.budget import Budget, BudgetReached
from fr_agents.journal.journaled import JournaledBackend
from fr_agents.journal.ledger import Counts, Ledger, read_ledger, spent_before
from fr_agents.journal.paying import PaidBackend
from graphs.usage import metered

MODEL = ModelSettings(model="openai/m", max_tokens=100, price=Price(prompt=2.0, completion=10.0, cached=1.0))
GOOD = Answer(text="Here.", prompt_tokens=1000, cached_tokens=400, completion_tokens=50, reasoning_tokens=20)
GOOD_USD = (600 * 2.0 + 400 * 1.0 + 50 * 10.0) / 1e6


def asked(text: str = "Where is my card?") -> Request:
    return Request(messages=({"role": "user", "content": text},))


class Bought:
    """A model that gives what its script says, and counts."""

    def __init__(self, *script: Answer | Exception, name: str = "openai/m") -> None:
        self.calls = 0
        self.name = name
        self._script = script or (GOOD,)

    async def complete(self, request: Request) -> Answer:
        given = self._script[min(self.calls, len(self._script) - 1)]
        self.calls += 1
        tries_told().tries += 1
        if isinstance(given, Exception):
            raise given
        return given


async def in_job(number: int, work: Callable[[], Awaitable[Any]], stage: str = "attempt") -> None:
    """Does some work in a node of a job's graph."""

    async def node(state: dict[str, Any]) -> dict[str, Any]:
        await work()
        return {}

    node.__name__ = stage
    await metered(node)({"job": {"number": number}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def clock() -> Callable[[], float]:
    """A clock on which each look takes two seconds."""
    times: Iterator[float] = iter(range(0, 10_000, 2))
    return lambda: next(times)


def role(
    journal: Journal,
    model: Any,
    name: str = "reasoning",
    settings: ModelSettings = MODEL,
    budget: Budget | None = None,
) -> MeteredBackend:
    """The stack of one role, as far as the journal is concerned."""
    paid = PaidBackend(model, settings, budget or Budget(LimitsSettings()))
    mending = MendingBackend(paid, max_tokens=settings.max_tokens)
    return MeteredBackend(JournaledBackend(mending, journal, settings, clock()), name)


async def calls_of(backend: MeteredBackend, answers: list[Answer], *texts: str) -> None:
    for text in texts:
        answers.append(await backend.complete(asked(text)))


async def test_a_job_that_begins_anew_buys_nothing_again(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought(GOOD, Answer(text="There.", prompt_tokens=1, model="openai/other"))
        first: list[Answer] = []
        second: list[Answer] = []
        await in_job(4, lambda: calls_of(role(journal, model), first, "a", "a", "b"))
        assert model.calls == 3
        before = read_ledger(path, "one")
        await in_job(4, lambda: calls_of(role(journal, model), second, "a", "a", "b"))
        assert model.calls == 3
        assert first == second
        assert read_ledger(path, "one") == before


async def test_the_same_words_in_another_job_or_for_another_role_are_bought(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought()
        for number, name in ((1, "reasoning"), (2, "reasoning"), (1, "querying"), (1, "reasoning")):
            await in_job(number, lambda name=name: calls_of(role(journal, model, name), [], "a"))  # type: ignore[misc]
        assert model.calls == 3


async def test_calls_outside_of_jobs_are_counted_and_made_each_time(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought()
        await calls_of(role(journal, model), [], "a", "a")
        assert model.calls == 2
        assert read_ledger(path, "one").total.calls == 2


async def test_a_refusal_is_repeated_and_not_asked_for_again(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought(UnanswerableRequest("openai/m cannot answer this request (400): too long"))
        for _ in range(2):
            with pytest.raises(UnanswerableRequest, match="too long"):
                await in_job(1, lambda: calls_of(role(journal, model), [], "a"))
        assert model.calls == 1
        assert read_ledger(path, "one").total == Counts(refused=1, tries=1, seconds=2.0)


async def test_a_failure_of_the_server_is_no_answer_and_costs_nothing(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought(BackendFault("server", "openai/m", "failed"), GOOD)
        with pytest.raises(BackendFault):
            await in_job(1, lambda: calls_of(role(journal, model), [], "a"))
        assert read_ledger(path, "one") == Ledger()
        await in_job(1, lambda: calls_of(role(journal, model), [], "a"))
        assert read_ledger(path, "one").total.calls == 1


async def test_the_ledger_tells_each_kind_of_cost_by_role_stage_and_model(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        await in_job(1, lambda: calls_of(role(journal, Bought(), "querying"), [], "a"), "write_query")
        await in_job(1, lambda: calls_of(role(journal, Bought(), "reasoning"), [], "a", "b"), "attempt")
        ledger = read_ledger(path, "one")
        one = Counts(
            calls=1,
            tries=1,
            prompt_tokens=1000,
            cached_tokens=400,
            completion_tokens=50,
            reasoning_tokens=20,
            seconds=2.0,
            money=GOOD_USD,
        )
        assert ledger.by_role["querying"] == ledger.by_stage["write_query"] == one
        assert ledger.by_stage["attempt"].calls == ledger.by_role["reasoning"].calls == 2
        assert ledger.by_model == {"openai/m": ledger.total}
        assert ledger.total.prompt_tokens == 3000
        assert ledger.total.money == pytest.approx(3 * GOOD_USD)
        assert read_ledger(path, "another") == Ledger()


async def test_what_an_answer_cost_that_was_mended_is_counted(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        cut = Answer(text="He", finish_reason="length", prompt_tokens=10, completion_tokens=100)
        await in_job(1, lambda: calls_of(role(journal, Bought(cut, GOOD)), [], "a"))
        total = read_ledger(path, "one").total
        assert (total.calls, total.tries, total.prompt_tokens, total.completion_tokens) == (2, 2, 1010, 150)
        assert total.money == pytest.approx(GOOD_USD + (10 * 2.0 + 100 * 10.0) / 1e6)


async def test_what_was_paid_before_a_failure_is_counted_although_it_is_of_no_use(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        cut = Answer(text="He", finish_reason="length", prompt_tokens=10, completion_tokens=100)
        model = Bought(cut, BackendFault("authentication", "openai/m", "did not accept the key"), GOOD)
        with pytest.raises(BackendFault):
            await in_job(1, lambda: calls_of(role(journal, model), [], "a"))
        assert read_ledger(path, "one").total.prompt_tokens == 10
        await in_job(1, lambda: calls_of(role(journal, model), [], "a"))
        assert read_ledger(path, "one").total.prompt_tokens == 1010


async def test_money_is_unknown_where_a_price_or_the_tokens_are(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        free = MODEL.model_copy(update={"price": None, "model": "openai/free"})
        await in_job(1, lambda: calls_of(role(journal, Bought()), [], "a"))
        await in_job(2, lambda: calls_of(role(journal, Bought(name="openai/free"), settings=free), [], "a"))
        await in_job(3, lambda: calls_of(role(journal, Bought(Answer(text="Here."))), [], "a"))
        ledger = read_ledger(path, "one")
        assert ledger.total.money is None
        assert ledger.total.unpriced == 2
        assert ledger.total.untold == 1
        assert ledger.by_model["openai/free"].money is None


async def test_faults_on_the_way_are_counted_by_kind(path: Path) -> None:
    async with open_journal(path, "one") as journal:

        def answer(request: Request) -> Answer:
            tries_told().tries += 4
            tries_told().faults.update(["rate_limit", "server", "rate_limit"])
            tries_told().waited += 1.5
            return GOOD

        await in_job(1, lambda: calls_of(role(journal, ScriptedBackend(answer, "openai/m")), [], "a"))
        ledger = read_ledger(path, "one")
        assert ledger.faults == {"rate_limit": 2, "server": 1}
        assert (ledger.total.tries, ledger.total.calls, ledger.total.seconds) == (4, 1, 0.5)


async def test_another_run_that_shares_the_journal_costs_nothing(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought()
        await in_job(1, lambda: calls_of(role(journal, model), [], "a", "b"))
        async with open_journal(path, "two") as other:
            await in_job(1, lambda: calls_of(role(other, model), [], "a", "b"))
        assert model.calls == 2
        assert read_ledger(path, "two") == Ledger()
        assert spent_before(path, "two") == Amount()


async def test_a_budget_is_kept_across_processes_and_what_is_known_is_free(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        model = Bought()
        limits = LimitsSettings(max_calls=2)
        backend = role(journal, model, budget=Budget(limits, spent_before(path, "one")))
        await in_job(1, lambda: calls_of(backend, [], "a"))
        spent = spent_before(path, "one")
        assert spent == Amount.of(1, 1050, GOOD_USD)
        again = role(journal, model, budget=Budget(limits, spent))
        with pytest.raises(BudgetReached, match="2 of 2 calls"):
            await in_job(1, lambda: calls_of(again, [], "a", "b", "c"))
        assert model.calls == 2


async def test_an_answer_that_came_is_kept_although_its_job_is_cancelled(path: Path) -> None:
    model = Bought()

    async def answered(request: Request) -> Answer:
        scope.cancel()
        return await model.complete(request)

    async with open_journal(path, "one") as journal:
        with anyio.CancelScope() as scope:
            await in_job(1, lambda: calls_of(role(journal, ScriptedBackend(answered, "openai/m")), [], "a"))
        assert scope.cancelled_caught
    again: list[Answer] = []
    async with open_journal(path, "one") as journal:
        await in_job(1, lambda: calls_of(role(journal, model), again, "a"))
    assert again == [GOOD]
    assert model.calls == 1


async def test_each_model_that_may_answer_is_paid_at_its_own_price(path: Path) -> None:
    dear = MODEL.model_copy(update={"model": "openai/dear", "price": Price(prompt=200.0, completion=0.0)})
    both = MODEL.model_copy(update={"fallbacks": (dear,)})
    models = {
        "openai/m": Bought(BackendFault("quota", "openai/m", "has no quota left")),
        "openai/dear": Bought(name="openai/dear"),
    }

    def single(settings: ModelSettings) -> PaidBackend:
        return PaidBackend(models[settings.model], settings, Budget(LimitsSettings()))

    async with open_journal(path, "one") as journal:
        backend = MeteredBackend(JournaledBackend(arranged(both, single), journal, both, clock()), "reasoning")
        answers: list[Answer] = []
        for _ in range(2):
            await in_job(1, lambda: calls_of(backend, answers, "a"))
        assert [answer.model for answer in answers] == ["openai/dear"] * 2
        ledger = read_ledger(path, "one")
        assert list(ledger.by_model) == ["openai/dear"]
        assert ledger.total.money == pytest.approx(1000 * 200.0 / 1e6)
        assert [model.calls for model in models.values()] == [1, 1]
