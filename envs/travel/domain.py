"""Where travel worlds come from."""

from __future__ import annotations

from typing import ClassVar

from envs.toolkit import ToolkitEnvironment
from envs.toolkit_domain import ToolkitDomain
from envs.travel.drawing import draw_state
from envs.travel.environment import TravelEnvironment
from tools.base import JsonObject


class TravelDomain(ToolkitDomain):
    """Travel worlds, each drawn from a seed."""

    name: ClassVar[str] = "travel"
    rules: ClassVar[str] = "2"
    quick: ClassVar[bool] = True
    environment: ClassVar[type[ToolkitEnvironment]] = TravelEnvironment

    def draw_state(self, seed: int) -> JsonObject:
        return draw_state(seed)
