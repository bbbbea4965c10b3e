"""What the tooling agent is shown of an error turn."""

from __future__ import annotations

from typing import Any

from fr_agents.roles.chat.tooling import ToolingRole
from graphs.roles import ToolingView
from tools.advanced import signature
from tools.base import Json
from tools.call import Observation, ToolCall, ToolError
from tools.spec import ToolSpec
from tools.trace import Step, Trace

TOOLS = tuple(
    ToolSpec(name=name, description=purpose, parameters={"type": "object", "properties": {}}, returns={})
    for name, purpose in (("try_door", "Tries a door."), ("ring_bell", "Rings the bell."), ("open_door", "Opens it."))
)


def made(call_id: str, name: str, content: Json, error: str = "") -> Step:
    failed = ToolError(kind="failed", message=error) if error else None
    observation = Observation(call_id=call_id, content=content, error=failed)
    return Step(call=ToolCall(id=call_id, name=name, arguments={}), observation=observation)


async def test_calls_that_failed_are_not_shown(script: Any) -> None:
    steps = (
        made("c1", "try_door", None, "The door is locked."),
        made("c2", "ring_bell", {"answer": "somebody comes"}),
        made("c3", "open_door", {"open": True}),
    )
    trace = Trace(target_tool="open_door", steps=steps, requested=("c3",))
    model = script('{"name": "enter_house", "description": "Gets somebody into the house."}')
    view = ToolingView(trace=trace, signature=signature(trace, {tool.name: tool for tool in TOOLS}), tools=TOOLS)
    assert (await ToolingRole(model.backend())(view)).name == "enter_house"
    shown = model.shown()
    assert "ring_bell" in shown
    assert "somebody comes" in shown
    for hidden in ("try_door", "Tries a door", "locked"):
        assert hidden not in shown
