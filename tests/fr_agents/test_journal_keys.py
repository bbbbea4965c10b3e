"""Which calls are the same: whatever shapes an answer tells them apart, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import OutputSchema, Request
from fr_agents.backends.calling import Caller
from fr_agents.config.models import ModelSettings, Price
from fr_agents.journal.keys import request_key, shaping_text

CALLER = Caller("reasoning", job=3, stage="attempt", step=2)
MODEL = ModelSettings(model="openai/a", base_url="http://127.0.0.1:1/v1")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"properties": {"a": {}, "b": {}}}}}
REQUEST = Request(
    messages=({"role": "user", "content": "Pay 5.0, please."},),
    tools=(TOOL,),
    output=OutputSchema(name="o", json_schema={"type": "object", "properties": {"a": {}, "b": {}}}),
    max_tokens=10,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def key(caller: Caller = CALLER, request: Request = REQUEST, model: ModelSettings = MODEL) -> str:
    return request_key(caller, request, shaping_text(model))


def other(**changes: Any) -> Request:
    return REQUEST.model_copy(update=changes)


@pytest.mark.parametrize(
    "changed",
    [
        other(messages=({"role": "user", "content": "Pay 5, please."},)),
        other(messages=({"role": "system", "content": "Pay 5.0, please."},)),
        other(messages=REQUEST.messages * 2),
        other(tools=()),
        other(output=None),
        other(output=OutputSchema(name="p", json_schema=REQUEST.output.json_schema if REQUEST.output else {})),
        # A model that is held to a schema writes in its order.
        other(output=OutputSchema(name="o", json_schema={"type": "object", "properties": {"b": {}, "a": {}}})),
        other(max_tokens=11),
        other(max_tokens=None),
    ],
)
def test_another_request_has_another_key(changed: Request) -> None:
    assert key(request=changed) != key()


@pytest.mark.parametrize(
    "caller",
    [Caller("reasoning", 4, "attempt", 2), Caller("querying", 3, "attempt", 2), Caller("reasoning", 3, "attempt", 3)],
)
def test_another_job_role_or_step_has_another_key(caller: Caller) -> None:
    assert key(caller) != key()


def test_the_node_does_not_count() -> None:
    assert key(Caller("reasoning", 3, "judge", 2)) == key()


@pytest.mark.parametrize(
    "change",
    [
        {"model": "openai/b"},
        {"base_url": "http://127.0.0.1:2/v1"},
        {"temperature": 0.5},
        {"max_tokens": 7},
        {"output": "text"},
        {"tools": "text"},
        {"parameters": {"top_p": 0.5}},
        {"fallbacks": (ModelSettings(model="openai/b"),)},
    ],
)
def test_what_shapes_answers_counts(change: dict[str, Any]) -> None:
    assert key(model=MODEL.model_copy(update=change)) != key()


NEUTRAL = st.fixed_dictionaries(
    {
        "api_key_env": st.sampled_from([None, "OTHER_KEY"]),
        "timeout": st.floats(1, 100),
        "retries": st.integers(0, 20),
        "price": st.none() | st.builds(Price, prompt=st.floats(0, 9), completion=st.floats(0, 9)),
        "requests_per_minute": st.none() | st.floats(1, 9),
        "tokens_per_minute": st.none() | st.floats(1, 9),
    }
)


@settings(max_examples=25)
@given(own=NEUTRAL, theirs=NEUTRAL)
def test_price_patience_and_pace_do_not_count_for_any_model(own: dict[str, Any], theirs: dict[str, Any]) -> None:
    fallback = ModelSettings(model="openai/b", temperature=0.1)
    before = MODEL.model_copy(update={"fallbacks": (fallback,)})
    after = MODEL.model_copy(update={**own, "fallbacks": (fallback.model_copy(update=theirs),)})
    assert key(model=after) == key(model=before)
    warmer = after.model_copy(update={"fallbacks": (fallback.model_copy(update={"temperature": 0.2}),)})
    assert key(model=warmer) != key(model=before)


def asked(content: Any) -> Request:
    return Request(messages=({"role": "user", "content": content},))


@settings(max_examples=60)
@given(one=json_values, two=json_values)
def test_contents_that_differ_have_keys_that_differ(one: Any, two: Any) -> None:
    same = repr(one) == repr(two)
    assert (key(request=asked(one)) == key(request=asked(two))) == same


@settings(max_examples=30)
@given(content=json_values)
def test_a_request_that_was_written_down_and_read_back_has_the_same_key(content: Any) -> None:
    revive: Callable[[Request], Request] = lambda request: Request.model_validate(request.model_dump())  # noqa: E731
    assert key(request=revive(asked(content))) == key(request=asked(content))
