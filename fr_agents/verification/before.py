"""What a turn begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from envs.world import World
from graphs.messages import told
from tools.base import JsonObject
from tools.provenance import Told
from tools.spec import ToolSpec
from tools.trace import Step


@dataclass(frozen=True)
class Before:
    """The world that the turn starts in, which is only ever forked, the accepted steps and the messages of the turns
    before it, and the tools by name."""

    start: World
    history: tuple[Step, ...]
    messages: tuple[JsonObject, ...]
    specs: Mapping[str, ToolSpec]

    def known(self, query: str) -> Told:
        """What a solver of ``query`` knows before its first call."""
        return Told(query=query, messages=self.messages, earlier=self.history)

    def told(self, query: str) -> str:
        """All text that a solver knows before it begins."""
        return told(self.messages, {"text": query})
