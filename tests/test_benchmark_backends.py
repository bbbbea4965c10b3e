"""The comparison of clients runs, in a small form."""

from __future__ import annotations

import pytest

from benchmarks.backends import endpoint, report, steady
from benchmarks.backends_clients import CLIENTS


@pytest.mark.parametrize("client", list(CLIENTS))
async def test_each_client_gets_its_answers(client: str) -> None:
    with endpoint(0.01) as url:
        found = await steady(client, url, in_flight=4, latency=0.01, seconds=0.2, ramp=0.5)
    assert found["calls"] > 0
    assert found["cpu_ms"] > 0


def test_the_table_names_what_was_measured() -> None:
    row = {"client": "c", "in_flight": 32, "latency": 0.05, "calls": 320.4, "cpu_ms": 2.46, "efficiency": 0.5}
    assert "| c | 32 | 0.05 s | 320 | 0.50 | 2.5 |" in report([row], rounds=3, seconds=8)
