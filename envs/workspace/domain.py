"""Where workspaces come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from envs.environment import WorldSpec
from envs.workspace.drawing import draw_state
from envs.workspace.environment import WorkspaceEnvironment
from envs.world import World
from tools.base import digest
from tools.spec import ToolSpec

_RULES = "1"


class WorkspaceDomain:
    """Workspaces, each drawn from a seed."""

    name = "workspace"

    @property
    def version(self) -> str:
        """The version of the rules by which worlds are drawn and tools work, and a digest of the tools as models see
        them, which differs whenever a tool does."""
        return _version()

    def catalogue(self) -> Mapping[str, Sequence[ToolSpec]]:
        """The one environment with its tools."""
        return {WorkspaceEnvironment.name: WorkspaceEnvironment().specs()}

    def draw(self, seed: int) -> WorldSpec:
        """The world of a seed, always the same one."""
        return WorldSpec(
            name=self.name,
            version=self.version,
            seed=seed,
            environments=(WorkspaceEnvironment.name,),
            initial_state={WorkspaceEnvironment.name: draw_state(seed)},
        )

    def open(self, spec: WorldSpec) -> World:
        """A world in its initial state, from its specification alone.

        Raises:
            ValueError: the specification is of another world, or of another version of this one.
        """
        if (spec.name, spec.version) != (self.name, self.version):
            raise ValueError(
                f"this is world {self.name!r} in version {self.version}, which cannot open {spec.name!r} in version "
                f"{spec.version}: use the release of fr-agents that the record was made with"
            )
        if spec.environments != (WorkspaceEnvironment.name,) or set(spec.initial_state) != set(spec.environments):
            raise ValueError(f"world {self.name!r} has one environment, {WorkspaceEnvironment.name!r}, with one state")
        world = World(spec, [WorkspaceEnvironment()])
        world.reset()
        return world


@lru_cache(maxsize=1)
def _version() -> str:
    tools = digest([spec.fingerprint for spec in WorkspaceEnvironment().specs()])
    return f"{_RULES}-{tools[:8]}"
