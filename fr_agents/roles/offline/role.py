"""What offline roles have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

View = TypeVar("View")
Answer = TypeVar("Answer")


class OfflineRole(ABC, Generic[View, Answer]):
    """A role that answers by rules: a pure function of its view and its own settings."""

    model = "offline"
    makes_model_calls = False

    async def __call__(self, view: View) -> Answer:
        return self.answer(view)

    @abstractmethod
    def answer(self, view: View) -> Answer:
        """The answer to a view. Raises RoleFailure where the rules have none."""
