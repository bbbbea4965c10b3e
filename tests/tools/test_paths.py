"""Paths into values, selectors that pick one entry, and leaves of schemas and values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.origin import ArgumentOrigin, Selector
from tools.paths import json_type, leaf_values, names_field, resolve, schema_leaves, select

quick = settings(max_examples=60, deadline=None)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
rows = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from("xyz")},
        optional={"price": st.integers(0, 3) | st.just(1.5) | st.none() | st.booleans()},
    ),
    max_size=4,
)
selectors = st.builds(
    Selector,
    kind=st.sampled_from(["only", "first", "min", "max", "equals"]),
    field=st.sampled_from(["name", "price", "colour"]),
    value=st.sampled_from(["x", "y", 1, 1.5, 2]),
)


@given(value=values)
@quick
def test_every_leaf_is_found_again_at_its_path(value: Any) -> None:
    for path, leaf in leaf_values(value):
        found = resolve(value, path)
        assert type(found) is type(leaf)
        assert found == leaf


def scalar_count(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(scalar_count(item) for item in (value.values() if isinstance(value, dict) else value))
    return 1


@given(value=values)
@quick
def test_leaves_are_all_scalars_each_once(value: Any) -> None:
    found = list(leaf_values(value))
    assert len(found) == scalar_count(value)
    assert len({path for path, _ in found}) == len(found)


def number(value: Any) -> bool:
    return type(value) in (int, float)


def chosen(entries: list[dict[str, Any]], selector: Selector) -> list[dict[str, Any]]:
    """By brute force all entries that a selector could mean."""
    if selector.kind in ("only", "first"):
        return entries if selector.kind == "only" else entries[:1]
    if selector.kind == "equals":
        return [row for row in entries if selector.field in row and row[selector.field] == selector.value]
    if not all(number(row.get(selector.field)) for row in entries):
        return []
    sign = 1 if selector.kind == "min" else -1
    return [
        row for row in entries if all(sign * row[selector.field] <= sign * other[selector.field] for other in entries)
    ]


@given(entries=rows, selector=selectors)
@quick
def test_a_selector_means_one_entry_or_is_an_error(entries: list[dict[str, Any]], selector: Selector) -> None:
    meant = chosen(entries, selector)
    if len(meant) == 1:
        assert select(entries, selector) is meant[0]
        assert resolve({"list": entries}, "list.*.name", selector) == meant[0]["name"]
    else:
        with pytest.raises(LookupError):
            select(entries, selector)


def test_without_a_selector_a_list_must_have_one_entry() -> None:
    assert resolve({"ids": ["B-1"]}, "ids.*") == "B-1"
    with pytest.raises(LookupError, match="2 entries where one was expected"):
        resolve({"ids": ["B-1", "B-2"]}, "ids.*")


def test_an_error_names_a_tie() -> None:
    tied = [{"price": 1}, {"price": 1}]
    with pytest.raises(LookupError, match="2 entries with price = 1"):
        select(tied, Selector(kind="min", field="price"))


CITIES = ["Rivermist", "Stonebrook", "Maplecrest"]


@pytest.mark.parametrize(
    ("content", "path", "field"),
    [
        ({"cities": [{"city": name, "size": 3} for name in CITIES]}, "cities.*.city", "city"),
        (CITIES, "*", ""),
        ({"cities": CITIES}, "cities.*", ""),
        ({"cities": dict.fromkeys(CITIES, 3)}, "cities.@key", ""),
    ],
    ids=["a field of rows", "a list", "a list in a field", "the keys of a table"],
)
def test_the_nearest_name_is_the_one_that_a_slip_means(content: Any, path: str, field: str) -> None:
    assert names_field(path) == field
    for said, meant in {"Rivermst": "Rivermist", "Stonebrook": "Stonebrook"}.items():
        assert resolve(content, path, Selector(kind="nearest", field=field, value=said)) == meant


@pytest.mark.parametrize("names", [["Rivermist", "Rivermint"], ["Oslo"], ["Rivermist", "Rivermist"], [3, None]])
def test_a_slip_that_means_none_or_two_names_is_an_error(names: list[Any]) -> None:
    with pytest.raises(LookupError, match=r"0 entries|2 entries"):
        select(names, Selector(kind="nearest", value="Rivermit"))
    with pytest.raises(LookupError, match=r"0 entries|2 entries"):
        select([{"city": name} for name in names], Selector(kind="nearest", field="city", value="Rivermit"))


def test_another_field_than_the_name_may_be_taken_of_the_nearest_entry() -> None:
    rows = [{"city": name, "zip": str(number)} for number, name in enumerate(CITIES)]
    assert resolve(rows, "*.zip", Selector(kind="nearest", field="city", value="Maplecrset")) == "2"


@pytest.mark.parametrize("path", ["", "city", "a.b", "a.*.b.*", "a.*.b.c", "a.*.*", "a.*.@key"])
def test_other_paths_hold_no_list_of_names(path: str) -> None:
    assert names_field(path) is None


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"a": 1}, "b"),
        ({"a": 1}, "a.b"),
        ({"a": None}, "a.b"),
        ([1], "1"),
        ([1], "-1"),
        ([1], "x"),
        ([1], "²"),
        ("text", "0"),
        ({"a": {"b": 1, "c": 2}}, "a.*"),
        ({"a": []}, "a.*"),
        (None, "a"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_lookup_error(content: Any, path: str) -> None:
    with pytest.raises(LookupError):
        resolve(content, path)


def test_an_empty_path_is_the_whole_value() -> None:
    assert resolve({"a": 1}, "") == {"a": 1}


SCALAR_TYPES = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
scalar_schemas = st.sampled_from(sorted(SCALAR_TYPES)).map(lambda kind: {"type": kind})
schemas = st.recursive(
    scalar_schemas,
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items}, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(
            lambda fields: {"type": "object", "properties": fields}
        )
    ),
    max_leaves=6,
).filter(lambda schema: str(schema).count("'type'") < 8)


def example(schema: dict[str, Any]) -> Any:
    """A value of a schema in which every list has one entry."""
    if schema["type"] == "object":
        return {name: example(inner) for name, inner in schema["properties"].items()}
    return [example(schema["items"])] if schema["type"] == "array" else SCALAR_TYPES[schema["type"]]


@given(schema=schemas)
@quick
def test_the_leaves_of_a_schema_are_those_of_its_values(schema: dict[str, Any]) -> None:
    value = example(schema)
    leaves = [leaf for leaf in schema_leaves(schema) if leaf.schema_["type"] != "array"]
    shown = [".".join("*" if key == "0" else key for key in path.split(".")) for path, _ in leaf_values(value)]
    assert [leaf.path for leaf in leaves] == shown
    for leaf in leaves:
        assert resolve(value, leaf.path) == SCALAR_TYPES[leaf.schema_["type"]]


def test_a_list_of_scalars_is_a_leaf_as_a_whole_and_by_entry(make: Any) -> None:
    schema = make.result(zips={"type": "array", "items": {"type": "string"}, "description": "Zip codes."})
    whole, entry = schema_leaves(schema)
    assert (whole.path, entry.path) == ("zips", "zips.*")
    assert (entry.name, entry.parent, entry.description) == ("zips", "", "Zip codes.")


def test_a_leaf_knows_its_name_and_the_list_above_it(make: Any) -> None:
    (leaf,) = schema_leaves(make.rows("flights", flight_id={"type": "string"}))
    assert (leaf.path, leaf.name, leaf.parent, leaf.keys) == (
        "flights.*.flight_id",
        "flight_id",
        "flights",
        ("flights", "*", "flight_id"),
    )


def test_a_result_that_is_a_scalar_is_a_leaf_without_a_name() -> None:
    (leaf,) = schema_leaves({"type": "number"})
    assert (leaf.path, leaf.name, leaf.parent) == ("", "", "")


def test_a_schema_that_says_nothing_has_no_leaves() -> None:
    assert list(schema_leaves({})) == []
    assert list(schema_leaves({"type": "object", "additionalProperties": True})) == []


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "string"),
        ({"type": ["null", "array"]}, "array"),
        ({"type": ["string", "integer"]}, None),
        ({}, None),
    ],
)
def test_the_type_of_a_schema_that_may_be_null(schema: dict[str, Any], kind: str | None) -> None:
    assert json_type(schema) == kind


def test_what_may_be_null_has_the_leaves_of_what_it_is_otherwise(make: Any) -> None:
    inner = make.result(city={"type": ["string", "null"]})
    schema = make.result(place={**inner, "type": ["object", "null"]})
    assert [leaf.path for leaf in schema_leaves(schema)] == ["place.city"]


def test_an_origin_lists_every_observation_that_it_points_to() -> None:
    first, second = (ArgumentOrigin(kind="observation", source=name, path="id") for name in "ab")
    nested = ArgumentOrigin(kind="composed", parts=(first, ArgumentOrigin(kind="query"), second))
    assert nested.observed == (first, second)
    assert first.observed == (first,)
    assert ArgumentOrigin(kind="query").observed == ()
