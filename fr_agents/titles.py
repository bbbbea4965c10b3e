"""The line above each turn of a trajectory: what sort of turn it is, what it goes on with, and how much is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fr_agents.funnel import counted
from graphs.records import Trajectory, Turn
from tools.implicit import implicit_values
from tools.relation import related_calls
from tools.spec import ToolSpec
from tools.trace import Step

# What a relation is called, and the word that leads over to the turn that it goes back to.
_RELATIONS = {
    "follow_up": ("follow-up", "of"),
    "correction": ("correction", "of"),
    "drill_down": ("drill-down", "into"),
    "same_entity": ("same entity", "as"),
    "new_topic": ("new topic", ""),
}


def turn_titles(trajectory: Trajectory) -> Iterator[str]:
    """``turn 2 · task · follow-up of turn 1 · target pay · 3 calls, path 3, 2 implicit values``, for each turn."""
    specs = dict(_specs(trajectory))
    history: list[Step] = []
    turns: dict[str, int] = {}
    for number, turn in enumerate(trajectory.turns, 1):
        implicit = counted(len(implicit_values(turn.gold_steps)), "implicit value")
        size = f"{counted(len(turn.calls), 'call')}, path {turn.depth}, {implicit}"
        back = related_calls(turn.gold_steps, history, specs).get(turn.relation, ())
        relation = _relation(turn, sorted({turns[call_id] for call_id in back}))
        yield " · ".join([f"turn {number}", turn.kind, relation, f"target {turn.target_tool}", size])
        history += turn.steps
        turns |= {step.call.id: number for step in turn.steps}


def _specs(trajectory: Trajectory) -> Iterator[tuple[str, ToolSpec]]:
    """The tools as the record shows them, by name; what they return is not told."""
    for tool in trajectory.tools:
        function: Mapping[str, str] = tool["function"]
        yield function["name"], ToolSpec.model_validate({**function, "returns": {}})


def _relation(turn: Turn, earlier: Sequence[int]) -> str:
    """The relation with the turns that it goes back to, as far as these can be told."""
    name, leads = _RELATIONS[turn.relation]
    if not earlier:
        return name
    *others, last = map(str, earlier)
    numbers = f"{', '.join(others)} and {last}" if others else last
    return f"{name} {leads} {'turns' if others else 'turn'} {numbers}"
