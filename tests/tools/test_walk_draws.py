"""How often a walk draws arguments and tries them: as often as there may be something new, and no more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.base import JsonObject, canonical_json
from tools.binding import Binding
from tools.graph import ApiGraph, Edge
from tools.intent import Constraints
from tools.needs import Needs
from tools.pools import KnownValue, Pools
from tools.supply import Supply
from tools.trace import Step
from tools.walk import Walk

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
GOING = ("go", "thing_id")


def supply(
    make: Any,
    properties: dict[str, JsonObject],
    known: Mapping[str, Sequence[Any]],
    steps: Sequence[Step] = (),
    **asked: Any,
) -> Supply:
    """What is at hand for a tool ``go``, whose parameter ``thing_id`` is looked up with ``look``."""
    specs = [make.spec("look"), make.spec("go", properties, effect="write")]
    graph = ApiGraph(specs, [Edge(producer="look", consumer="go", path="id", parameter="thing_id", opaque=True)])
    pool = [KnownValue(parameter=name, value=value) for name, values in known.items() for value in values]
    limits = Constraints(**asked)
    needs = Needs(graph, Pools(pool), (0,), implicit=1.0, optional=1.0, constraints=limits)
    return Supply(needs=needs, steps=tuple(steps), constraints=limits)


def tried(source: Supply) -> list[str]:
    """The arguments of ``go`` that are tried where nothing succeeds, as JSON."""
    found: list[str] = []

    def refused(tool: str, arguments: JsonObject) -> bool:
        found.append(canonical_json(arguments))
        return False

    Walk(source, refused, (0,)).anywhere(["go"])
    return found


class Endless(Supply):
    """A supply that never knows that there is nothing new."""

    def room(self, tool: str) -> float:
        return math.inf


@given(
    cities=st.lists(st.sampled_from("ABC"), min_size=1, max_size=3),
    guests=st.lists(st.sampled_from("XYZ"), min_size=1, max_size=3),
    shown=st.lists(st.sampled_from("PQ"), max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_to_stop_where_all_was_drawn_leaves_out_nothing(
    make: Any, cities: list[str], guests: list[str], shown: list[str]
) -> None:
    steps = [make.step(f"s{number}", "look", {"id": value}) for number, value in enumerate(shown)]
    source = supply(make, {"city": TEXT, "thing_id": TEXT, "guest": TEXT}, {"city": cities, "guest": guests}, steps)
    found = tried(source)
    assert found == tried(Endless(source.needs, source.steps, constraints=source.constraints))
    assert len(found) == len(set(found))
    assert len(found) <= source.room("go") == len(set(cities)) * len(set(guests)) * len(set(shown))


@pytest.mark.parametrize(
    ("properties", "known", "room"),
    [
        ({}, {}, 1),
        ({"urgent": FLAG}, {}, 2),
        ({"urgent": FLAG}, {"urgent": [True]}, 1),
        ({"unit": {**TEXT, "enum": ["km", "mi"]}}, {}, 2),
        ({"unit": {**TEXT, "examples": ["km", "km"]}}, {}, math.inf),
        ({"gizmo": TEXT}, {}, math.inf),
        ({"amount": {"type": "integer"}}, {"amount": [1, 2]}, math.inf),
        ({"message": TEXT}, {"message": ["Hello."]}, math.inf),
        ({"due_date": TEXT}, {"due_date": ["2026-05-03"]}, math.inf),
        ({"gizmo": TEXT, "order_id": TEXT}, {}, 0),
    ],
)
def test_there_is_room_for_what_is_listed_and_no_end_of_what_is_made_up(
    make: Any, properties: dict[str, JsonObject], known: Mapping[str, Sequence[Any]], room: float
) -> None:
    source = supply(make, properties, known)
    assert source.room("go") == room
    assert len(tried(source)) <= room


def test_looked_up_values_count_once_however_often_they_are_shown(make: Any) -> None:
    shown = [make.step(f"s{number}", "look", {"id": value}) for number, value in enumerate("ABA")]
    assert supply(make, {"thing_id": TEXT}, {}, shown).room("go") == 2
    assert tried(supply(make, {"thing_id": TEXT}, {}, shown)) == ['{"thing_id":"B"}', '{"thing_id":"A"}']
    assert supply(make, {"thing_id": TEXT}, {}).room("go") == 0


def test_what_is_asked_for_makes_room(make: Any) -> None:
    known = {"city": ["Oslo", "Rome"]}
    assert supply(make, {"city": TEXT}, known, said={("go", "city"): "Lima"}).room("go") == 1
    suggested = supply(make, {"city": TEXT}, known, suggested={("go", "city"): "Lima"})
    assert suggested.room("go") == 3
    assert tried(suggested)[0] == '{"city":"Lima"}'
    assert len(tried(suggested)) == 3


@pytest.mark.parametrize("shown", ["AB", ""])
@pytest.mark.parametrize("asked", [{"earlier": frozenset({GOING})}, {"sources": {GOING: "s0"}}])
def test_what_a_call_that_was_made_has_to_give_is_not_sought_once_more(make: Any, asked: Any, shown: str) -> None:
    steps = [make.step(f"s{number}", "look", {"id": value}) for number, value in enumerate(shown)]
    source = supply(make, {"thing_id": TEXT}, {}, steps, **asked)
    found: list[str] = []
    walk = Walk(source, lambda tool, arguments: bool(found.append(tool)), (0,))
    assert walk.toward("go") is None
    assert "look" not in found
    free = Walk(supply(make, {"thing_id": TEXT}, {}), lambda tool, arguments: True, (0,))
    assert free.toward("go") == ("look", Binding(arguments={}, origins={})), "otherwise it is"
