"""Tools as models see them, and calls with what came back."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.call import Observation, ToolCall, ToolError
from tools.spec import ToolSpec

TEXT = {"type": "string"}


def test_a_spec_tells_its_parameters_in_declared_order(make: Any) -> None:
    spec = make.spec("book", {"to": TEXT, "from": TEXT, "class": TEXT}, required=["from", "to"])
    assert list(spec.properties) == ["to", "from", "class"]
    assert spec.required == ("from", "to")


def test_a_tool_without_parameters_has_none() -> None:
    spec = ToolSpec(name="ping", description="Pings.", parameters={}, returns={})
    assert (spec.properties, spec.required, spec.effect) == ({}, (), "read")


def test_the_openai_form_shows_nothing_but_name_description_and_parameters(make: Any) -> None:
    spec = make.spec("book", {"to": TEXT}, returns=make.result(id=TEXT))
    shown = spec.openai()
    assert shown == {
        "type": "function",
        "function": {"name": "book", "description": spec.description, "parameters": spec.parameters},
    }


def test_a_fingerprint_tells_specs_apart_by_all_that_they_say(make: Any) -> None:
    spec = make.spec("book", {"to": TEXT})
    same = ToolSpec.model_validate(json.loads(json.dumps(spec.plain())))
    assert same.fingerprint == spec.fingerprint
    others = [spec.model_copy(update=change) for change in ({"name": "b"}, {"effect": "write"}, {"returns": {}})]
    assert len({spec.fingerprint, *(ToolSpec.model_validate(item.plain()).fingerprint for item in others)}) == 4


@given(arguments=st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3), max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_signature_ignores_the_id_and_the_order_of_arguments(arguments: dict[str, Any]) -> None:
    turned = dict(reversed(list(arguments.items())))
    first, second = ToolCall(id="1", name="f", arguments=arguments), ToolCall(id="2", name="f", arguments=turned)
    assert first.signature == second.signature
    assert ToolCall(id="1", name="g", arguments=arguments).signature != first.signature


def test_a_signature_tells_a_number_from_its_text() -> None:
    number, text = (ToolCall(id="1", name="f", arguments={"x": value}) for value in (1, "1"))
    assert number.signature != text.signature


def test_a_model_reads_the_content_as_json() -> None:
    observation = Observation(call_id="1", content={"price": 3, "city": "Köln"})
    assert not observation.failed
    assert observation.text() == '{"city":"Köln","price":3}'


def test_a_model_reads_an_error_as_its_message() -> None:
    observation = Observation(call_id="1", error=ToolError(kind="ValueError", message="no such flight"))
    assert observation.failed
    assert json.loads(observation.text()) == {"error": "no such flight"}
