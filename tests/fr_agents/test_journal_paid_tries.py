"""What was paid is in the ledger, however the call ended for which it was paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.mending import MendingBackend
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.mixing import arranged
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config.models import ModelSettings, Price
from fr_agents.config.run import LimitsSettings
from fr_agents.journal.amount import Amount
from fr_agents.journal.answers import Journal, open_journal
from fr_agents.journal.budget import Budget
from fr_agents.journal.journaled import JournaledBackend
from fr_agents.journal.ledger import read_ledger, spent_before
from fr_agents.journal.paying import PaidBackend
from graphs.usage import metered

ASK = Request(messages=({"role": "user", "content": "Where is my card?"},))
CHEAP = ModelSettings(model="openai/cheap", max_tokens=100, price=Price(prompt=1.0, completion=1.0))
DEAR = ModelSettings(model="openai/dear", max_tokens=100, price=Price(prompt=100.0, completion=100.0))
BOTH = CHEAP.model_copy(update={"fallbacks": (DEAR,)})
# Of no use, and paid nevertheless.
EMPTY = Answer(text="", prompt_tokens=1000, completion_tokens=10, reasoning_tokens=10)
CUT_OFF = Answer(text="It is", finish_reason="length", prompt_tokens=1000, completion_tokens=100)
FILTERED = Answer(text="It", finish_reason="content_filter", prompt_tokens=1000, completion_tokens=1)
GOOD = Answer(text="Here.", prompt_tokens=1000, cached_tokens=600, completion_tokens=50)
DENIED = BackendFault("authentication", "openai/cheap", "did not accept the key")
TOO_LONG = UnanswerableRequest("openai/cheap cannot answer this request (400): too long")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def stack(journal: Journal, settings: ModelSettings, **scripts: list[Answer | Exception]) -> Backend:
    """Models that follow a script, by the last part of their names, behind all that a run puts around them."""
    budget = Budget(LimitsSettings())

    def single(member: ModelSettings) -> Backend:
        left = scripts[member.model.partition("/")[2]]

        def answer(request: Request) -> Answer:
            said = left.pop(0)
            if isinstance(said, Exception):
                raise said
            return said

        paid = PaidBackend(ScriptedBackend(answer, member.model), member, budget)
        return MendingBackend(paid, max_tokens=member.max_tokens)

    return JournaledBackend(arranged(settings, single), journal, settings)


async def asked(backend: Backend) -> Answer:
    """What a node of a job gets."""
    answers: list[Answer] = []

    async def solve(state: dict[str, Any]) -> dict[str, Any]:
        answers.append(await MeteredBackend(backend, "reasoning").complete(ASK))
        return {}

    await metered(solve)({"job": {"number": 1}})
    return answers[0]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([EMPTY, DENIED], BackendFault),
        ([EMPTY, EMPTY, DENIED], BackendFault),
        ([CUT_OFF, DENIED], BackendFault),
        ([FILTERED], UnanswerableRequest),
    ],
    ids=["empty, then a fault", "empty twice, then a fault", "cut off, then a fault", "withheld by a filter"],
)
async def test_tries_that_came_to_nothing(path: Path, script: list[Answer | Exception], error: type[Exception]) -> None:
    paid = [answer for answer in script if isinstance(answer, Answer)]
    async with open_journal(path, "one") as journal:
        with pytest.raises(error):
            await asked(stack(journal, CHEAP, cheap=[*script]))
    total = read_ledger(path, "one").total
    tokens = sum(answer.prompt_tokens + answer.completion_tokens for answer in paid)
    assert (total.calls, total.prompt_tokens + total.completion_tokens) == (len(paid), tokens)
    assert total.reasoning_tokens == sum(answer.reasoning_tokens for answer in paid)
    assert total.money == pytest.approx(tokens / 1e6)
    assert spent_before(path, "one") == Amount.of(len(paid), tokens, tokens / 1e6)


async def test_tries_before_the_model_refuses_to_go_on(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        answer = await asked(stack(journal, CHEAP, cheap=[CUT_OFF, TOO_LONG]))
    assert answer == CUT_OFF
    assert read_ledger(path, "one").total.completion_tokens == 100


async def test_tries_of_a_model_that_another_one_stood_in_for_are_paid_at_their_own_price(path: Path) -> None:
    async with open_journal(path, "one") as journal:
        answer = await asked(stack(journal, BOTH, cheap=[EMPTY, DENIED], dear=[GOOD]))
    assert (answer.model, answer.prompt_tokens) == ("openai/dear", 1000)
    total = read_ledger(path, "one").total
    assert (total.calls, total.prompt_tokens, total.completion_tokens) == (2, 2000, 60)
    assert total.cached_tokens == 600
    assert total.money == pytest.approx((1010 * 1.0 + 1050 * 100.0) / 1e6)


async def test_a_try_that_was_paid_before_its_job_is_cancelled(path: Path) -> None:
    left = [EMPTY]

    async def answer(request: Request) -> Answer:
        if left:
            return left.pop()
        scope.cancel()
        await anyio.sleep_forever()
        return GOOD

    async with open_journal(path, "one") as journal:
        paid = PaidBackend(ScriptedBackend(answer, CHEAP.model), CHEAP, Budget(LimitsSettings()))
        with anyio.CancelScope() as scope:
            await asked(JournaledBackend(MendingBackend(paid), journal, CHEAP))
        assert scope.cancelled_caught
    assert read_ledger(path, "one").total.prompt_tokens == EMPTY.prompt_tokens
