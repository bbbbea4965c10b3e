"""Where workspaces come from."""

from __future__ import annotations

from typing import ClassVar

from envs.toolkit import ToolkitEnvironment
from envs.toolkit_domain import ToolkitDomain
from envs.workspace.drawing import draw_state
from envs.workspace.environment import WorkspaceEnvironment
from tools.base import JsonObject


class WorkspaceDomain(ToolkitDomain):
    """Workspaces, each drawn from a seed."""

    name: ClassVar[str] = "workspace"
    rules: ClassVar[str] = "2"
    quick: ClassVar[bool] = True
    environment: ClassVar[type[ToolkitEnvironment]] = WorkspaceEnvironment

    def draw_state(self, seed: int) -> JsonObject:
        return draw_state(seed)
