"""Values that a turn looks up although its user could have been asked for them: the logical jump of a hard query."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tools.origin import ArgumentOrigin
from tools.reference import belongs_to_session
from tools.trace import Step, succeeded


def implicit_values(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Call id and parameter of each argument that a read of the same turn gave: a zip code, a price, the id of a
    booking. The user could have been asked for it, since it was there before the turn; not so for what the turn itself
    made, for what belongs to a session, and for a name that the user said with a slip. Calls that failed do not count.
    """
    done = succeeded(steps)
    reads = {step.call.id for step in done if not step.changed_state}
    return tuple(
        (step.call.id, name)
        for step in done
        for name, origin in step.origins.items()
        if not belongs_to_session(name) and any(_looked_up(part, reads) for part in origin.observed)
    )


def _looked_up(part: ArgumentOrigin, reads: Collection[str]) -> bool:
    said = part.selector is not None and part.selector.kind == "nearest"
    return part.source in reads and not said
