"""What a sampled turn sets out to do, before any call is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from tools.base import Json, Record
from tools.graph import Edge
from tools.trace import Relation


class WantedEdge(Record):
    """An edge of the API graph that a turn is to walk: by ``path`` into ``parameter``, or, without a parameter, the
    state that ``producer`` establishes."""

    producer: str
    path: str = ""
    parameter: str | None = None

    def gives(self, edge: Edge) -> bool:
        """Whether it is this edge into its consumer."""
        return (edge.producer, edge.path, edge.parameter) == (self.producer, self.path, self.parameter)


class Intent(Record):
    """A target, and what has to come true besides reaching it.

    Attributes:
        tool: The target.
        edge: The edge into the target that has to be walked.
        relation: How the turn has to go on with earlier ones; none leaves that open.
        earlier: Parameters of the target whose values come from an earlier turn.
        said: Parameters of the target that the user gives, with their values.
        other: Parameters of the target whose values have to differ from these.
        fresh: Whether nothing of earlier turns is used but sessions (a login, a token).
        error: Whether a call has to fail and to be recovered from.
    """

    tool: str
    edge: WantedEdge | None = None
    relation: Relation | None = None
    earlier: tuple[str, ...] = ()
    said: dict[str, Json] = Field(default_factory=dict)
    other: dict[str, Json] = Field(default_factory=dict)
    fresh: bool = False
    error: bool = False


class Goal(Record):
    """Something that a turn is for, and how it came to be: the target itself, or what it goes on with (METHOD.md, rule
    2): a ``use`` of what ``source`` (a call) returned in ``parameter``, a ``second`` instance to compare with, or
    something about the same ``entity`` ``elsewhere``.

    ``since`` are the steps that were made before it; ``call`` is the one that reached it, none until then.
    """

    tool: str
    kind: Literal["target", "use", "second", "elsewhere"] = "target"
    since: int = 0
    parameter: str = ""
    source: str = ""
    entity: str = ""
    call: str = ""


Slot = tuple[str, str]


@dataclass(frozen=True)
class Constraints:
    """What a turn's arguments have to keep to. Keys are a tool and one of its parameters.

    Attributes:
        edges: The one edge that may give the value.
        sources: The call (id) that has to give it.
        earlier: Those that an earlier turn gives.
        said: Values that the user says.
        suggested: Values that somebody has thought of, tried before all others.
        kept: Values to be used again where they can, as they were.
        other: Values (canonical JSON) that are not to be used again.
        fresh: Whether earlier turns give nothing but what is marked in ``earlier``, and sessions.
    """

    edges: Mapping[Slot, WantedEdge] = field(default_factory=dict)
    sources: Mapping[Slot, str] = field(default_factory=dict)
    earlier: frozenset[Slot] = frozenset()
    said: Mapping[Slot, Json] = field(default_factory=dict)
    suggested: Mapping[Slot, Json] = field(default_factory=dict)
    kept: Mapping[Slot, Json] = field(default_factory=dict)
    other: Mapping[Slot, frozenset[str]] = field(default_factory=dict)
    fresh: bool = False

    @property
    def produced(self) -> frozenset[Slot]:
        """Parameters that must come from an output."""
        return self.earlier | frozenset(self.edges) | frozenset(self.sources)
