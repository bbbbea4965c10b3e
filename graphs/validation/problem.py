"""What is wrong with something that a role made."""

from __future__ import annotations

from tools.base import Record


class Problem(Record):
    """What is wrong with a draft: a class to count by, and a sentence that its author can act on."""

    reason: str
    text: str
