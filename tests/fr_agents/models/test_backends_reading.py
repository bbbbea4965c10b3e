"""JSON, thoughts and calls in what models write."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer, AnswerCall
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import NoObjectError, first_object, json_objects, repeats_itself, split_thought

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"))
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("ab c"), inner), max_leaves=6)
objects = st.dictionaries(st.text("abc_"), values, max_size=4)
prose = st.text(st.characters(codec="utf-8", exclude_characters="{}"))


def tool(name: str, *parameters: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {item: {"type": "string"} for item in parameters},
        "required": [*parameters],
    }
    return {"type": "function", "function": {"name": name, "parameters": schema}}


TOOLS = (tool("get_zipcode", "city"), tool("buy_tickets", "from_zip", "to_zip"))


@settings(max_examples=60, deadline=None)
@given(prose, objects, prose)
def test_an_object_is_found_whatever_stands_around_it(before: str, value: dict[str, Any], after: str) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False)):
        assert first_object(f"{before}{text}{after}") == value


@settings(max_examples=100, deadline=None)
@given(st.text() | st.text(alphabet='{}[]":,\\ \n1eN-truafls<>/think'))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(NoObjectError):
        assert isinstance(first_object(text), dict)
    split_thought(text)
    with_printed_calls(Answer(text=text.encode("utf-8", "replace").decode()), TOOLS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('Sure!\n```json\n{"a": 1}\n```\nDone.', [{"a": 1}]),
        ('{"a": 1} or {"b": {"c": 2}}', [{"a": 1}, {"b": {"c": 2}}]),
        ('use {braces} like {"a": 1}', [{"a": 1}]),
        ('{"a": "two\nlines"}', [{"a": "two\nlines"}]),
        ('{"a": NaN}', []),
        ('{"a": "cut o', []),
        ("[" * 5000, []),
        ('{"a":' * 5000, []),
        ('{"a": ' + "9" * 5000 + "}", []),
    ],
)
def test_objects_in_a_text(text: str, found: list[Any]) -> None:
    assert [value for _, _, value in json_objects(text)] == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" ", "is empty"),
        ("no idea", "holds no JSON"),
        ('{"name": "buy', "ends before its JSON object is complete"),
        ('{"name": ', "ends before its JSON object is complete"),
        ("{'name': 'buy'} as you like", "is no valid JSON: .*double quotes before \"'name'"),
        ('{"name": NaN}', "is no valid JSON: NaN"),
        ('{"a":' * 5000, "nested too deeply|is complete"),
    ],
)
def test_why_there_is_no_object(text: str, problem: str) -> None:
    with pytest.raises(NoObjectError, match=problem):
        first_object(text)


@pytest.mark.parametrize(
    ("text", "thought", "rest"),
    [
        ("<think>a</think>b", "a", "b"),
        ("<think>a</think>b<think>c</think>d", "a\n\nc", "bd"),
        ("a</think>\n\nb", "a", "b"),
        ("<thinking>a", "a", ""),
        ("we <think> so", "", "we <think> so"),
        ("b", "", "b"),
    ],
)
def test_thoughts(text: str, thought: str, rest: str) -> None:
    assert split_thought(text) == (thought, rest)


ZIP = ("get_zipcode", {"city": "A"})
BUY = ("buy_tickets", {"from_zip": "1", "to_zip": "2"})


@pytest.mark.parametrize(
    ("text", "calls", "rest"),
    [
        ('I look.\n<tool_call>\n{"name": "get_zipcode", "arguments": {"city": "A"}}\n</tool_call>', [ZIP], "I look."),
        ('<tool_call>{"name": "get_zipcode", "arguments": {"city": "A"}}', [ZIP], ""),
        ('<tool_call>{"name": "nosuch", "arguments": {}}</tool_call>', [("nosuch", {})], ""),
        ('```json\n{"name": "get_zipcode", "arguments": {"city": "A"}}\n```', [ZIP], ""),
        (
            '[{"name": "get_zipcode", "parameters": {"city": "A"}}, {"name": "get_zipcode", "arguments": "{}"}]',
            [ZIP, ("get_zipcode", {})],
            "",
        ),
        ('{"function": {"name": "get_zipcode", "arguments": "{\\"city\\": \\"A\\"}"}}', [ZIP], ""),
        ('{"tool_calls": [{"name": "get_zipcode", "arguments": {"city": "A"}}]}', [ZIP], ""),
        (
            'Call the `buy_tickets` function with:\n```json\n{"from_zip": "1", "to_zip": "2"}\n```',
            [BUY],
            "Call the `buy_tickets` function with:",
        ),
        (
            '{"name": "get_zipcode", "arguments": {"city": "A"}}<tool_response>{"name": "f", "arguments": {}}',
            [ZIP],
            "",
        ),
    ],
)
def test_printed_calls(text: str, calls: list[tuple[str, Any]], rest: str) -> None:
    answer = with_printed_calls(Answer(text=text), TOOLS)
    assert [(call.name, call.arguments) for call in answer.tool_calls] == calls
    assert answer.text == rest


@pytest.mark.parametrize(
    "text",
    [
        "Your ticket is bought.",
        'The record is {"name": "Ada", "arguments": {}}.',
        'get_zipcode takes {"town": "A"}',
        '{"city": "A"}',
        '{"name": "get_zipcode", "parameters": {"type": "object", "properties": {"city": {}}}}',
    ],
)
def test_what_is_no_call(text: str) -> None:
    assert with_printed_calls(Answer(text=text), TOOLS) == Answer(text=text)


def test_an_unreadable_call_is_kept_as_one() -> None:
    [call] = with_printed_calls(Answer(text='<tool_call>{"name": "get_zi</tool_call>'), TOOLS).tool_calls
    assert (call.name, call.arguments) == ("", None)


def test_real_calls_go_before_printed_ones() -> None:
    answer = Answer(
        text='{"name": "get_zipcode", "arguments": {"city": "B"}}', tool_calls=(AnswerCall.parse("f", "{}"),)
    )
    assert with_printed_calls(answer, TOOLS) is answer


@pytest.mark.parametrize(
    ("text", "thought", "rest"),
    [
        ("All done.<|im_end|>\n<|im_start|>user\nThanks!", "", "All done."),
        ("<think>A</think>B<|eot_id|>", "A", "B"),
        ("<|python_tag|>B<|eom_id|>", "", "B"),
        ("[TOOL_CALLS][1]", "", "[1]"),
        ('{"query": "B<|im_end|>"}', "", '{"query": "B<|im_end|>"}'),
        ("a <|pipe|> stays", "", "a <|pipe|> stays"),
    ],
)
def test_what_stands_beyond_the_end_of_a_turn_is_left_out(text: str, thought: str, rest: str) -> None:
    assert split_thought(text) == (thought, rest)


@pytest.mark.parametrize("unit", ["I look it up. ", "wait, ", "bookbook", "One line.\nAnother one.\n"])
def test_a_text_that_goes_round_in_circles_is_noticed(unit: str) -> None:
    assert repeats_itself("At first it goes well. " + unit * 100)
    assert repeats_itself(f"{unit * 100} And it ends.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no, never.",
        "| --- | --- " * 40,
        "0, " * 400,
        " ".join(f"Item {number} costs {number * 3}." for number in range(200)),
        "Ha! " * 7,
    ],
)
def test_a_text_that_only_looks_alike_is_none(text: str) -> None:
    assert not repeats_itself(text)


def test_a_number_without_bounds_is_no_json() -> None:
    assert list(json_objects('{"a": 1e999} {"b": 2.5}')) == [(13, 23, {"b": 2.5})]
