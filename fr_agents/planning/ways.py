"""How an edge of the API graph can be walked: within one turn, or from one turn to the next."""

from __future__ import annotations

from fr_agents.planning.items import Item
from tools.graph import ApiGraph
from tools.reference import belongs_to_session
from tools.relation import takes_back
from tools.signing_in import signs_in
from tools.trace import Relation


class Ways:
    """Tells for the items of a graph by which relation a later turn walks them, and which take two turns.

    A later turn *corrects* what an earlier one did where its tool takes it back, *drills down* where it only reads, and
    *follows up* otherwise. Nobody makes a thing to take it back in the same breath, or to have it read back to him:
    such edges need a turn that makes it and a later one that comes back to it.
    """

    def __init__(self, graph: ApiGraph) -> None:
        self._graph = graph

    def relation(self, item: Item) -> Relation | None:
        """The relation of a later turn that walks the edge after an earlier one has called its producer; none where
        there is no going on: no edge, or one of a session."""
        if not item.producer:
            return None
        specs = self._graph.specs
        if self._undoes(item):
            return "new_topic" if signs_in(specs[item.producer]) else "correction"
        if item.parameter is None:
            return None if signs_in(specs[item.producer]) else "same_entity"
        if belongs_to_session(item.parameter):
            return None
        return "drill_down" if specs[item.tool].effect == "read" else "follow_up"

    def takes_two_turns(self, item: Item) -> bool:
        """Whether no single turn may walk the edge."""
        if not item.producer or self._graph.specs[item.producer].effect == "read":
            return False
        reads_back = self._graph.specs[item.tool].effect == "read" and not signs_in(self._graph.specs[item.producer])
        return self._undoes(item) or (reads_back and not belongs_to_session(item.parameter or ""))

    def worth_a_turn(self, tool: str) -> bool:
        """Whether a turn that only calls this tool, and what it needs, is one that somebody would begin with: it
        changes something, or takes more than one call."""
        return self._graph.specs[tool].effect == "write" or bool(
            self._graph.provided(tool) or self._graph.state_needs(tool)
        )

    def _undoes(self, item: Item) -> bool:
        """Whether the edge leads from what was done to its undoing."""
        specs = self._graph.specs
        if specs[item.producer].effect == "read":
            return False
        if item.parameter is None and item.tool in self._graph.undoers(item.producer):
            return True
        return takes_back(specs[item.tool]) and not signs_in(specs[item.producer])
