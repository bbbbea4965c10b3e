"""What ``verify`` finds: faults planted into real records, whose ids are made to fit, so that only the check itself can
find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.domain import load_domain
from envs.environment import WorldSpec
from graphs.execution import Recorder
from tools.call import ToolCall

Data = dict[str, Any]
Change = Callable[[Data], None]

# What nothing else in a record tells.
WORDS = {("advanced_tool", "name"), ("advanced_tool", "description"), ("hard_query", "noise"), ("world", "seed")}


@pytest.fixture(scope="module")
def record(verified: list[Data]) -> Data:
    """A record whose second turn has been hinted, looks values up and makes calls one after the other."""
    rich = (record for record in verified if is_rich(record["turns"][1]))
    return next(rich)


def is_rich(turn: Data) -> bool:
    looked_up = any(origin["kind"] == "observation" for _, origin in origins(turn, "gold_steps"))
    return bool(turn["hints"] and turn["hard_query"]["hidden"] and turn["steps"][-1]["group"] and looked_up)


def origins(turn: Data, which: str) -> list[tuple[Data, Data]]:
    """Each call's arguments with the origin of one of them."""
    return [(step["call"]["arguments"], origin) for step in turn[which] for origin in step["origins"].values()]


@pytest.fixture(scope="module")
def found(record: Data, planted: Callable[[Data, Change], list[str]]) -> Callable[[Change], list[str]]:
    """What verifying finds in the record after a change."""
    return lambda change: planted(record, change)


def of_turn(**changes: Any) -> Change:
    """Sets keys of the second turn; ``a__b`` is key b of a."""

    def change(data: Data) -> None:
        for key, value in changes.items():
            *above, last = key.split("__")
            place = data["turns"][1]
            for name in above:
                place = place[name]
            place[last] = value

    return change


def every_user_says_little(data: Data) -> None:
    for turn in data["turns"]:
        turn["query"] = turn["hard_query"]["text"] = "Do it."
        turn["hard_query"] |= {"mentions": [], "sinks": [], "hidden": []}
        turn["advanced_tool"] |= {"inputs": [], "sinks": []}
    for message in data["messages"]:
        if message["role"] == "user":
            message["content"] = "Do it."


def one_group(data: Data) -> None:
    turn = data["turns"][1]
    for name in ("calls", "steps", "gold_calls", "gold_steps"):
        for item in turn[name]:
            item["group"] = 0
    for step in turn["attempts"][-1]["steps"]:
        step["group"] = 0


def another_path(data: Data) -> None:
    origin = next(item for _, item in origins(data["turns"][1], "gold_steps") if item["kind"] == "observation")
    origin["path"] = "nowhere"


def said_instead_of_looked_up(data: Data) -> None:
    for _, origin in origins(data["turns"][1], "gold_steps"):
        if origin["kind"] == "observation":
            origin |= {"kind": "query", "source": None, "path": None, "selector": None}


def guessed_instead_of_known(data: Data) -> None:
    turn = data["turns"][1]
    for steps in (turn["steps"], turn["attempts"][-1]["steps"]):
        step = next(step for step in steps if step["origins"])
        name = next(iter(step["origins"]))
        step["origins"][name] = {"kind": "free_text", "source": None, "path": None, "selector": None, "parts": []}


def nothing_changes_state(data: Data) -> None:
    turn = data["turns"][1]
    for step in (*turn["gold_steps"], *turn["steps"], *turn["attempts"][-1]["steps"]):
        step["changed_state"] = not step["changed_state"]


def another_reply(data: Data) -> None:
    data["turns"][1]["attempts"][-1]["reply"] = "Nothing was done."


def another_reason(data: Data) -> None:
    data["turns"][1]["attempts"][0]["verdicts"][-1]["reason"] = "bad luck"


def a_fact_of_a_failed_attempt(data: Data) -> None:
    data["turns"][1]["attempts"][0]["public_hash"] = "0" * 64


def another_observation(data: Data) -> None:
    data["turns"][1]["steps"][0]["observation"]["content"] = {"zip_code": "00000"}


def another_tool(data: Data) -> None:
    data["tools"][3]["function"]["description"] = "Do nothing."


