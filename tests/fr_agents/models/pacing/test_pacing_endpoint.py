"""What a run sees of a server that throttles or goes down: simulated servers, real waits, no real time."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.pacing.endpoint import Endpoint, Endpoints
from fr_agents.backends.pacing.told import counting_tries
from fr_agents.config.models import ModelSettings


def expected(jobs: int, calls: int = 1) -> list[str]:
    return [f"{job}.{call}" for job in range(jobs) for call in range(calls)]


async def test_an_outage_costs_time_and_nothing_else(time: Any, server: Any, asking_many: Any) -> None:
    server.down = (20.0, 620.0)
    endpoint = Endpoint(32, timing=time.timing())
    said = await time.pass_while(asking_many(server.behind(endpoint), 32, 30))
    assert said == expected(32, 30), "ten minutes without a server, and no call failed"
    assert len(server.refused) < 32 + 60, "the calls in flight, then one at a time, and not more than two a minute each"
    first = next(moment for moment in server.begun if moment >= 620.0)
    assert first < 650.0, "it is noticed within half a minute that the server is there again"


async def test_a_server_that_has_just_come_back_is_not_overrun(time: Any, server: Any, asking_many: Any) -> None:
    server.down = (10.0, 60.0)
    endpoint = Endpoint(64, timing=time.timing())
    await time.pass_while(asking_many(server.behind(endpoint), 64, 20))
    first = next(moment for moment in server.begun if moment >= 60.0)
    assert server.busiest == 64
    assert sum(first <= moment <= first + 1.5 for moment in server.begun) <= 1 + 8 + 8


async def test_probes_go_one_at_a_time(time: Any, server: Any, asking_many: Any) -> None:
    server.outcome = lambda request: BackendFault("timeout", "m", "hangs") if time.now < 300 else None
    endpoint = Endpoint(16, timing=time.timing())
    busy: list[int] = []
    answer = server.answer

    async def watched(request: Any) -> Any:
        if endpoint.outage.down:
            busy.append(server.busy)
        return await answer(request)

    server.answer = watched
    assert await time.pass_while(asking_many(server.behind(endpoint), 16, 3)) == expected(16, 3)
    assert len(busy) > 5
    assert max(busy) <= 7, "those that were in flight when it was noticed may still hang"
    assert set(busy[3:]) == {0}


async def test_a_server_that_never_comes_back_ends_the_run_with_the_whole_story(
    time: Any, server: Any, asking_many: Any
) -> None:
    server.down = (5.0, float("inf"))
    endpoint = Endpoint(16, patience=1800.0, timing=time.timing())
    with pytest.raises(ExceptionGroup) as caught:
        await time.pass_while(asking_many(server.behind(endpoint), 16, 30))
    faults = _leaves(caught.value)
    assert {(fault.kind, fault.transient) for fault in faults} == {("outage", False)}
    [text] = {str(fault) for fault in faults}
    assert text == (
        "m at home has not answered for 30 minutes, which is as long as limits.outage lets a run wait. At last it "
        "refused the connection. Nothing is lost: resume the run when the server is there again."
    )
    assert 1800.0 <= time.now < 1840.0
    assert len(server.refused) < 16 + 200


async def test_an_answer_that_was_under_way_ends_an_outage_at_once(time: Any, server: Any, asking_many: Any) -> None:
    server.down = (1.5, 2.5)
    slow = [True]

    def outcome(request: Any) -> None:
        server.seconds = 30.0 if slow and request.messages[0]["content"].startswith("7.") else 1.0
        return

    server.outcome = outcome
    endpoint = Endpoint(8, timing=time.timing())
    assert await time.pass_while(asking_many(server.behind(endpoint), 8, 3)) == expected(8, 3)


async def test_retry_after_holds_for_all_calls_to_the_server(time: Any, server: Any, asking_many: Any) -> None:
    told = [BackendFault("rate_limit", "m", "is throttling (429)", retry_after=40.0)]
    server.outcome = lambda request: told.pop() if told and time.now >= 3.0 else None
    endpoint = Endpoint(8, timing=time.timing())
    with counting_tries() as tries:
        assert await time.pass_while(asking_many(server.behind(endpoint), 8, 10)) == expected(8, 10)
    paused = [moment for moment in server.begun if 4.0 < moment < 44.0]
    assert paused == [], "from the moment of the refusal on nobody calls"
    again = min(moment for moment in server.begun if moment >= 44.0)
    assert sum(again <= moment < again + 1.0 for moment in server.begun) == 6, "eight less a quarter"
    assert (tries.tries, dict(tries.faults)) == (81, {"rate_limit": 1})


async def test_the_level_of_a_server_is_found(time: Any, server: Any, asking_many: Any) -> None:
    server.capacity = 25
    endpoint = Endpoint(100, timing=time.timing())
    assert await time.pass_while(asking_many(server.behind(endpoint), 100, 10)) == expected(100, 10)
    assert server.busiest == 25
    assert time.now < 1000 / 25 * 1.5, "near what the server can do"
    assert len(server.refused) < 0.1 * len(server.begun)


async def test_long_throttling_fails_no_call(time: Any, server: Any, asking_many: Any) -> None:
    server.outcome = lambda request: BackendFault("rate_limit", "m", "is throttling") if time.now < 900 else None
    endpoint = Endpoint(16, timing=time.timing())
    assert await time.pass_while(asking_many(server.behind(endpoint, attempts=2), 16, 2)) == expected(16, 2)
    assert sum(moment < 900 for moment in server.begun) < 150, "a quarter of an hour, and few calls in vain"


async def test_throttling_without_end_is_given_up(time: Any, server: Any, asking: Any) -> None:
    server.outcome = lambda request: BackendFault("rate_limit", "m", "is throttling (429): slow")
    endpoint = Endpoint(16, patience=600.0, timing=time.timing())
    with pytest.raises(BackendFault, match=r"is throttling \(429\): slow \(tried \d+ times over 1\d minutes\)"):
        await time.pass_while(asking(server.behind(endpoint)))


async def test_requests_per_minute(time: Any, server: Any, asking_many: Any) -> None:
    endpoint = Endpoint(64, requests_per_minute=60, timing=time.timing())
    await time.pass_while(asking_many(server.behind(endpoint), 20, 9))
    for start in server.begun:
        assert sum(start <= moment < start + 60 for moment in server.begun) <= 60 + 5
    assert time.now == pytest.approx(180 - 5 + 1, abs=2.0)
    assert endpoint.limiter.limit == 8, "what waits for its turn does not show what the server can do"


async def test_tokens_per_minute_are_put_right_after_the_call(time: Any, server: Any, asking_many: Any) -> None:
    endpoint = Endpoint(8, tokens_per_minute=15 * 60, timing=time.timing())
    await time.pass_while(asking_many(server.behind(endpoint), 8, 20))
    assert time.now == pytest.approx(160.0, rel=0.1), "160 calls of 15 tokens, whatever was estimated"


async def test_jobs_that_began_first_go_first_and_probes_before_them(time: Any, server: Any, asking: Any) -> None:
    endpoint = Endpoint(1, timing=time.timing())
    backend = server.behind(endpoint)
    order: list[str] = []
    server.outcome = lambda request: order.append(request.messages[0]["content"])

    async def work() -> None:
        async with anyio.create_task_group() as group:
            for job in (9, 5, 7, None, 1):
                group.start_soon(asking, backend, str(job), job)

    await time.pass_while(work())
    assert order == ["9", "None", "1", "5", "7"]


async def test_cancelled_calls_give_everything_back(time: Any, server: Any, asking: Any, asking_many: Any) -> None:
    endpoint = Endpoint(2, timing=time.timing())
    backend = server.behind(endpoint)

    async def cancelled(after: float) -> None:
        async with anyio.create_task_group() as group:
            for job in range(6):
                group.start_soon(asking, backend, str(job), job)
            await time.sleep(after)
            group.cancel_scope.cancel()

    async def work() -> list[str]:
        for after in (0.0, 0.5, 1.0, 1.5):
            await cancelled(after)
        assert (endpoint.limiter.in_flight, endpoint.limiter.waiting) == (0, 0)
        said: list[str] = await asking_many(backend, 4, 2)
        return said

    assert await time.pass_while(work()) == expected(4, 2)
    assert server.busiest == 2


async def test_a_cancelled_probe_leaves_the_next_one_to_another(time: Any, server: Any, asking: Any) -> None:
    server.down = (0.0, 100.0)
    endpoint = Endpoint(4, timing=time.timing())
    backend = server.behind(endpoint)
    said: list[str] = []

    async def told(job: int) -> None:
        said.append((await asking(backend, str(job), job)).text)

    async def work() -> None:
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as first:
                async with anyio.create_task_group() as inner:
                    inner.start_soon(asking, backend, "0", 0)
                    group.start_soon(told, 1)
                    group.start_soon(told, 2)
                    await time.sleep(60.0)
                    first.cancel()

    await time.pass_while(work())
    assert sorted(said) == ["1", "2"]


async def test_an_unanswerable_request_says_nothing_against_the_server(time: Any, server: Any, asking: Any) -> None:
    def outcome(request: Any) -> None:
        raise UnanswerableRequest("too long")

    server.outcome = outcome
    endpoint = Endpoint(4, timing=time.timing())
    for _ in range(10):
        with pytest.raises(UnanswerableRequest):
            await time.pass_while(asking(server.behind(endpoint)))
    assert (endpoint.outage.down, len(server.begun)) == (False, 10)


async def test_what_keeps_a_run_back_can_be_shown(time: Any, server: Any, asking_many: Any) -> None:
    server.down = (0.0, 200.0)
    endpoints = Endpoints(8, timing=time.timing())
    endpoint = endpoints.of(ModelSettings(model="openai/m", base_url="http://127.0.0.1:1/v1"))
    shown: set[str] = set()

    async def look() -> None:
        for _ in range(30):
            await time.sleep(10.0)
            shown.update(endpoints.troubles())

    async def work() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(look)
            group.start_soon(asking_many, server.behind(endpoint), 8)

    await time.pass_while(work())
    assert "m at home refused the connection; waiting for it for 50 seconds" in shown
    assert endpoints.troubles() == ()


def test_models_share_the_endpoint_of_their_server_and_key() -> None:
    endpoints = Endpoints(8)
    one = endpoints.of(ModelSettings(model="openai/a", base_url="http://127.0.0.1:1/v1"))
    assert endpoints.of(ModelSettings(model="openai/b", base_url="http://127.0.0.1:1/v1/", temperature=1.0)) is one
    assert endpoints.of(ModelSettings(model="openai/a", base_url="http://127.0.0.1:2/v1")) is not one
    assert endpoints.of(ModelSettings(model="openai/a", base_url="http://127.0.0.1:1/v1", api_key_env="K")) is not one
    assert endpoints.of(ModelSettings(model="openai/a")) is not one


def _leaves(group: BaseExceptionGroup[Any]) -> list[Any]:
    return [leaf for error in group.exceptions for leaf in (_leaves(error) if _is_group(error) else [error])]


def _is_group(error: BaseException) -> bool:
    return isinstance(error, BaseExceptionGroup)
