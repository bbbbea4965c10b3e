"""One trajectory to be."""

from __future__ import annotations

from tools.base import Record
from tools.intent import WantedEdge
from tools.trace import Relation


class TurnPlan(Record):
    """What the quotas ask of one turn. The sampler does what it can: where the ``tool`` or the ``edge`` cannot be had
    in the world as it is then, the turn gets another target, and counts as not done in the coverage.

    Attributes:
        tool: The target; none leaves it to the sampler.
        edge: An edge into the target that the turn is to use.
        relation: How the turn is to go on with earlier ones; the first turn of a trajectory has none to go on with.
        error: Whether a call of it is to fail in a realistic way and to be recovered from.
    """

    tool: str | None = None
    edge: WantedEdge | None = None
    relation: Relation = "new_topic"
    error: bool = False


class Job(Record):
    """Job ``number`` of a run: a pure function of (configuration, API graph, seed, number), and one LangGraph thread.

    ``seed`` is that of its world. ``plans`` has one for each turn, or none at all where nothing is asked for. ``tools``
    are those that its model is shown; none means all.
    """

    number: int
    seed: int
    turns: int
    plans: tuple[TurnPlan, ...] = ()
    tools: tuple[str, ...] = ()

    def plan(self, turn: int) -> TurnPlan:
        """What is asked of a turn, counted from 0."""
        return self.plans[turn] if turn < len(self.plans) else TurnPlan()


def thread_id(number: int) -> str:
    """The LangGraph thread of a job."""
    return f"job-{number:06d}"
