"""Turns a value that the user says into one that is taken from somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.base import Json
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values
from tools.trace import Step


def taking(step: Step, value: Json, found: ArgumentOrigin) -> Step:
    """The step with each argument that is the said ``value``, or a list of it alone, taken from where it was
    ``found``."""
    origins = dict(step.origins)
    for parameter, origin in step.origins.items():
        if origin.kind == "query" and step.call.arguments[parameter] == value:
            origins[parameter] = found
        elif origin.kind == "query" and step.call.arguments[parameter] == [value]:
            origins[parameter] = ArgumentOrigin(kind="composed", parts=(found,))
    return step.model_copy(update={"origins": origins})


def said_values(steps: Sequence[Step]) -> Iterator[Json]:
    """All scalars that the user says, also to pick an entry of a list."""
    for step in steps:
        for parameter, origin in step.origins.items():
            leaves = [value for _, value in leaf_values(step.call.arguments[parameter])]
            chosen = [part.selector.value for part in origin.observed if part.selector is not None]
            yield from leaves if origin.kind == "query" else (value for value in chosen if value is not None)
