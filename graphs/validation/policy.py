"""Whether calls keep the rules of the house."""

from __future__ import annotations

from collections.abc import Sequence

from envs.world import World
from tools.trace import Step


def forbidden(start: World, steps: Sequence[Step]) -> str:
    """The text of the first rule that a call breaks; empty where all keep them. The calls are made again in a fork of
    ``start``, the world before the first of them: a call that fails has no effect, and so none that is forbidden."""
    if not start.policy():
        return ""
    world = start.fork()
    for step in steps:
        broken = world.broken_rule(step.call)
        if broken:
            return broken
        world.execute(step.call)
    return ""
