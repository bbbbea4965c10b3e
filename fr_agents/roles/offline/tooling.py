"""The tooling agent by rules: names the advanced tool after what it is for."""

from __future__ import annotations

from fr_agents.roles.offline.role import OfflineRole
from graphs.roles import Naming, ToolingView
from tools.wording import words

_SKIPPED = frozenset(
    {"a", "an", "the", "of", "for", "to", "in", "on", "by", "with", "and", "or", "from", "at", "given"}
)
_LONGEST_NAME = 6


class OfflineTooling(OfflineRole[ToolingView, Naming]):
    """Joins the tasks of the sinks: "book a flight" and "pay a booking" become ``book_flight_and_pay_booking``."""

    def answer(self, view: ToolingView) -> Naming:
        tasks = list(dict.fromkeys(sink.task for sink in view.signature.sinks))
        names = ["_".join(_content_words(task)[:_LONGEST_NAME]) for task in tasks]
        return Naming(name="_and_".join(names), description=view.signature.plain_description())


def _content_words(text: str) -> list[str]:
    return [word for word in words(text) if word not in _SKIPPED]
