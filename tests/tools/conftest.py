"""Short ways to make specs and steps for the tests of this folder."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from tools.call import Observation, ToolCall
from tools.origin import ArgumentOrigin
from tools.spec import ToolSpec
from tools.trace import Step


class Make:
    """Specs and steps, of which a test says only what matters to it."""

    def spec(
        self,
        name: str,
        parameters: dict[str, dict[str, Any]] | None = None,
        returns: dict[str, Any] | None = None,
        description: str = "Does something.",
        required: list[str] | None = None,
        effect: Literal["read", "write"] = "read",
    ) -> ToolSpec:
        properties = parameters or {}
        wanted = list(properties) if required is None else required
        return ToolSpec(
            name=name,
            description=description,
            parameters={"type": "object", "properties": properties, "required": wanted},
            returns=returns or {"type": "object", "properties": {}},
            effect=effect,
        )

    def result(self, **fields: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "properties": fields}

    def rows(self, name: str, **fields: dict[str, Any]) -> dict[str, Any]:
        return self.result(**{name: {"type": "array", "items": self.result(**fields)}})

    def step(
        self,
        call_id: str,
        tool: str,
        content: Any = None,
        arguments: dict[str, Any] | None = None,
        origins: dict[str, ArgumentOrigin] | None = None,
        **more: Any,
    ) -> Step:
        return Step(
            call=ToolCall(id=call_id, name=tool, arguments=arguments or {}),
            observation=Observation(call_id=call_id, content=content),
            origins=origins or {},
            **more,
        )


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()
