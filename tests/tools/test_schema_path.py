"""What schemas tell of the values that paths lead to."""

from __future__ import annotations

import pytest

from tools.advanced import field_label
from tools.base import JsonObject
from tools.schema_path import fields_through, schema_at
from tools.spec import ToolSpec

PRICE: JsonObject = {"type": "number", "description": "Fare of the flight."}
FLIGHT: JsonObject = {"type": "object", "properties": {"price": PRICE, "seats": {"type": "integer"}}}
RETURNS: JsonObject = {
    "type": "object",
    "properties": {
        "flights": {"type": "array", "items": FLIGHT},
        "booked": {"type": "object", "additionalProperties": FLIGHT},
        "names": {"type": "array", "items": {"type": "string"}},
        "anything": {"type": "object", "additionalProperties": True},
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", RETURNS),
        ("flights.*.price", PRICE),
        ("booked.*.price", PRICE),
        ("booked.@key", {"type": "string"}),
        ("names.*", {"type": "string"}),
        ("anything.*", {}),
        ("nowhere.*.price", {}),
    ],
)
def test_a_path_leads_to_the_schema_of_its_values(path: str, found: JsonObject) -> None:
    assert schema_at(RETURNS, path) == found


@pytest.mark.parametrize("path", ["flights.*.seats", "booked.*.seats", "booked.@key"])
def test_entries_of_lists_and_tables_have_fields(path: str) -> None:
    assert list(fields_through(RETURNS, path)) == ["price", "seats"]


@pytest.mark.parametrize("path", ["", "flights", "names.*", "anything.@key", "anything.*.price"])
def test_where_no_fields_are_declared_there_are_none(path: str) -> None:
    assert fields_through(RETURNS, path) == {}


def test_fields_are_called_as_their_descriptions_call_them() -> None:
    spec = ToolSpec(name="find", description="Find.", parameters={"type": "object"}, returns=RETURNS)
    assert field_label(spec, "booked.@key", "price") == "fare of the flight"
    assert field_label(spec, "flights.*.price", "price") == "fare of the flight"
    assert field_label(spec, "anything.@key", "travel_cost") == "travel cost"
