"""Runs that are killed at random moments, again and again, end as if nothing had been.

``FR_AGENTS_KILLS`` is how many kills there are in all: 24 unless it is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

SHARDS = 2
KILLS = max(1, int(os.environ.get("FR_AGENTS_KILLS", "24")) // (2 * SHARDS))
SEEDS = range(101, 101 + SHARDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_by_rules_ends_with_the_records_of_an_undisturbed_one(
    make_killer: Callable[..., Any], offline: Any, seed: int
) -> None:
    killer = make_killer(offline, KILLS, seed)
    runs = 0
    for folder in killer.complete_runs():
        runs += 1
        offline.assert_same(folder, str(killer))
        offline.assert_verified(folder, str(killer))
    assert runs > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_with_a_model_asks_again_what_was_in_flight_alone(
    make_killer: Callable[..., Any], scripted: Any, seed: int
) -> None:
    """Each answer is in the ledger once, and no process left more calls to be made again than it can have in flight."""
    in_flight = 3
    killer = make_killer(scripted, KILLS, seed + SHARDS)
    runs = 0
    for folder in killer.complete_runs():
        runs += 1
        scripted.assert_same(folder, str(killer))
        scripted.assert_verified(folder, str(killer))
        scripted.assert_paid_once(folder, str(killer))
        assert killer.calls(folder).counted().keys() == scripted.calls.counted().keys(), str(killer)
        again = killer.calls(folder).made_again()
        assert max(again.values(), default=0) <= in_flight, f"calls made again: {dict(again)}; {killer}"
    assert runs > 0
