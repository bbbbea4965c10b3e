"""The critiquing agent by rules: puts the computed findings into words, without a value."""

from __future__ import annotations

from fr_agents.roles.offline.role import OfflineRole
from graphs.roles import CritiqueView, Hint
from graphs.validation.hint_words import computed_hint


class OfflineCritiquing(OfflineRole[CritiqueView, Hint]):
    """Says the kind of mistake and where to look, then the step by its tool's description and the argument by its
    label, then where the right value comes from: as plainly as the view's level allows."""

    def answer(self, view: CritiqueView) -> Hint:
        return Hint(text=computed_hint(view))
