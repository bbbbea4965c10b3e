"""Roles that follow a script, and roles that are watched."""

from __future__ import annotations

from typing import Any

from graphs.roles import Roles

ROLE_NAMES = ("tooling", "querying", "reasoning", "critiquing", "rewriting")


class Scripted:
    """A role that gives prepared answers in turn, the last one again and again, and keeps the views it was shown.

    An answer may be a function of the view, or an exception to raise.
    """

    model = "scripted"

    def __init__(self, *answers: Any, makes_model_calls: bool = True) -> None:
        self.answers = answers
        self.makes_model_calls = makes_model_calls
        self.views: list[Any] = []

    async def __call__(self, view: Any) -> Any:
        answer = self.answers[min(len(self.views), len(self.answers) - 1)]
        self.views.append(view)
        if isinstance(answer, Exception):
            raise answer
        return answer(view) if callable(answer) else answer


class Killed(Exception):  # noqa: N818 - stands for the end of the process
    """The process died in the middle of a role's call."""


class Watched:
    """Wraps all roles: notes each call with its view, and dies in call number ``die_at`` (counted from 1)."""

    def __init__(self, roles: Roles, *, paid: bool = False, die_at: int = 0) -> None:
        self.calls: list[tuple[str, Any]] = []
        self._die_at = die_at
        self.roles = Roles(**{name: self._wrapped(name, getattr(roles, name), paid) for name in ROLE_NAMES})

    def _wrapped(self, name: str, inner: Any, paid: bool) -> Any:
        async def answer(view: Any) -> Any:
            self.calls.append((name, view))
            if len(self.calls) == self._die_at:
                raise Killed(name)
            return await inner(view)

        class Wrapper:
            model = inner.model
            makes_model_calls = paid

            async def __call__(self, view: Any) -> Any:
                return await answer(view)

        return Wrapper()
