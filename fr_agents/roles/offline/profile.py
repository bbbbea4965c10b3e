"""What the system message tells about the user, as the offline reasoning agent uses it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from tools.base import Json
from tools.spec import ToolSpec
from tools.wording import label, labels, words

_SURE = 0.7
_LITTLE = frozenset({"a", "an", "the", "of", "for", "to", "in", "on", "at", "by", "with", "and", "or"})
_ONLY_FOR = re.compile(r" \(for ([^()]+)\)$")


class Profile:
    """Values by the labels that the system message has for them; one that is for certain tools says so at its end."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = told

    def value(self, spec: ToolSpec, name: str) -> Json:
        """The value of a tool's parameter whose label is most like the parameter's; None where none is like it."""
        names = (labels(spec)[name], label(name, {}))
        scored = [
            (max(likeness(_ONLY_FOR.sub("", text), own) for own in names), value)
            for text, value in self._told.items()
            if _is_for(text, spec)
        ]
        score, found = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
        if score < _SURE:
            return None
        return found if spec.properties[name].get("type", "string") == "string" else json.loads(found)


def _is_for(text: str, spec: ToolSpec) -> bool:
    only = _ONLY_FOR.search(text)
    return only is None or spec.name in only.group(1).split(", ")


def likeness(one: str, other: str) -> float:
    """How much two phrases share, by their words that say something: 1 for the same in the same order, else below."""
    left, right = (tuple(word for word in words(text) if word not in _LITTLE) for text in (one, other))
    if left == right:
        return 1.0 if words(one) == words(other) else 0.98
    shared = len(set(left) & set(right))
    return 0.95 * 2 * shared / (len(set(left)) + len(set(right))) if shared else 0.0
