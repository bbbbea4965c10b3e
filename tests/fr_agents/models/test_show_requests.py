"""What models are asked, as a person reads it: also what they would be asked where rules answer."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from fr_agents import entry
from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.backends.watching import WatchedBackend
from fr_agents.config import RunConfig
from fr_agents.prompts.prompt import PromptFile
from fr_agents.requests_seen import RequestLog, SeenRequest
from fr_agents.roles.chat.reasoning import ReasoningRole
from fr_agents.show_requests import render_requests
from fr_agents.wiring import offline_roles
from graphs.records import Trajectory
from graphs.roles import ReasoningView, Roles
from tools.spec import ToolSpec

LOOK = ToolSpec(name="look", description="Looks.", parameters={"type": "object", "properties": {}}, returns={})
VIEW = ReasoningView(tools=(LOOK,), messages=({"role": "user", "content": "Look [up] Ana."},), hints=("look first",))
OWN = "{% block system %}Be brief.{% endblock %}{% block user %}Mind: {{ hints[0] }}{% endblock %}"


def page(log: RequestLog) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    console.print(render_requests(log.seen))
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def with_model(answer: str) -> Roles:
    """Roles by rules, but for the one that reasons: its model takes tools in text."""
    model = WatchedBackend(ScriptedBackend(lambda request: Answer(text=answer), name="openai/small"))
    rules = offline_roles()
    return Roles(
        tooling=rules.tooling,
        querying=rules.querying,
        reasoning=ReasoningRole(TextToolsBackend(model)),
        critiquing=rules.critiquing,
    )


async def test_what_a_model_is_asked_is_shown_as_it_leaves() -> None:
    log = RequestLog({})
    roles = log.watch(with_model('{"tool": "none", "reply": "Done."}'))
    assert (roles.reasoning.model, roles.reasoning.makes_model_calls) == ("openai/small", True)
    assert (await roles.reasoning(VIEW)).reply == "Done."
    (seen,) = log.seen
    assert (seen.role, seen.model, seen.asked, seen.request.tools) == ("reasoning", "openai/small", True, ())
    lines = page(log).splitlines()
    assert lines[0] == "1 request to models"
    assert lines[2].startswith("request 1 · reasoning · openai/small ──")
    assert any(line.startswith("SYSTEM    Solve the user's request") for line in lines)
    assert "          - look(): Looks." in lines
    assert "USER      Look [up] Ana." in lines
    assert "          look first" in lines
    assert any(line.startswith("answer    an object step: {") for line in lines)


async def test_an_answer_that_is_asked_for_again_is_two_requests() -> None:
    log = RequestLog({})
    move = log.watch(with_model("")).reasoning(VIEW)
    with pytest.raises(Exception, match="gave no usable answer"):
        await move
    assert [seen.request.messages[-1]["role"] for seen in log.seen] == ["user", "user"]
    assert len(log.seen[1].request.messages) == len(log.seen[0].request.messages) + 2


def seen_request(**fields: Any) -> SeenRequest:
    return SeenRequest("reasoning", "m", asked=True, request=Request(**{"messages": VIEW.messages, **fields}))


def test_tools_are_listed_once_and_calls_and_results_stand_in_their_order() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"who": "Ana"}'}}
    messages = (
        *VIEW.messages,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "[1]"},
    )
    log = RequestLog({})
    log.seen = [seen_request(tools=(LOOK.openai(),)), seen_request(tools=(LOOK.openai(),), messages=messages)]
    first, second = page(log).split("request 2 ·")
    assert 'tools     {"name": "look", "description": "Looks."' in first
    assert "tools     the 1 tool of request 1" in second
    labels = [line.split()[0] for line in second.splitlines()[1:] if line[:1].isalpha()]
    assert labels == ["USER", "calls", "TOOL", "tools"]
    assert 'calls     look {"who": "Ana"}  (call_1)' in second


async def test_a_preview_by_rules_shows_what_models_would_be_asked() -> None:
    config = RunConfig.model_validate(
        {"name": "p", "count": 1, "world": "travel", "turns": 1, "sampler": {"graph": "declared"}, "seed": 11}
    )
    log = RequestLog({"reasoning": PromptFile(path="mine.j2", text=OWN)})
    outcome = await entry.preview(config, watch=log.watch)
    assert outcome == await entry.preview(config)
    assert isinstance(outcome, Trajectory)
    assert not any(seen.asked for seen in log.seen)
    roles = list(dict.fromkeys(seen.role for seen in log.seen))
    assert roles[:3] == ["tooling", "querying", "reasoning"]
    shown = page(log)
    told = " ".join(shown.split())
    assert told.startswith("no requests to models; the roles tooling, querying, reasoning")
    assert "request 1 · tooling · played by rules; a model would be asked ─" in shown
    assert "Be brief." in shown
    assert outcome.turns[0].query in told
