"""Finds by value where the arguments of executed calls come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tools.base import Json
from tools.origin import ArgumentOrigin
from tools.paths import leaf_values
from tools.spec import ToolSpec
from tools.trace import Step


def normalised(value: Json) -> str:
    """A scalar as it is compared with text: numbers without a trailing zero, words in lower case and single spaces."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.10g}"
    return " ".join(str(value).casefold().split())


def said_in(value: Json, text: str) -> bool:
    """Whether a text says a scalar, as a word of its own; ``1,200.00`` says 1200."""
    plain = " ".join(text.casefold().split())
    needle = normalised(value)
    if not needle:
        return True
    if isinstance(value, int | float) and not isinstance(value, bool):
        numbers = re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?", plain)
        return any(_as_number(item) == float(value) for item in numbers)
    return re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", plain) is not None


def infer_origins(
    steps: Sequence[Step], query: str, earlier: Sequence[Step], specs: Mapping[str, ToolSpec]
) -> tuple[Step, ...]:
    """The steps with the origins of their arguments as far as values tell: the observations of earlier groups first,
    then the query, then earlier turns, then the schema's default. What is found nowhere is ``free_text``."""
    found = []
    for step in steps:
        seen = [item for item in steps if item.group < step.group]
        properties = specs[step.call.name].properties if step.call.name in specs else {}
        origins = {
            name: _origin(value, properties.get(name, {}), seen, query, earlier)
            for name, value in step.call.arguments.items()
        }
        found.append(step.model_copy(update={"origins": origins}))
    return tuple(found)


def _origin(
    value: Json, schema: Mapping[str, Json], seen: Sequence[Step], query: str, earlier: Sequence[Step]
) -> ArgumentOrigin:
    leaves = [leaf for _, leaf in leaf_values(value)]
    parts = [_leaf_origin(leaf, schema, seen, query, earlier) for leaf in leaves]
    if not parts:
        return ArgumentOrigin(kind="default")
    if len(parts) == 1:
        return parts[0]
    kinds = {part.kind for part in parts}
    return ArgumentOrigin(kind="query") if kinds == {"query"} else ArgumentOrigin(kind="composed", parts=tuple(parts))


def _leaf_origin(
    leaf: Json, schema: Mapping[str, Json], seen: Sequence[Step], query: str, earlier: Sequence[Step]
) -> ArgumentOrigin:
    in_query = said_in(leaf, query) and not isinstance(leaf, bool)
    observed = None if in_query else _observed(leaf, seen, "observation") or _observed(leaf, earlier, "earlier_turn")
    if in_query:
        return ArgumentOrigin(kind="query")
    if observed is not None:
        return observed
    if "default" in schema and schema["default"] == leaf:
        return ArgumentOrigin(kind="default")
    return ArgumentOrigin(kind="query" if isinstance(leaf, bool) else "free_text")


def _observed(leaf: Json, steps: Sequence[Step], kind: str) -> ArgumentOrigin | None:
    for step in reversed(steps):
        for path, value in observed_values(step.observation.content):
            if type(value) is type(leaf) and value == leaf:
                return ArgumentOrigin.model_validate({"kind": kind, "source": step.call.id, "path": path})
    return None


def observed_values(content: Json) -> list[tuple[str, Json]]:
    """Every scalar that an observation shows, keys of objects included (a table keyed by ids shows the ids)."""
    found = list(leaf_values(content))
    keys = {key for path, _ in found for key in path.split(".") if key}
    return found + [(key, key) for key in sorted(keys)]


def _as_number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