def a_message_less(data: Data) -> None:
    accepted = data["turns"][-1]["attempts"][-1]
    del accepted["messages"][0:2]
    del data["messages"][-len(accepted["messages"]) - 2 : -len(accepted["messages"])]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (of_turn(advanced_tool__inputs=[], advanced_tool__sinks=[]), "the advanced tool's inputs are not those"),
        (of_turn(advanced_tool__sinks=[]), "the advanced tool's sinks are not those"),
        (of_turn(advanced_tool__covered=[]), "the advanced tool's covered are not those"),
        (of_turn(hard_query__hidden=[]), "hidden are not the values"),
        (of_turn(hard_query__mentions=[], hard_query__sinks=[]), "The query does not"),
        (of_turn(target_tool="list_cities_of_the_moon"), "target_tool is list_cities_of_the_moon"),
        (of_turn(requested=[]), "requested are not the calls"),
        (of_turn(depth=9), "depth is 9, and that of the gold calls is"),
        (of_turn(hints=[]), "hints are not those of the attempts"),
        (of_turn(replay_hash="0" * 64), "the accepted calls end in another state"),
        (lambda data: data.update(flags=["odd"]), "flags are odd"),
        (every_user_says_little, "The query does not"),
        (one_group, "accepted calls have other origins"),
        (one_group, "accepted messages are not the calls, group by group"),
        (one_group, "gold calls are not in the groups"),
        (another_path, "is not proven: "),
        (said_instead_of_looked_up, "the advanced tool's inputs are not those"),
        (guessed_instead_of_known, "accepted calls have other origins than their values tell"),
        (nothing_changes_state, "the state"),
        (another_reply, "accepted reply is not what the last message says"),
        (another_reason, "attempt 0: verdicts are not those that validation gives"),
        (a_fact_of_a_failed_attempt, "attempt 0: calls end in another public state"),
        (another_observation, "returns something else"),
        (another_tool, "tools are not those of the world; the first that differs is "),
        (a_message_less, "accepted messages are not the calls, group by group"),
    ],
)
def test_a_planted_fault_is_found(found: Callable[[Change], list[str]], change: Change, text: str) -> None:
    problems = found(change)
    assert any(text in problem for problem in problems), problems
    assert not any("the id is not that of the content" in problem for problem in problems)
    assert not any("cannot be checked" in problem for problem in problems)


@pytest.mark.parametrize("relation", ["correction", "drill_down", "follow_up", "same_entity", "new_topic"])
def test_a_relation_that_the_calls_do_not_bear_out_is_found(
    found: Callable[[Change], list[str]], record: Data, relation: str
) -> None:
    problems = found(of_turn(relation=relation))
    if relation == record["turns"][1]["relation"]:
        assert problems == []
    for problem in problems:
        assert problem.startswith(f"turn 2: relation is {relation}, and the gold calls make it ")
        possible = problem.removeprefix(f"turn 2: relation is {relation}, and the gold calls make it ").split(" or ")
        assert record["turns"][1]["relation"] in possible
        assert relation not in possible


def test_a_first_turn_goes_on_with_nothing(found: Callable[[Change], list[str]]) -> None:
    def change(data: Data) -> None:
        data["turns"][0]["relation"] = "follow_up"

    assert found(change) == ["turn 1: relation is follow_up, and the gold calls make it new_topic"]


def padded(data: Data) -> None:
    """Lists the cities before everything else that the second turn's gold calls do, and means it."""
    world = load_domain(data["world"]["name"]).open(WorldSpec.model_validate(data["world"]))
    world.replay(ToolCall.model_validate(step["call"]) for step in data["turns"][0]["steps"])
    step = Recorder(world).run(ToolCall(id="padding", name="list_cities", arguments={})).plain()
    turn = data["turns"][1]
    turn["gold_steps"].insert(0, step)
    turn["gold_calls"].insert(0, {"name": "list_cities", "arguments": {}, "group": 0})
    turn["advanced_tool"]["covered"].insert(0, "list_cities")


def test_padding_is_found(found: Callable[[Change], list[str]]) -> None:
    assert "turn 2: gold call list_cities is not needed" in found(padded)


