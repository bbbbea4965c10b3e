"""Tools that list names."""

from __future__ import annotations

from typing import Any

import pytest

from tools.listing import Listing, fitting_lists, plain_lists
from tools.spec import ToolSpec

TEXT = {"type": "string"}


@pytest.fixture(scope="session")
def specs(make: Any) -> tuple[ToolSpec, ...]:
    names = {"type": "array", "items": TEXT}
    city = {"type": "string", "description": "City, by its name."}
    return (
        make.spec("weather", {"city": city}, make.result(conditions=TEXT), "Shows the weather of a city."),
        make.spec("list_cities", {}, make.rows("cities", city=TEXT), "Lists all cities."),
        make.spec("cat", {"file_name": TEXT}, make.result(lines=TEXT), "Shows a file of the current directory."),
        make.spec("ls", {}, make.result(entries=names), "Lists the contents of the current directory."),
        make.spec("airports", {}, names, "Lists all airports."),
        make.spec("find", {"keyword": TEXT}, make.result(matches=names), "Finds files in the current directory."),
    )


def test_a_fit_of_schemas_comes_before_plain_lists(specs: tuple[ToolSpec, ...]) -> None:
    first = next(fitting_lists(specs, "weather", "city"))
    assert first == Listing(tool="list_cities", path="cities.*.city", field="city")


def test_a_plain_list_belongs_to_a_tool_whose_description_it_shares(specs: tuple[ToolSpec, ...]) -> None:
    assert [item.tool for item in fitting_lists(specs, "cat", "file_name")] == ["ls"]


def test_plain_lists_need_no_argument(specs: tuple[ToolSpec, ...]) -> None:
    assert list(plain_lists(specs)) == [
        Listing(tool="ls", path="entries.*", field=""),
        Listing(tool="airports", path="*", field=""),
    ]


def test_a_tool_that_changes_something_is_no_list(specs: tuple[ToolSpec, ...]) -> None:
    writing = tuple(spec.model_copy(update={"effect": "write"}) for spec in specs)
    assert list(plain_lists(writing)) == []
    assert list(fitting_lists(writing, "weather", "city")) == []
