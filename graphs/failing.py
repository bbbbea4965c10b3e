"""Makes an error turn of a good one: a realistic call that fails, what it answers, and the way on from it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from envs.world import World
from graphs.execution import grouped, rerun
from graphs.failing_early import early_calls
from graphs.failing_names import misnamed_calls
from graphs.validation.purpose import proves_itself
from tools.graph import ApiGraph
from tools.pools import Pools
from tools.trace import Step, Trace


def with_failure(
    start: World, trace: Trace, graph: ApiGraph, pools: Pools, told: str, rng: random.Random
) -> Trace | None:
    """The turn with one call that fails, and the recovery from it; None where nothing realistic fits.

    Either the user gets a name slightly wrong, and the right one is found among what there is; or a call is made too
    early, before another one of the turn has established what it needs.

    Args:
        start: The world before the turn, which is forked.
        trace: The finished turn: all of its calls succeed and prove themselves.
        graph: Which tools give which parameters.
        pools: What the user could say: a name that systems make (an id) is none that people get wrong.
        told: All text before the turn, whose values are known already.
        rng: Decides which kind and which call comes first.
    """
    kinds: list[Callable[[], Iterator[tuple[Step, ...]]]] = [
        lambda: misnamed_calls(start, trace, graph, pools, rng),
        lambda: early_calls(start, trace, rng),
    ]
    rng.shuffle(kinds)
    for kind in kinds:
        for steps in kind():
            found = _executed(start, steps, trace.requested, told)
            if found is not None:
                return trace.model_copy(update={"steps": found})
    return None


def _executed(start: World, steps: Sequence[Step], requested: Sequence[str], told: str) -> tuple[Step, ...] | None:
    """The steps made again, one after the other; None where they do not go that way, or would not be accepted as the
    solution of a query that says what they say."""
    try:
        again = grouped(rerun(start.fork(), steps))
    except LookupError:
        return None
    left = [start.replay_hash(), *(step.replay_hash for step in again)]
    harmless = all(left[at] == left[at + 1] for at, step in enumerate(again) if step.observation.failed)
    return again if harmless and proves_itself(start, again, requested, told) else None