def error_in_the_second_turn(data: Data) -> None:
    for turn in data["turns"][1:2]:
        for steps in (turn["steps"], turn["attempts"][-1]["steps"]):
            steps[0]["observation"] |= {"content": None, "error": {"kind": "failed", "message": "No."}}


def test_flags_are_those_of_the_accepted_calls(found: Callable[[Change], list[str]]) -> None:
    (too_many,) = found(lambda data: data.update(flags=["error_tool_response"]))
    assert too_many == "flags are error_tool_response, and the accepted calls give none"
    assert found(error_in_the_second_turn)[0] == "flags are none, and the accepted calls give error_tool_response"


def test_the_first_tool_that_differs_is_named(found: Callable[[Change], list[str]], record: Data) -> None:
    (problem,) = found(another_tool)
    assert problem.endswith(f"the first that differs is {record['tools'][3]['function']['name']}")
    (shorter,) = found(lambda data: data["tools"].pop())
    assert shorter.endswith(f"the first that differs is {record['tools'][-1]['function']['name']}")


@pytest.mark.parametrize("key", ["steps", "calls", "gold_steps", "gold_calls", "attempts"])
def test_a_turn_without_its_parts_is_no_record(found: Callable[[Change], list[str]], key: str) -> None:
    (problem,) = found(of_turn(**{key: []}))
    assert problem.startswith(f"is no trajectory of schema 3: turns.1.{key}: ")


def test_a_record_without_turns_is_none(found: Callable[[Change], list[str]]) -> None:
    (problem,) = found(lambda data: data.update(turns=[]))
    assert problem.startswith("is no trajectory of schema 3: turns: ")


def unknown_sink(data: Data) -> None:
    turn = data["turns"][1]
    for item in (*turn["gold_calls"], *(step["call"] for step in turn["gold_steps"])):
        item["name"] = "fly_to_the_moon"


def nameless_message(data: Data) -> None:
    for messages in (data["messages"], data["turns"][-1]["attempts"][-1]["messages"]):
        del messages[-2]["role"]


def world_without_policies(data: Data) -> None:
    del data["world"]["initial_state"]["travel"]["policies"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (unknown_sink, "cannot be checked: its parts do not fit together (KeyError: 'fly_to_the_moon')"),
        (world_without_policies, "cannot be checked: its parts do not fit together (ToolDefectError: "),
        (nameless_message, "accepted messages are not the calls, group by group"),
    ],
)
def test_malformed_content_is_a_problem_and_not_an_exception(
    found: Callable[[Change], list[str]], change: Change, text: str
) -> None:
    problems = found(change)
    assert any(text in problem for problem in problems), problems


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all scalars and lists of a record."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
        return
    yield path
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def follows(path: tuple[Any, ...]) -> bool:
    """Whether the value there is told by anything else in the record: words about noise are not, and neither are the
    critic's, nor the setting that decides on failed calls where there are none."""
    if path[0] in ("id", "lineage") or path[-2:] in WORDS or "noise" in path:
        return False
    return path[-1] != "allow_recovery" and (path[-2:-1] != ("hints",) or path[-1] == 0)


def altered(value: Any) -> Any:
    if isinstance(value, list):
        return value[:-1] if value else ["x"]
    if isinstance(value, bool) or value is None:
        return "x" if value is None else not value
    return f"{value}x" if isinstance(value, str) else value + 1


@pytest.fixture(scope="module")
def altered_at(
    record: Data, found: Callable[[Change], list[str]]
) -> Callable[[int], tuple[tuple[Any, ...], list[str]]]:
    """Alters one of the places of the record that follow from the rest; returns the place and what verifying finds."""
    told = [path for path in places(record) if follows(path)]

    def alter(number: int) -> tuple[tuple[Any, ...], list[str]]:
        *above, last = told[number % len(told)]

        def change(planted: Data) -> None:
            place: Any = planted
            for key in above:
                place = place[key]
            place[last] = altered(place[last])

        return (*above, last), found(change)

    return alter


@given(number=st.integers(min_value=0, max_value=10**6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_that_follows_from_the_rest_can_be_changed(
    altered_at: Callable[[int], tuple[tuple[Any, ...], list[str]]], number: int
) -> None:
    path, problems = altered_at(number)
    assert problems, path
