"""A sampled turn as the operators see it that change its trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from envs.world import World
from tools.base import Json, canonical_json
from tools.graph import ApiGraph
from tools.origin import Selector
from tools.provenance import said_in
from tools.reference import said_names
from tools.trace import Step, Trace


@dataclass(frozen=True)
class SaidName:
    """A name or an identifier that the user says: the argument ``parameter`` of the step at ``at``, the first to need
    it."""

    at: int
    tool: str
    parameter: str
    value: Json


def gives_away(selector: Selector, value: Json) -> bool:
    """Whether the words of a selector say the value, or are a part of it."""
    return said_in(value, str(selector.value)) or said_in(selector.value, str(value))


@dataclass(frozen=True)
class SampledTurn:
    """A turn between sampling and writing.

    Attributes:
        start: The world before the turn. It is only ever forked.
        trace: The calls as they are so far.
        graph: What the world's tools need of each other.
        history: The accepted steps of earlier turns.
        told: All text of the conversation before the turn.
        longest: The most calls that the turn may have.
        avoided: Tools that are not to be called.
    """

    start: World
    trace: Trace
    graph: ApiGraph
    history: tuple[Step, ...]
    told: str
    longest: int
    avoided: frozenset[str] = frozenset()

    @property
    def has_failures(self) -> bool:
        """Whether it is an error turn. Such a turn is left as it is: what fails in it depends on what is said."""
        return any(step.observation.failed for step in self.trace.steps)

    def said_names(self) -> Iterator[SaidName]:
        """The names and identifiers that the user says, each where it is needed first. What is called so is defined by
        ``tools.reference.names_in``: no numbers, dates, choices or texts of many words."""
        seen: set[str] = set()
        for at, step in enumerate(self.trace.steps):
            for parameter in said_names(step, self.graph.specs):
                value = step.call.arguments[parameter]
                plain = step.origins[parameter].kind == "query" and not isinstance(value, list | dict)
                if plain and canonical_json(value) not in seen:
                    seen.add(canonical_json(value))
                    yield SaidName(at=at, tool=step.call.name, parameter=parameter, value=value)
