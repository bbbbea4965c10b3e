"""The API graph of a run: always made from the document that the run's folder keeps, so that a resumed run has the very
same one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from pydantic import ValidationError

from envs.discovery import ToolWarning
from tools.base import JsonObject, digest
from tools.graph import ApiGraph
from tools.graph_json import load_graph

# A tool that only prints does what it should.
_SPOILING = frozenset({"never_succeeds", "cycle", "random", "hangs", "breaks_down"})


class RunGraph:
    """What a run knows of its world's tools.

    Args:
        document: That of ``tools.graph_json``, with ``cut_short``: where the bounds of discovery were too tight.
        origin: Where it comes from, as the run's second line says it: ``from cache``.
        problem: Why it could not be kept for other runs; empty if it is.

    Attributes:
        graph: The API graph.
        warnings: What is wrong with some of its tools.
        left_out: The tools that are never targets, each with the first reason for it.

    Raises:
        ValueError: the document is none, or contradicts itself.
    """

    def __init__(self, document: JsonObject, origin: str, problem: str = "") -> None:
        self.document = document
        self.origin = origin
        self.problem = problem
        self.graph: ApiGraph = load_graph(document)
        self.warnings = _warnings(document)
        self.left_out = _left_out(self.warnings)
        self.cut_short = tuple(str(group) for group in document.get("cut_short", ()))

    @property
    def unusable(self) -> tuple[str, ...]:
        """The tools that are never targets."""
        return tuple(self.left_out)

    @cached_property
    def digest(self) -> str:
        """The same for the same document."""
        return digest(self.document)


def unusable(warnings: Iterable[ToolWarning]) -> tuple[str, ...]:
    """The tools among those warned of that are never targets: their calls fail, answer by chance, or end the run."""
    return tuple(_left_out(warnings))


def _left_out(warnings: Iterable[ToolWarning]) -> dict[str, str]:
    found: dict[str, str] = {}
    for warning in warnings:
        if warning.reason in _SPOILING:
            found.setdefault(warning.tool, warning.reason)
    return found


def _warnings(document: JsonObject) -> tuple[ToolWarning, ...]:
    try:
        return tuple(ToolWarning.model_validate(warning) for warning in document.get("warnings", ()))
    except (TypeError, ValidationError) as error:
        raise ValueError("this API graph cannot be read: its warnings are damaged. Discover it again") from error
