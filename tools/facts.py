"""Compares what texts claim with what was shown, and with each other."""

from __future__ import annotations

from tools.fact import Fact, facts_in
from tools.shown import Shown

__all__ = ["Fact", "Shown", "facts_in", "same_facts", "unheld"]


def unheld(text: str, shown: Shown) -> tuple[Fact, ...]:
    """The facts of a text that were neither said nor shown: what it invents, or knows too early."""
    return tuple(fact for fact in facts_in(text) if not shown.holds(fact, text))


def same_facts(given: str, gold: str, shown: Shown) -> bool:
    """Whether a text in one's own words comes to the same as another: it holds all facts of ``gold``, and none that
    neither ``gold`` nor ``shown`` holds. One that says nothing is the same only as another that says nothing."""
    if bool(given.strip()) != bool(gold.strip()):
        return False
    own = Shown.of([given], [])
    wanted = Shown.of([gold], [])
    complete = all(own.holds(fact) for fact in facts_in(gold))
    return complete and all(wanted.holds(fact) for fact in unheld(given, shown))
