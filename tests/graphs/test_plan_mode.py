"""Plans: rounds of calls, and references to earlier results."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.world import World
from graphs.execution import Recorder
from graphs.plan_mode import filled, is_reference, part, reference, rounds, shown, unresolved
from graphs.roles import Move, WantedCall
from tools.base import JsonObject
from tools.call import ToolCall
from tools.trace import Step


def plan(*arguments: JsonObject) -> Move:
    calls = tuple(WantedCall(name=f"tool_{number}", arguments=given) for number, given in enumerate(arguments, 1))
    return Move(thought="So.", calls=calls)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), []),
        (({},), [[0]]),
        (({}, {}, {"a": reference(1, "x")}), [[0, 1], [2]]),
        (({}, {"a": reference(1, "")}, {}, {"b": [reference(2, "y")]}), [[0], [1, 2], [3]]),
        (({}, {"a": {"b": [{"c": reference(1, "x")}]}}, {"a": reference(2, "x")}), [[0], [1], [2]]),
        (({"a": reference(1, "x")}, {"a": reference(3, "x")}, {"a": reference(0, "x")}), [[0, 1, 2]]),
    ],
    ids=["nothing", "one", "two, then one", "the order is kept", "a chain, deep inside", "what never resolves"],
)
def test_a_round_holds_the_calls_whose_references_are_known(arguments: Any, expected: list[list[int]]) -> None:
    assert rounds(plan(*arguments)) == expected


@given(st.lists(st.lists(st.integers(-1, 9), max_size=3), max_size=9))
def test_rounds_keep_the_order_and_each_call_comes_after_what_it_refers_to(numbers: list[list[int]]) -> None:
    move = plan(*({"a": [reference(number, "") for number in given]} for given in numbers))
    found = rounds(move)
    assert [index for indices in found for index in indices] == list(range(len(numbers)))
    place = {index: number for number, indices in enumerate(found) for index in indices}
    for index, given_numbers in enumerate(numbers):
        earlier = [number - 1 for number in given_numbers if 0 < number <= index]
        assert all(place[number] < place[index] for number in earlier)


CONTENTS = {
    1: {"items": [{"id": "A-1", "size": 3}, {"id": "B-2", "size": 4}], "total": 2},
    2: "plain",
    3: {"only": {"x": None}, "other": {"x": 7}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (reference(1, "items[1].id"), "B-2"),
        (reference(1, "items.0.id"), "A-1"),
        (reference(1, "items[id=b-2].size"), 4),
        (reference(1, 'items["size" = "3"].id'), "A-1"),
        (reference(1, "items[max size].id"), "B-2"),
        (reference(1, "[items][ min size ].id"), "A-1"),
        (reference(3, "[x=7]"), {"x": 7}),
        (reference(1, "total"), 2),
        (reference(2, ""), "plain"),
        ({"$result": 2}, "plain"),
        (
            {"deep": [reference(1, "total"), {"x": reference(2, "")}, "$result"]},
            {"deep": [2, {"x": "plain"}, "$result"]},
        ),
        (reference(3, "only.x"), None),
        ("A-1", "A-1"),
    ],
)
def test_references_are_replaced_wherever_they_stand(value: Any, expected: Any) -> None:
    arguments = filled(WantedCall(name="t", arguments={"a": value, "b": 1}), CONTENTS)
    assert arguments == {"a": expected, "b": 1}
    assert unresolved(arguments) == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (reference(1, "items[2].id"), 'at "items[2].id" in the result of call 1'),
        (reference(1, "nothing"), 'at "nothing"'),
        (reference(2, "x.y"), 'at "x.y"'),
        (reference(1, "items[id=C-3].id"), 'at "items[id=C-3].id"'),
        (reference(1, "items[min id].id"), 'at "items[min id].id"'),
        (reference(1, "items[max nothing].id"), "in the result of call 1"),
        (reference(1, "items[].id"), "in the result of call 1"),
        (reference(4, ""), "no value in the result of call 4"),
        ([reference(0, "x")], "call 0"),
    ],
)
def test_what_does_not_resolve_stays_and_is_told(value: Any, words: str) -> None:
    arguments = filled(WantedCall(name="t", arguments={"a": value}), CONTENTS)
    assert arguments == {"a": value}
    assert words in unresolved(arguments)


@pytest.mark.parametrize(
    "value", [{}, {"$result": "1"}, {"$result": True}, {"$result": 1, "path": 2}, {"$result": 1, "x": 2}, 1]
)
def test_what_is_no_reference(value: Any) -> None:
    assert not is_reference(value)
    assert filled(WantedCall(name="t", arguments={"a": value}), CONTENTS) == {"a": value}


def test_a_plan_runs_round_by_round(shop_world: World) -> None:
    """As an attempt would run it: one look-up fails, and so the order has nothing to refer to."""
    order = {"item_id": reference(1, "item_id"), "customer_id": reference(2, "customer_id")}
    calls = [
        WantedCall(name="find_item", arguments={"item_name": "lamp"}),
        WantedCall(name="find_customer", arguments={"customer_name": "Nobody"}),
        WantedCall(name="check_stock", arguments={"item_id": reference(1, "item_id")}),
        WantedCall(name="place_order", arguments=order),
    ]
    move = Move(thought="First I look up both.", calls=tuple(calls))
    recorder, contents, said = Recorder(shop_world), {}, []
    for indices in rounds(move):
        made = part(move, indices, contents)
        said.append((made.thought, [(call.name, unresolved(call.arguments)) for call in made.calls]))
        steps: list[Step] = [
            recorder.run(ToolCall(id=f"c{index}", name=call.name, arguments=call.arguments))
            for index, call in zip(indices, made.calls, strict=True)
        ]
        contents |= shown(indices, steps)
    assert said == [
        ("First I look up both.", [("find_item", ""), ("find_customer", "")]),
        (
            "",
            [
                ("check_stock", ""),
                ("place_order", 'There is no value at "customer_id" in the result of call 2 of the plan.'),
            ],
        ),
    ]
    assert contents == {1: {"item_id": "IT-4711"}, 3: {"in_stock": 7}}
