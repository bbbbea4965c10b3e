"""What a model that writes queries is told of noise."""

from __future__ import annotations

from typing import Any

import pytest

from fr_agents.roles.chat.querying import QueryingRole
from graphs.noise import OPERATORS
from graphs.records.query import Noise
from graphs.roles import QueryingView
from tools.advanced import AdvancedTool
from tools.trace import Trace

TOOL = AdvancedTool(name="store_it", description="Stores a box.", inputs=(), sinks=(), covered=("store_box",))
ANSWER = '{"query": "Could you store it?"}'


async def prompt(script: Any, *noise: Noise) -> tuple[str, str]:
    """The system message and the user message."""
    view = QueryingView(
        advanced_tool=TOOL,
        trace=Trace(target_tool="store_box", steps=(), requested=()),
        tools=(),
        hidden=(),
        noise=noise,
        earlier_messages=(),
        feedback=(),
    )
    model = script(ANSWER)
    await QueryingRole(model.backend())(view)
    system, user = model.asked[0].messages
    return str(system["content"]), str(user["content"])


def lines(user: str) -> list[str]:
    return user.split("How to word it:\n")[1].splitlines()


async def test_without_noise_it_speaks_plainly(script: Any) -> None:
    assert lines((await prompt(script))[1]) == ["- Plainly, in one or two sentences."]


@pytest.mark.parametrize("operator", OPERATORS)
async def test_each_operator_is_one_line_with_its_detail(script: Any, operator: str) -> None:
    plain, _ = await prompt(script)
    detail = "" if operator in ("indirect", "fuse") else "a certain detail"
    system, user = await prompt(script, Noise(operator=operator, detail=detail))
    (line,) = lines(user)
    assert detail in line
    assert line.startswith("- ")
    assert system == plain


async def test_operators_compose_and_a_style_is_explained(script: Any) -> None:
    _, user = await prompt(script, Noise(operator="style", detail="terse"), Noise(operator="fuse"))
    style, fuse = lines(user)
    assert style == "- Style: terse: as few words as it takes, no greeting, no thanks."
    assert "one flowing sentence" in fuse
