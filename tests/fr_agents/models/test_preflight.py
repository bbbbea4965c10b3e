"""What is said before anything is started."""

from __future__ import annotations

import random
from typing import Any

import pytest
from pydantic import SecretStr

from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.preflight import preflight
from fr_agents.backends.secrets import find_key
from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError


def key(settings: ModelSettings) -> SecretStr:
    return SecretStr("sk-very-secret-0123456789")


class Waits:
    """What waits without waiting, and keeps for how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.timing = Timing(sleep=self._sleep, jitter=random.Random(7))

    async def _sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def refused(settings: ModelSettings, waits: Waits | None = None) -> str:
    with pytest.raises(PreflightError) as caught:
        await preflight([settings], key, (waits or Waits()).timing)
    text = str(caught.value)
    assert text.endswith("Nothing was started.")
    assert "sk-very-secret" not in text
    return text


async def test_each_different_model_is_asked_once_for_a_few_tokens(model_server: Any) -> None:
    model_server.message(content="ready")
    one = ModelSettings(model="openai/a", base_url=model_server.url)
    warm = one.model_copy(update={"temperature": 1.0})
    other = one.model_copy(update={"model": "openai/b"})
    await preflight([one, ModelSettings(), warm, other], key)
    assert [sent["model"] for sent in model_server.requests] == ["a", "b"]
    assert {sent["max_tokens"] for sent in model_server.requests} == {16}


async def test_fallbacks_and_members_of_mixes_are_asked_too(model_server: Any) -> None:
    model_server.message(content="ready")
    a, b, c = ({"model": f"openai/{name}", "base_url": model_server.url} for name in "abc")
    listed = ModelSettings.model_validate([a, b])
    mixed = ModelSettings.model_validate({"mix": [b, {**c, "weight": 2}]})
    await preflight([listed, mixed], key)
    assert [sent["model"] for sent in model_server.requests] == ["a", "b", "c"]


async def test_other_parameters_are_tried_too(model_server: Any) -> None:
    model_server.message(content="ready")
    one = ModelSettings(model="openai/a", base_url=model_server.url)
    await preflight([one, one.model_copy(update={"parameters": {"top_p": 0.9}})], key)
    assert [sent.get("top_p") for sent in model_server.requests] == [None, 0.9]


async def test_offline_roles_need_nothing(model_server: Any) -> None:
    await preflight([ModelSettings()])
    assert model_server.requests == []


async def test_a_missing_key() -> None:
    with pytest.raises(PreflightError, match=r"openai/gpt-x needs a key: NO_SUCH_KEY is set neither .* Nothing was"):
        await preflight(
            [ModelSettings(model="openai/gpt-x", api_key_env="NO_SUCH_KEY")], lambda settings: find_key(settings, {})
        )


async def test_a_refused_connection(unused_url: str) -> None:
    assert await refused(ModelSettings(model="openai/gpt-x", base_url=unused_url)) == (
        f"openai/gpt-x at {unused_url} refused the connection (tried 3 times). Is the server running? "
        "Nothing was started."
    )


async def test_an_unknown_model(model_server: Any) -> None:
    model_server.error(404, "The model `gpt-x` does not exist")
    assert await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url)) == (
        f"openai/gpt-x at {model_server.url} does not know the model, or has nothing at this address (404): "
        "The model `gpt-x` does not exist. Check the model's name, and that base_url ends where the server's API "
        "begins (often /v1). Nothing was started."
    )


async def test_a_wrong_key(model_server: Any) -> None:
    model_server.error(401, "Incorrect API key provided: sk-very-secret-0123456789.")
    assert await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url, api_key_env="MY_KEY")) == (
        f"openai/gpt-x at {model_server.url} did not accept the key in MY_KEY (401): "
        "Incorrect API key provided: ***. Nothing was started."
    )


async def test_a_page_instead_of_a_model(model_server: Any) -> None:
    model_server.body("<html>welcome</html>", content_type="text/html")
    text = await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url))
    assert "no chat completion" in text
    assert "often /v1" in text


@pytest.mark.parametrize(
    ("status", "message"),
    [(429, "slow down"), (400, "Could not finish the message because max_tokens or model output limit was reached.")],
)
async def test_a_model_that_is_there_passes(model_server: Any, status: int, message: str) -> None:
    model_server.error(status, message)
    await preflight([ModelSettings(model="openai/gpt-x", base_url=model_server.url)], key)
    assert len(model_server.requests) == 1


async def test_a_hiccup_of_the_server_passes(model_server: Any) -> None:
    for _ in range(3):
        model_server.error(503, "The server is overloaded")
    model_server.message(content="ready")
    waits = Waits()
    await preflight([ModelSettings(model="openai/gpt-x", base_url=model_server.url)], key, waits.timing)
    assert len(model_server.requests) == 4
    assert all(0 < wait < ceiling for wait, ceiling in zip(waits.seconds, (0.5, 1, 2), strict=True))


async def test_a_server_that_goes_on_failing_is_told_with_the_number_of_tries(model_server: Any) -> None:
    model_server.error(500, "Something broke")
    text = await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url))
    assert len(model_server.requests) == 4
    assert "Something broke (tried 4 times). Nothing was started." in text


async def test_a_server_is_waited_for_as_it_asks_but_not_for_long(model_server: Any) -> None:
    model_server.error(503, "In a moment", retry_after="3")
    model_server.error(503, "Closed for today", retry_after="3600")
    waits = Waits()
    text = await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url), waits)
    assert "Closed for today (tried 2 times)" in text
    assert waits.seconds == [3.0]


@pytest.mark.parametrize(("status", "message"), [(401, "Incorrect API key"), (404, "No such model"), (402, "No money")])
async def test_what_does_not_pass_by_itself_is_asked_once(model_server: Any, status: int, message: str) -> None:
    model_server.error(status, message)
    waits = Waits()
    await refused(ModelSettings(model="openai/gpt-x", base_url=model_server.url), waits)
    assert len(model_server.requests) == 1
    assert waits.seconds == []
