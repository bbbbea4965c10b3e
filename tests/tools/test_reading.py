"""Which values an output holds at a path, and by which words each can be meant."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import Json
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.reading import entry_at, plain_value, values_at

quick = settings(max_examples=80, deadline=None)
Read = list[tuple[Json, Selector | None]]


def read(make: Any, content: Any, path: str, wanted: str | None = "string", *, opaque: bool = True) -> Read:
    found = values_at(make.step("s", "search", content), path, "observation", wanted, opaque=opaque)
    return [(value, part.selector) for value, origin in found for part in origin.observed]


def test_a_field_needs_no_words(make: Any) -> None:
    assert read(make, {"a": {"b": "x"}}, "a.b") == [("x", None)]
    assert read(make, "x", "") == [("x", None)]
    assert read(make, ["x", "y"], "1") == [("y", None)]


@pytest.mark.parametrize(
    "content", [None, {}, {"a": None}, {"a": ""}, {"a": {}}, {"a": []}, {"a": {"b": 1}}, [], 3, "x"]
)
def test_what_is_not_there_or_empty_is_no_value(make: Any, content: Any) -> None:
    assert read(make, content, "a") == []


def test_a_list_that_is_wanted_whole_is_taken_whole_and_a_scalar_becomes_one(make: Any) -> None:
    step = make.step("s", "search", {"many": ["x", "y"], "one": "z"})
    assert list(values_at(step, "many", "earlier_turn", "array", opaque=True)) == [
        (["x", "y"], ArgumentOrigin(kind="earlier_turn", source="s", path="many"))
    ]
    ((value, origin),) = values_at(step, "one", "earlier_turn", "array", opaque=True)
    assert value == ["z"]
    assert (origin.kind, [(part.kind, part.path) for part in origin.parts]) == ("composed", [("earlier_turn", "one")])
    assert read(make, {"many": ["x", "y"]}, "many", "string") == []


ROWS = [{"row_id": "1", "price": 5, "line": "a"}, {"row_id": "2", "price": 3, "line": "b"}]


def test_an_entry_is_meant_by_an_extreme_number_or_by_a_field_that_tells_it_apart(make: Any) -> None:
    found = read(make, {"rows": ROWS}, "rows.*.row_id")
    assert found == [
        ("2", Selector(kind="min", field="price")),
        ("1", Selector(kind="max", field="price")),
        ("1", Selector(kind="equals", field="line", value="a")),
        ("2", Selector(kind="equals", field="line", value="b")),
    ]


def test_an_only_entry_is_just_that(make: Any) -> None:
    assert read(make, {"rows": ROWS[:1]}, "rows.*.row_id") == [("1", Selector(kind="only"))]
    assert read(make, ["x"], "*") == [("x", Selector(kind="only"))]


@pytest.mark.parametrize(("length", "opaque", "named"), [(2, False, True), (9, False, False), (9, True, True)])
def test_the_first_of_plain_entries_unless_they_are_many(make: Any, length: int, opaque: bool, named: bool) -> None:
    names = [f"n{number}" for number in range(length)]
    found = read(make, {"names": names}, "names.*", opaque=opaque)
    assert found == ([("n0", Selector(kind="first"))] if named else [])


def test_a_table_gives_its_entries_and_its_keys(make: Any) -> None:
    table = {"flights": {"F1": {"price": 5}, "F2": {"price": 3}}}
    assert read(make, table, "flights.*.price", "number") == []
    assert read(make, table, "flights.@key") == [
        ("F2", Selector(kind="min", field="price")),
        ("F1", Selector(kind="max", field="price")),
    ]
    assert read(make, {"flights": {"F1": {"price": 5}}}, "flights.@key") == [("F1", Selector(kind="only"))]


def test_a_path_through_several_lists_has_no_words(make: Any) -> None:
    assert read(make, {"a": [{"b": [{"c": "x"}]}]}, "a.*.b.*.c") == []


cells: st.SearchStrategy[Json] = st.sampled_from(
    ["x", "y", 'say "y"', "", "two\nlines", "z" * 61, None, 1, 2, 2.5, True]
)
tables = st.lists(
    st.fixed_dictionaries({"thing_id": st.sampled_from("1234")}, optional={"a": cells, "b": cells, "owner_id": cells}),
    max_size=4,
)


@given(rows=tables, keyed=st.booleans(), key_wanted=st.booleans())
@quick
def test_whatever_the_words_they_mean_the_value_and_a_user_can_say_them(
    make: Any, rows: list[dict[str, Any]], keyed: bool, key_wanted: bool
) -> None:
    content: Json = {"rows": {f"K{number}": row for number, row in enumerate(rows)} if keyed else rows}
    path = "rows.@key" if keyed and key_wanted else "rows.*.thing_id"
    for value, selector in read(make, content, path):
        assert resolve(content, path, selector) == value
        assert selector is not None
        assert selector.field not in ("thing_id", "owner_id")
        if selector.kind == "equals":
            assert [row.get(selector.field) for row in rows].count(selector.value) == 1
            assert isinstance(selector.value, str)
            assert 0 < len(selector.value) <= 60
            assert not {'"', "\n"} & {*selector.value}


def test_a_plain_value_is_one_that_needs_no_choice(make: Any) -> None:
    def plain(content: Any, path: str) -> list[Json]:
        return [value for value, _ in plain_value(make.step("s", "search", content), path, "string")]

    assert plain({"id": "x"}, "id") == ["x"]
    assert plain({"rows": ROWS[:1]}, "rows.*.row_id") == ["1"]
    assert plain({"rows": ROWS}, "rows.*.row_id") == []
    assert plain({"names": ["x", "y"]}, "names.*") == []


@pytest.mark.parametrize(
    ("path", "selector", "entry"),
    [
        ("rows.*.row_id", Selector(kind="min", field="price"), ROWS[1]),
        ("rows.*.price", Selector(kind="equals", field="line", value="a"), ROWS[0]),
        ("rows.*.row_id", None, {}),
        ("rows.*.row_id", Selector(kind="equals", field="line", value="c"), {}),
        ("names.*", Selector(kind="first"), {}),
        ("best.row_id", None, {**ROWS[1], "seat": {"row": 3}}),
        ("best.seat.row", None, {"row": 3}),
        ("best.gone.row", None, {}),
        ("", None, {}),
    ],
)
def test_the_entry_that_a_value_was_taken_from(path: str, selector: Selector | None, entry: Json) -> None:
    content = {"rows": ROWS, "names": ["x"], "best": {**ROWS[1], "seat": {"row": 3}}}
    assert entry_at(content, path, selector) == entry


def test_a_value_at_the_top_stands_in_the_whole_result() -> None:
    content = {"rows": ROWS, "total": 2}
    assert entry_at(content, "total", None) == content


@pytest.mark.parametrize("kind", ["observation", "earlier_turn"])
def test_an_origin_tells_call_path_and_kind(make: Any, kind: Literal["observation", "earlier_turn"]) -> None:
    ((_, origin),) = values_at(make.step("s", "search", {"id": "x"}), "id", kind, "string", opaque=True)
    assert origin == ArgumentOrigin(kind=kind, source="s", path="id")
