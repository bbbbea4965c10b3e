"""Faults while the models are tried, before a run begins: those that pass delay it, the others are told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from fr_agents.backends.preflight import preflight
from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError


async def tried(server: Any, time: Any, **patience: float) -> None:
    settings = ModelSettings.model_validate({"model": "openai/m", "base_url": server.url, **patience})
    await preflight([settings], lambda settings: SecretStr("sk-very-secret-0123456789"), time.timing())


@pytest.mark.parametrize("end", ["reset", "drop"])
async def test_a_connection_that_breaks_off_is_tried_again(fault_server: Any, fake_time: Any, end: Any) -> None:
    fault_server.plays(*[fault_server.Reply(end=end)] * 3, fault_server.said(content="ready"))
    await tried(fault_server, fake_time)
    assert fault_server.count == 4
    assert 0 < fake_time.now < 0.5 + 1 + 2


async def test_a_server_that_hangs_once_may_have_been_waking_up(fault_server: Any, fake_time: Any) -> None:
    hanging = fault_server.said(content="never").ending("hang")
    fault_server.plays(hanging, fault_server.said(content="ready"))
    await tried(fault_server, fake_time, timeout=0.3)
    assert fault_server.count == 2


async def test_one_that_hangs_twice_is_not_waited_for_any_longer(fault_server: Any, fake_time: Any) -> None:
    hanging = fault_server.said(content="never").ending("hang")
    fault_server.plays(hanging, hanging)
    with pytest.raises(PreflightError, match=r"\(tried 2 times\)\. Is the server overloaded.* Nothing was started"):
        await tried(fault_server, fake_time, timeout=0.3)


async def test_one_that_comes_up_in_the_meantime_is_there(fault_server: Any, fake_time: Any) -> None:
    fault_server.plays(fault_server.said(content="ready"))
    fault_server.stop()
    fake_time.then = lambda number: fault_server.start() if number == 2 else None
    await tried(fault_server, fake_time)
    assert len(fake_time.waits) == 2
    assert fault_server.count == 1
