"""What a role's model costs is counted, and what it is asked can be seen."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.secrets import NO_KEY
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.backends.watching import WatchedBackend, watching
from fr_agents.config.models import ModelSettings
from graphs.usage import collecting

ASKED = Request(messages=({"role": "user", "content": "Hello"},))
TOOL = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": {"properties": {}}}}


async def test_roles_that_share_a_backend_are_told_apart() -> None:
    shared = ScriptedBackend(lambda request: Answer(text="hi", prompt_tokens=4, completion_tokens=2), name="m")
    querying, reasoning = MeteredBackend(shared, "querying"), MeteredBackend(shared, "reasoning")
    assert querying.name == "m"
    with collecting() as usage:
        assert (await querying.complete(ASKED)).text == "hi"
        await reasoning.complete(ASKED)
        await reasoning.complete(ASKED)
    assert usage["querying"] == {"calls": 1, "prompt_tokens": 4, "completion_tokens": 2, "untold": 0}
    assert usage["reasoning"] == {"calls": 2, "prompt_tokens": 8, "completion_tokens": 4, "untold": 0}


async def test_a_request_that_nobody_answers_counts_nothing() -> None:
    def refuse(request: Request) -> Answer:
        raise UnanswerableRequest("too long")

    with collecting() as usage, pytest.raises(UnanswerableRequest):
        await MeteredBackend(ScriptedBackend(refuse), "reasoning").complete(ASKED)
    assert usage == {}


@pytest.mark.parametrize(("usage", "untold"), [('{"prompt_tokens": 3, "completion_tokens": 1}', 0), ("null", 1)])
async def test_what_a_server_does_not_tell_is_told_to_be_unknown(model_server: Any, usage: str, untold: int) -> None:
    choice = '{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}'
    head = '"id": "1", "object": "chat.completion", "created": 1, "model": "m"'
    model_server.body(f'{{{head}, "choices": [{choice}], "usage": {usage}}}')
    settings = ModelSettings(model="openai/m", base_url=model_server.url)
    async with OpenAIBackend(settings, NO_KEY) as client:
        with collecting() as collected:
            await MeteredBackend(client, "querying").complete(ASKED)
    assert collected["querying"]["calls"] == 1
    assert collected["querying"]["untold"] == untold
    assert collected["querying"]["prompt_tokens"] == 3 * (1 - untold)


async def test_requests_are_seen_as_they_leave_while_somebody_watches() -> None:
    model = WatchedBackend(ScriptedBackend(lambda request: Answer(text='{"tool": "none", "reply": "Done."}')))
    backend, seen = TextToolsBackend(model), list[Request]()
    request = ASKED.model_copy(update={"tools": (TOOL,)})
    await backend.complete(request)
    with watching(seen.append):
        await backend.complete(request)
    await backend.complete(request)
    (only,) = seen
    assert only.tools == ()
    assert "- look(): Looks." in only.messages[0]["content"]
