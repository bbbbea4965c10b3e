"""Values that a turn looks up although its user could have been asked for them: the logical jump of a hard query."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tools.origin import ArgumentOrigin
from tools.pools import is_opaque
from tools.trace import Step, succeeded


def implicit_values(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Call id and parameter of each argument that an observation of the same turn gave, though people know such values:
    a zip code, a price, a name; not an id or a token, which a system made and nobody could be asked for, and not a name
    that the user said with a slip. Calls that failed do not count."""
    done = succeeded(steps)
    own = {step.call.id for step in done}
    return tuple(
        (step.call.id, name)
        for step in done
        for name, origin in step.origins.items()
        if not is_opaque(name) and any(_looked_up(part, own) for part in origin.observed)
    )


def _looked_up(part: ArgumentOrigin, own: Collection[str]) -> bool:
    said = part.selector is not None and part.selector.kind == "nearest"
    return part.source in own and not said
