"""No role sees a job's seed, and the reasoning role sees nothing that only gold data could tell it (law 7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from graphs.roles import CritiqueView, Finding, QueryingView, ReasoningView, ToolingView
from tools.base import JsonObject, Record
from tools.paths import leaf_values
from tools.provenance import observed_values, said_in
from tools.trace import Trace

VIEWS = (ToolingView, QueryingView, ReasoningView, CritiqueView)


def keys(value: Any) -> Iterator[str]:
    """All keys of a JSON value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from keys(item)


def looked_up_texts(trace: Trace) -> list[str]:
    """Texts that gold looks up and the user does not say."""
    said = [
        leaf
        for step in trace.steps
        for name, origin in step.origins.items()
        if origin.kind == "query"
        for _, leaf in leaf_values(step.call.arguments[name])
    ]
    said += [
        part.selector.value
        for step in trace.steps
        for origin in step.origins.values()
        for part in origin.observed
        if part.selector
    ]
    return [value for value in trace.looked_up() if isinstance(value, str) and len(value) > 3 and value not in said]


def leaks(view: ReasoningView, values: list[str]) -> list[str]:
    """The values that stand in the view before an observation of its conversation showed them."""
    shown: set[str] = set()
    found = [value for value in values for hint in view.hints if said_in(value, hint)]
    for message in view.messages:
        if message["role"] == "tool":
            shown |= {str(value) for _, value in observed_values(json.loads(message["content"]))}
        else:
            text = json.dumps(message, ensure_ascii=False)
            found += [value for value in values if said_in(value, text) and value not in shown]
    return found


def test_the_reasoning_view_has_no_field_for_anything_else() -> None:
    assert set(ReasoningView.model_fields) == {"tools", "messages", "hints", "plan"}


@pytest.mark.parametrize("extra", ["gold", "trace", "seed", "advanced_tool", "query", "job", "findings"])
def test_a_leak_is_a_type_error(extra: str) -> None:
    fields: JsonObject = {"tools": (), "messages": (), "hints": ()}
    ReasoningView(**fields)
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ReasoningView(**fields, **{extra: "x"})


@pytest.mark.parametrize("view", [*VIEWS, Finding], ids=lambda view: view.__name__)
def test_no_view_has_a_field_for_a_seed_or_takes_unknown_ones(view: type[Record]) -> None:
    assert not [name for name in keys(view.model_json_schema()) if "seed" in name]
    assert view.model_config["extra"] == "forbid"
    assert view.model_config["frozen"]


def test_no_role_is_shown_a_seed(travelled: Any) -> None:
    for job, _, calls in travelled:
        assert len(str(job.seed)) > 10
        for _, view in calls:
            plain = view.plain()
            assert str(job.seed) not in json.dumps(plain)
            assert not [key for key in keys(plain) if "seed" in key]


def test_the_reasoning_role_is_shown_what_it_looked_up_and_nothing_before(travel: Any, travelled: Any) -> None:
    values: list[str] = []
    checked = seen_later = 0
    for job, _, calls in travelled:
        specs = travel.open(travel.draw(job.seed)).specs()
        for name, view in calls:
            if name == "tooling":
                values = looked_up_texts(view.trace)
            elif name == "reasoning":
                assert view.tools == specs
                assert leaks(view, values) == []
                checked += len(values)
                seen_later += any(said_in(value, json.dumps(view.messages)) for value in values)
    assert checked > 100
    assert seen_later > 10


def test_the_check_for_leaks_finds_planted_ones(travelled: Any) -> None:
    """In the blind attempt's first view, put a looked-up value wherever text can stand."""
    _, _, calls = travelled[0]
    [trace, *_] = [view.trace for name, view in calls if name == "tooling" and looked_up_texts(view.trace)]
    values = looked_up_texts(trace)
    position = next(index for index, (name, view) in enumerate(calls) if name == "tooling" and view.trace == trace)
    view = next(view for name, view in calls[position:] if name == "reasoning")
    assert leaks(view, values) == []
    assert leaks(view.model_copy(update={"hints": (f"Use {values[0]}.",)}), values)
    query = {**view.messages[-1], "content": f"{view.messages[-1]['content']} ({values[0]})"}
    assert leaks(view.model_copy(update={"messages": (*view.messages[:-1], query)}), values)
