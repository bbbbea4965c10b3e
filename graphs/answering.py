"""Which models answered for a role, where the role's name does not tell: of several, by turns or in place of another.

Collected inside a node and kept in the graph's state like what was spent (``graphs.usage``), so that a job that goes on
after a kill still knows who answered before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

# By role: the names of the models that answered, in alphabetical order.
Answered = dict[str, list[str]]

_COLLECTING: ContextVar[Answered | None] = ContextVar("fr_agents_answered", default=None)


def answered(role: str, model: str) -> None:
    """Note that ``model`` has answered for ``role``, where somebody collects."""
    collected = _COLLECTING.get()
    if collected is not None:
        collected[role] = sorted({*collected.get(role, ()), model})


@contextmanager
def collecting_models() -> Iterator[Answered]:
    """Collects who answers in it, to tasks that begin in it too; a collection inside another one is apart."""
    collected: Answered = {}
    token = _COLLECTING.set(collected)
    try:
        yield collected
    finally:
        _COLLECTING.reset(token)


def united(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> Answered:
    """What both know together: the reducer of a state's ``answered``."""
    return {role: sorted({*one.get(role, ()), *other.get(role, ())}) for role in sorted({*one, *other})}
