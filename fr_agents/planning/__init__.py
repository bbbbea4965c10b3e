"""What the turns of a run ask for, from job numbers alone: targets, edges, relations, errors, tools shown."""

from fr_agents.planning.checking import check_plan
from fr_agents.planning.items import Item
from fr_agents.planning.schedule import Schedule

__all__ = ["Item", "Schedule", "check_plan"]
