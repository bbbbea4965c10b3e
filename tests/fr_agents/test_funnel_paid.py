"""What was paid, as a person reads it: exact where it is known, and not told where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.config import RunConfig
from fr_agents.folder import RunFolder
from fr_agents.funnel import RunSummary, Tally, status_json, summarise
from fr_agents.funnel_paid import paid_lines, paid_part, short, usd
from fr_agents.funnel_shown import model_part, status_lines
from fr_agents.journal.answers import open_journal
from fr_agents.journal.entry import Cost, Entry
from fr_agents.journal.ledger import Counts, Ledger
from fr_agents.progress import done_line
from fr_agents.store import open_store
from graphs.records import Trajectory

PAID = Counts(
    calls=1234,
    tries=1246,
    prompt_tokens=1_200_000,
    cached_tokens=408_000,
    completion_tokens=210_000,
    seconds=2468.0,
    money=3.4,
)
LEDGER = Ledger(total=PAID, by_role={"reasoning": PAID}, by_model={"openai/a": PAID}, faults={"rate_limit": 12})


def summary(ledger: Ledger | None, usage: dict[str, dict[str, int]] | None = None, accepted: int = 0) -> RunSummary:
    empty = Tally().summary("demo", 3, ledger=ledger)
    return empty.model_copy(update={"usage": usage or {}, "accepted": accepted})


def test_one_line_tells_what_was_paid() -> None:
    assert paid_part(LEDGER, 170) == (
        "1,234 calls (12 retried), 1.2 M tokens in (34 % cached), 210 k out, 3.40 USD (0.020 USD per trajectory)"
    )


def test_what_nobody_knows_is_not_told() -> None:
    unpriced = PAID.model_copy(update={"money": None, "unpriced": 1234, "cached_tokens": 0})
    assert paid_part(Ledger(total=unpriced), 3) == "1,234 calls, 1.2 M tokens in, 210 k out"
    silent = Counts(calls=1, untold=1, unpriced=1, money=None)
    assert paid_part(Ledger(total=silent), 3) == "1 call, tokens of 1 call not told by the server"


@pytest.mark.parametrize(("known", "told"), [(2.5, "at least 2.50 USD (price unknown for 4 calls)"), (None, "4 calls")])
def test_money_that_is_known_of_some_calls_is_the_least_it_was(known: float | None, told: str) -> None:
    total = Counts(calls=10, unpriced=4, prompt_tokens=10, money=None)
    by_model = {"openai/a": Counts(calls=6, money=known), "openai/b": Counts(calls=4, unpriced=4, money=None)}
    by_role = {"querying": Counts(calls=10, unpriced=4, money=None)}
    text = paid_part(Ledger(total=total, by_model=by_model, by_role=by_role), 5)
    assert text.startswith("10 calls, 10 tokens in, 0 out, ")
    assert told in text
    assert "per trajectory" not in text


def test_a_model_with_two_prices_is_told_by_the_roles_that_have_one() -> None:
    total = Counts(calls=3, unpriced=1, prompt_tokens=10, money=None)
    by_role = {"querying": Counts(calls=2, money=0.5), "reasoning": Counts(calls=1, unpriced=1, money=None)}
    text = paid_part(Ledger(total=total, by_model={"openai/a": total}, by_role=by_role), 0)
    assert text.endswith("at least 0.50 USD (price unknown for 1 call)")


def test_a_model_of_ones_own_costs_nothing_and_says_so() -> None:
    free = Counts(calls=2, prompt_tokens=10, money=0.0)
    assert paid_part(Ledger(total=free), 3) == "2 calls, 10 tokens in, 0 out, 0.00 USD"


def test_the_table_has_a_row_for_each_role_and_model_and_no_empty_column() -> None:
    few = Counts(calls=2, prompt_tokens=1000, completion_tokens=30, seconds=3.0, money=None)
    ledger = Ledger(
        total=PAID,
        by_role={"querying": few, "reasoning": PAID},
        by_model={"openai/a": PAID, "openai/b": few},
        faults={"server": 1, "rate_limit": 12},
    )
    assert paid_lines(ledger) == [
        "              calls   tokens in    cached   tokens out   s a call    USD",
        "  querying        2       1,000         0           30        1.5      ?",
        "  reasoning   1,234   1,200,000   408,000      210,000        2.0   3.40",
        "",
        "  openai/a    1,234   1,200,000   408,000      210,000        2.0   3.40",
        "  openai/b        2       1,000         0           30        1.5      ?",
        "retried after: rate limit 12, server 1",
    ]


def test_a_model_without_a_price_has_no_column_of_money() -> None:
    own = Counts(calls=2, prompt_tokens=1000, money=None, unpriced=2)
    lines = paid_lines(Ledger(total=own, by_role={"querying": own}, by_model={"openai/local": own}))
    assert "USD" not in "\n".join(lines)


def test_a_run_without_a_journal_has_no_word_on_what_was_paid() -> None:
    text = "\n".join(status_lines(summary(None)))
    assert "paid" not in text
    assert "paid" not in "\n".join(status_lines(summary(Ledger())))


def test_a_run_whose_answers_were_all_in_the_journal_says_so() -> None:
    used = {"querying": {"calls": 3, "prompt_tokens": 30, "completion_tokens": 3, "untold": 0}}
    rerun = summary(Ledger(), used)
    assert status_lines(rerun)[-1] == "paid         nothing: all answers were in the journal"
    assert model_part(rerun) == "paid nothing: all answers were in the journal"


def test_the_last_line_of_a_run_tells_what_was_paid() -> None:
    line = done_line(summary(LEDGER, accepted=170), 9, offline=False)
    assert " in 9 s · paid 1,234 calls (12 retried), 1.2 M tokens in" in line


async def test_the_ledger_of_a_folder_is_in_its_summary(
    tmp_path: Path, make_config: Callable[..., RunConfig], make_trajectory: Callable[..., Trajectory]
) -> None:
    usage = {"querying": {"calls": 1, "prompt_tokens": 5, "completion_tokens": 2, "untold": 0}}
    with RunFolder.create(tmp_path / "run", make_config(models={"default": "openai/a"}), "1") as folder:
        assert summarise(folder).ledger is None
        async with open_store(folder) as store:
            await store.append(make_trajectory(0), usage)
        async with open_journal(folder.journal, folder.id) as journal:
            await journal.keep(bought(folder.id))
        async with open_journal(folder.journal, "another run") as journal:
            await journal.keep(bought("another run"))
        found = summarise(folder)
    lines = status_lines(found)
    assert "paid         1 call, 5 tokens in, 2 out, 0.25 USD (0.25 USD per trajectory)" in lines
    assert [line.split()[0] for line in lines[-3:] if line] == ["querying", "openai/a"]
    assert not [line for line in lines if line.startswith("by role")]
    document = status_json(found)
    assert document["ledger"]["by_model"]["openai/a"]["money"] == 0.25
    assert RunSummary.model_validate(json.loads(json.dumps(document))) == found


def bought(key: str) -> Entry:
    cost = Cost(calls=1, prompt_tokens=5, completion_tokens=2, money=0.25, charged_tokens=7, charged_usd=0.25)
    fields: dict[str, Any] = {"requested": "openai/a", "model": "openai/a", "cost": cost, "tries": 1}
    return Entry(key, 0, "querying", "write", 0, **fields)


async def test_a_run_by_rules_has_no_ledger_whatever_its_journal_holds(
    tmp_path: Path, make_config: Callable[..., RunConfig]
) -> None:
    shared = tmp_path / "shared.sqlite"
    async with open_journal(shared, "another run") as journal:
        await journal.keep(bought("a"))
    with RunFolder.create(tmp_path / "run", make_config(journal=str(shared)), "1") as folder:
        assert summarise(folder).ledger is None


@pytest.mark.parametrize(
    ("value", "told"), [(0, "0.00 USD"), (1234.5, "1,234.50 USD"), (0.0123, "0.012 USD"), (0.000456, "0.00046 USD")]
)
def test_money_is_told_with_digits_that_mean_something(value: float, told: str) -> None:
    assert usd(value) == told


@pytest.mark.parametrize(
    ("number", "told"), [(9999, "9,999"), (210_400, "210 k"), (999_499, "999 k"), (1_200_000, "1.2 M")]
)
def test_large_numbers_are_short(number: int, told: str) -> None:
    assert short(number) == told


@settings(max_examples=50)
@given(st.integers(0, 10**12))
def test_a_short_number_is_the_number_within_a_twentieth(number: int) -> None:
    digits, _, unit = short(number).replace(",", "").partition(" ")
    assert float(digits) * {"": 1, "k": 1e3, "M": 1e6}[unit] == pytest.approx(number, rel=0.05)
