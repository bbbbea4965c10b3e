"""A backend that is a function: for tests, and for whoever has a model behind something else than HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

from fr_agents.backends.backend import Answer, Request


class ScriptedBackend:
    """Answers with what ``function`` returns for a request; the function may be asynchronous, and may raise."""

    def __init__(self, function: Callable[[Request], Answer | Awaitable[Answer]], name: str = "scripted") -> None:
        self.name = name
        self._function = function

    async def complete(self, request: Request) -> Answer:
        answer = self._function(request)
        return await answer if inspect.isawaitable(answer) else answer
