"""What discovery is told and what it tells."""

from __future__ import annotations

from typing import Literal

from tools.base import Record
from tools.graph import ApiGraph, Edge
from tools.spec import ToolSpec

Reason = Literal["never_succeeds", "cycle", "random", "hangs", "prints", "breaks_down"]


class DiscoverySettings(Record):
    """How much is probed, and what may be.

    Attributes:
        seed: Decides every draw; the same seed gives the same graph.
        starts: Initial states that are tried for each group of environments.
        max_calls: Calls that are made from one initial state at most.
        max_seconds: Seconds that one initial state takes at most; what this bound cuts short depends on the machine.
        call_seconds: A call that takes longer hangs, and its tool is left out.
        leave_out: Tools that are not called at all.
        declared: Whether the edges that environments declare belong to the graph.
        outside_effects: Whether a world whose calls have effects outside of the process may be probed.
    """

    seed: int = 0
    starts: int = 3
    max_calls: int = 150_000
    max_seconds: float = 120.0
    call_seconds: float = 2.0
    leave_out: tuple[str, ...] = ()
    declared: bool = True
    outside_effects: bool = False


class Progress(Record):
    """How far discovery is: ``done`` of ``total`` tools in a stage, and the calls made so far."""

    environment: str
    stage: str
    done: int
    total: int
    calls: int


class ToolWarning(Record):
    """A tool that is left out as a target, or behaves in a way that spoils data, and why."""

    tool: str
    reason: Reason
    text: str


class Discovery(Record):
    """The tools of a domain with the edges between them, and what was noticed on the way.

    ``groups`` has the tools of each environment, ``cut_short`` the groups for which the bounds on calls or seconds were
    too tight, so that needs may be missing. ``calls`` and ``seconds`` tell what it took; they are no part of what
    was found.
    """

    world: str
    version: str
    specs: tuple[ToolSpec, ...]
    groups: dict[str, tuple[str, ...]]
    edges: tuple[Edge, ...]
    warnings: tuple[ToolWarning, ...] = ()
    cut_short: tuple[str, ...] = ()
    calls: int = 0
    seconds: float = 0.0

    def graph(self) -> ApiGraph:
        """The API graph of all tools."""
        return ApiGraph(self.specs, self.edges)


class OutsideEffectsError(ValueError):
    """A world that acts outside of the process was to be probed without permission."""
