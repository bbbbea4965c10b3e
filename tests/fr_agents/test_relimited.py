"""Limits that are changed while a run is interrupted, and everything else that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fr_agents.config import ConfigError, RunConfig, configuration_hash
from fr_agents.config.relimited import limit_changes, relimited


def test_limits_are_changed_and_the_run_stays_the_same(make_config: Callable[..., RunConfig]) -> None:
    config = make_config(limits={"budget_usd": 5, "max_calls": 10})
    changes = limit_changes(["limits.budget_usd=20", "limits.max_calls=null", "limits.concurrency=4"])
    changed = relimited(config, changes)
    assert (changed.limits.budget_usd, changed.limits.max_calls, changed.limits.concurrency) == (20, None, 4)
    assert configuration_hash(changed) == configuration_hash(config)
    assert changed.model_copy(update={"limits": config.limits}) == config


def test_without_changes_nothing_changes(make_config: Callable[..., RunConfig]) -> None:
    assert relimited(make_config(), limit_changes([])) == make_config()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=3", "--set seed: a run that has begun keeps its configuration; only its limits may be changed"),
        ("limits={budget_usd: 3}", "--set limits: a run that has begun keeps its configuration"),
        ("models.default.retries=3", "such as --set limits.concurrency=16"),
        ("limits.max_jobs=99", "limits.max_jobs decides where a run ends"),
        ("limits.budget=9", "limits.budget is not a limit. Did you mean limits.budget_usd?"),
        ("limits.concurrency", "must be key.path=value"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as refused:
        limit_changes([text])
    assert expected in str(refused.value)


def test_a_program_is_refused_the_same(make_config: Callable[..., RunConfig]) -> None:
    with pytest.raises(ConfigError, match=r"limits.max_jobs decides where a run ends"):
        relimited(make_config(), {"max_jobs": 99})
    with pytest.raises(ConfigError, match=r"limits.budget_usd must be more than 0.0; it is -1"):
        relimited(make_config(), {"budget_usd": -1})
    with pytest.raises(ConfigError, match="must not be below concurrency"):
        relimited(make_config(), {"window": 1})
