"""What a preview's roles ask their models; for a role by rules, what a model in its place would be asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.watching import watching
from fr_agents.prompts.prompt import PromptFile, overriding
from graphs.roles import Roles


@dataclass(frozen=True)
class SeenRequest:
    """A request of ``role`` to ``model``; ``asked`` is false where rules answered, and nobody was asked."""

    role: str
    model: str
    asked: bool
    request: Request


class RequestLog:
    """Keeps the requests of roles in their order.

    Args:
        prompts: What roles by rules would ask with, in the place of the package's prompts.
    """

    def __init__(self, prompts: Mapping[str, PromptFile]) -> None:
        self.seen: list[SeenRequest] = []
        self._prompts = prompts

    def watch(self, roles: Roles) -> Roles:
        """The same roles, whose requests are kept."""
        found = {field.name: getattr(roles, field.name) for field in fields(roles)}
        return replace(roles, **{name: self._watched(name, role) for name, role in found.items() if role is not None})

    def _watched(self, name: str, role: Any) -> Any:
        if role.makes_model_calls:
            return _AskingRole(name, role, self.seen)
        from fr_agents import wiring  # noqa: PLC0415 - loads LangGraph, which other commands do without

        with overriding(self._prompts):
            instead: Any = wiring.CHAT_ROLES[name](ScriptedBackend(_nobody, name="a model"))
        return _RulesRole(name, role, instead, self.seen)


class _AskingRole:
    """A role that a model plays: its requests are seen as they leave, with whatever was rewritten on the way."""

    makes_model_calls = True

    def __init__(self, name: str, role: Any, seen: list[SeenRequest]) -> None:
        self._name, self._role, self._seen = name, role, seen

    @property
    def model(self) -> str:
        return str(self._role.model)

    async def __call__(self, view: Any) -> Any:
        def keep(request: Request) -> None:
            self._seen.append(SeenRequest(self._name, self.model, asked=True, request=request))

        with watching(keep):
            return await self._role(view)


class _RulesRole:
    """A role by rules: kept is the first request of the model that would play it, made from the same view."""

    makes_model_calls = False

    def __init__(self, name: str, role: Any, instead: Any, seen: list[SeenRequest]) -> None:
        self._name, self._role, self._instead, self._seen = name, role, instead, seen

    @property
    def model(self) -> str:
        return str(self._role.model)

    async def __call__(self, view: Any) -> Any:
        request = self._instead.request(view)
        self._seen.append(SeenRequest(self._name, self.model, asked=False, request=request))
        return await self._role(view)


def nobody_asked(seen: list[SeenRequest]) -> Iterator[str]:
    """The roles that ask nobody, each once."""
    yield from dict.fromkeys(item.role for item in seen if not item.asked)


def _nobody(request: Request) -> Answer:
    raise AssertionError(f"nobody answers this request: {request.messages[-1]['role']}")
