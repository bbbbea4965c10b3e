"""What the rest of a run will take, told from its first jobs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.config import ModelsSettings
from fr_agents.config.models import Price
from fr_agents.forecast import Forecast, forecast
from fr_agents.forecast_prices import prices_by_role
from fr_agents.forecast_shown import forecast_lines
from fr_agents.job_facts import JobFacts

Done = list[JobFacts]


def job(number: int, tokens: int, accepted: bool = True, role: str = "reasoning", **counts: int) -> JobFacts:
    usage = {"calls": 10, "prompt_tokens": tokens, "completion_tokens": tokens // 10, "untold": 0, **counts}
    return JobFacts(job=number, accepted=accepted, usage={role: usage})


def alike(accepted: int, rejected: int = 0, tokens: int = 1000) -> Done:
    return [job(number, tokens, number < accepted) for number in range(accepted + rejected)]


def test_what_is_expected_is_what_an_accepted_trajectory_took_so_far_with_the_rejected_jobs() -> None:
    told = forecast([job(0, 1000), job(1, 400, accepted=False), job(2, 3000)], 60, wanted=10)
    assert (told.jobs, told.accepted, told.left) == (3, 2, 10)
    assert told.prompt_tokens.expected == 22_000
    assert told.calls.expected == 150
    assert told.seconds.expected == pytest.approx(300)
    assert told.money is None


@given(
    tokens=st.lists(st.integers(0, 10**6), min_size=1, max_size=8),
    rejected=st.lists(st.integers(0, 10**6), max_size=4),
    wanted=st.integers(1, 10**4),
)
@settings(max_examples=8, deadline=None)
def test_the_expected_lies_in_its_range(tokens: list[int], rejected: list[int], wanted: int) -> None:
    done = [job(number, amount) for number, amount in enumerate(tokens)]
    done += [job(len(done) + number, amount, accepted=False) for number, amount in enumerate(rejected)]
    told = forecast(done, 10, wanted, {"reasoning": Price(prompt=1, completion=2)})
    assert told.money is not None
    for item in (told.calls, told.prompt_tokens, told.completion_tokens, told.money, told.seconds):
        assert 0 <= item.low <= item.expected <= item.high


def test_the_same_jobs_give_the_same_forecast() -> None:
    assert forecast(alike(3, 1), 60, 10) == forecast(alike(3, 1), 60, 10)


def width(told: Forecast) -> float:
    return told.prompt_tokens.high / told.prompt_tokens.low


def test_more_jobs_make_the_range_narrower_and_few_jobs_that_are_alike_promise_little() -> None:
    few, many = forecast(alike(3), 60, 100), forecast(alike(100), 60, 100)
    assert width(few) > 1.5
    assert width(many) < 1.3 < width(few)


def test_jobs_that_differ_make_the_range_wider() -> None:
    differing = [job(number, 100 if number % 2 else 5000) for number in range(20)]
    assert width(forecast(differing, 60, 100)) > width(forecast(alike(20), 60, 100))


def test_rejected_jobs_raise_what_is_expected() -> None:
    assert forecast(alike(2, 4), 60, 10).calls.expected == 3 * forecast(alike(2), 60, 10).calls.expected


def test_the_range_holds_what_comes_in_most_runs() -> None:
    draws = random.Random(5)
    held = 0
    for _ in range(12):
        mine = [int(1000 * draws.lognormvariate(0, 0.6)) for _ in range(30)]
        done = [job(number, cost) for number, cost in enumerate(mine[:5])]
        told = forecast(done, 60, wanted=25).prompt_tokens
        held += told.low <= sum(mine[5:]) <= told.high
    assert held >= 9


def test_money_needs_a_price_for_each_role_that_calls() -> None:
    done = [job(0, 1_000_000), job(1, 1_000_000, role="querying")]
    price = Price(prompt=2, completion=10)
    assert forecast(done, 60, 10, {"reasoning": price}).money is None
    told = forecast(done, 60, 10, {"reasoning": price, "querying": Price(prompt=0, completion=0)})
    assert told.money is not None
    assert told.money.expected == pytest.approx(5 * (2 + 1))


def test_cached_tokens_cost_what_they_cost() -> None:
    told = forecast(
        [job(0, 1_000_000, cached_tokens=500_000, completion_tokens=0)],
        60,
        1,
        {"reasoning": Price(prompt=2, completion=10, cached=1)},
    )
    assert told.money is not None
    assert told.money.expected == pytest.approx(1.5)


def test_roles_are_told_apart_and_come_to_the_whole() -> None:
    done = [job(0, 1000), job(1, 500, role="querying")]
    told = forecast(done, 60, 10)
    assert list(told.roles) == ["querying", "reasoning"]
    parts = sum(role.prompt_tokens.expected for role in told.roles.values())
    assert parts == pytest.approx(told.prompt_tokens.expected)


def test_jobs_that_were_under_way_at_the_end_are_no_lost_time() -> None:
    alone, beside = forecast(alike(3), 60, 300), forecast(alike(3), 60, 300, concurrency=8)
    assert alone.seconds.expected == pytest.approx(6000)
    assert beside.seconds.expected == pytest.approx(6000 * 3 / 6.5)
    last = forecast(alike(3), 60, 1, concurrency=8)
    assert last.seconds.expected == pytest.approx(60), "the last one takes no less than a job takes"


def test_without_an_accepted_job_nothing_can_be_told() -> None:
    with pytest.raises(ValueError, match="none of 2 jobs was accepted"):
        forecast(alike(0, 2), 60, 10)


def test_a_run_without_models_has_a_time_and_nothing_else() -> None:
    done = [JobFacts(job=number, accepted=True, usage={}) for number in range(3)]
    lines = forecast_lines(forecast(done, 30, 10), priced=False)
    assert lines[0] == "forecast for the other 10 trajectories, from 3 accepted of 3 jobs:"
    assert [line.split()[0] for line in lines] == ["forecast", "time"]
    assert lines[1].split("(")[0].split() == ["time", "1.7", "min"]


@pytest.mark.parametrize(
    ("priced", "untold", "expected"),
    [
        (False, 0, []),
        (True, 0, ["money        not told: some of the models that are called have no price"]),
        (False, 2, ["4 calls came without a count of tokens: it will be more than this."]),
    ],
)
def test_what_cannot_be_told_is_said(priced: bool, untold: int, expected: list[str]) -> None:
    done = [job(number, 1000, untold=untold) for number in range(2)]
    lines = forecast_lines(forecast(done, 60, 10), priced=priced)
    assert [line.split()[0] for line in lines[1:5]] == ["time", "calls", "tokens", "reasoning"]
    assert lines[5:] == expected


PRICE = {"prompt": 1.0, "completion": 4.0}


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ({"querying": {"model": "openai/a", "price": PRICE}}, {"querying": (1, 4, None)}),
        ({"querying": {"model": "openai/a"}}, {}),
        (
            {
                "querying": {
                    "model": "mix",
                    "mix": [
                        {"model": "openai/a", "price": PRICE, "weight": 3},
                        {"model": "openai/b", "price": {"prompt": 5, "completion": 8, "cached": 1}},
                    ],
                }
            },
            {"querying": (2, 5, 1)},
        ),
        (
            {
                "querying": {"model": "mix", "mix": [{"model": "openai/a", "price": PRICE}, {"model": "openai/b"}]},
            },
            {},
        ),
    ],
    ids=["one", "none", "a mix by its weights", "a mix with a member without a price"],
)
def test_prices_are_those_that_the_configuration_gives(
    models: dict[str, Any], expected: dict[str, tuple[float, float, float | None]]
) -> None:
    found = prices_by_role(ModelsSettings.model_validate(models))
    assert {role: (price.prompt, price.completion, price.cached) for role, price in found.items()} == expected
