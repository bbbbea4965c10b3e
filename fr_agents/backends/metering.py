"""Counts what a role's model answers and costs, and notes who it was where several may answer."""

from __future__ import annotations

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.calling import calling
from graphs.answering import answered
from graphs.usage import spend


class MeteredBackend:
    """A backend as one role uses it: each answer counts as a call of that role, with the tokens that the server told.

    It stands outside of retries: what counts is what was answered, not how often it took asking.
    """

    def __init__(self, backend: Backend, role: str) -> None:
        self._backend = backend
        self._role = role

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises what the backend raises; such a call does not count."""
        with calling(self._role):
            answer = await self._backend.complete(request)
        spend(self._role, answer.prompt_tokens, answer.completion_tokens)
        if answer.model:
            answered(self._role, answer.model)
        return answer
