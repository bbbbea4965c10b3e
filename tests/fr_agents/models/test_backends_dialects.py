"""Calls that models print in forms other than plain JSON: each model family has its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import split_thought
from tools.base import JsonObject


def declared(name: str, **properties: str) -> JsonObject:
    schema = {"type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()}}
    return {"type": "function", "function": {"name": name, "parameters": {**schema, "required": list(properties)}}}


TOOLS = (declared("find_book", title="string"), declared("set_shelf", shelf="integer", labels="array", note="string"))
FIND = ("find_book", {"title": "Dune"})


def deepseek(text: str) -> str:
    """A text with its tokens as DeepSeek writes them, whose bars and blocks are no ASCII."""
    return re.sub(r"<\|(\w+)\|>", lambda token: f"<\uff5c{token[1]}\uff5c>".replace("_", "\u2581"), text)


V3 = (
    "<|tool_calls_begin|><|tool_call_begin|>function<|tool_sep|>NAME\n"
    '```json\n{"title": "Dune"}\n```<|tool_call_end|><|tool_calls_end|><|end_of_sentence|>'
)
V31 = '<|tool_calls_begin|><|tool_call_begin|>NAME<|tool_sep|>{"title": "Dune"}<|tool_call_end|><|tool_calls_end|>'


def read(text: str) -> tuple[list[tuple[str, JsonObject | None]], str]:
    """The calls in what a model printed, and what is left of the text."""
    answer = with_printed_calls(Answer(text=split_thought(text)[1]), TOOLS)
    return [(call.name, call.arguments) for call in answer.tool_calls], answer.text


@pytest.mark.parametrize(
    "text",
    [
        '<|python_tag|>{"name": "find_book", "parameters": {"title": "Dune"}}<|eom_id|>',
        '<function=find_book>{"title": "Dune"}</function>',
        '<function=find_book>{"title": "Dune"}',
        "<tool_call>\n<function=find_book>\n<parameter=title>\nDune\n</parameter>\n</function>\n</tool_call>",
        "<function=find_book><parameter=title>Dune",
        '[find_book(title="Dune")]',
        "find_book(title='Dune')",
        'find_book("Dune")',
        '```python\nfind_book(title="Dune")\n```',
        *(deepseek(form).replace("NAME", "find_book") for form in (V3, V31)),
    ],
)
def test_a_call_is_read_and_nothing_of_it_stays_text(text: str) -> None:
    assert read(text) == ([FIND], "")
    assert read(f"I look it up.\n{text}") == ([FIND], "I look it up.")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "find_book", "parameters": {"title": "Dune"}}; {"name": "find_book", "arguments": {"title": "Dune"}}',
        '[find_book(title="Dune"), find_book(title="Dune")]',
        'find_book(title="Dune")\nfind_book(title="Dune")',
        '<function=find_book>{"title": "Dune"}</function><function=find_book>{"title": "Dune"}</function>',
    ],
)
def test_several_calls_are_several(text: str) -> None:
    assert read(text) == ([FIND, FIND], "")


@pytest.mark.parametrize(
    "text",
    [
        "<function=set_shelf>\n<parameter=shelf>12</parameter>\n<parameter=labels>[true, null]\n<parameter=note>\n7",
        "set_shelf(12, labels=[True, None], note='7')",
    ],
)
def test_values_have_the_types_of_the_tools_parameters(text: str) -> None:
    assert read(text) == ([("set_shelf", {"shelf": 12, "labels": [True, None], "note": "7"})], "")


def test_constants_of_json_are_read_in_python_too() -> None:
    assert read("set_shelf(shelf=null, labels=true, note=false)")[0] == [
        ("set_shelf", {"shelf": None, "labels": True, "note": False})
    ]


@pytest.mark.parametrize(
    "text",
    [
        'I would call find_book(title="Dune") for that.',
        'find_person(name="Ada")',
        'find_book(title=input("title?"))',
        "find_book(title=open)",
        'x = find_book(title="Dune")',
        "find_book(**book)",
        'find_book("Dune", 2)',
        "find_book(title=",
        'find_book(title="Dune") is what I would call.',
        "find_book(" * 3000,
    ],
)
def test_what_is_no_list_of_calls_stays_text(text: str) -> None:
    assert read(text) == ([], text)


def test_arguments_that_cannot_be_read_are_told_as_such() -> None:
    assert read("<function=find_book>the book Dune</function>")[0] == [("find_book", None)]


def test_nothing_counts_behind_a_made_up_result() -> None:
    text = deepseek('<function=find_book>{"title": "Dune"}</function>\n<|tool_outputs_begin|>BK-1\n[find_book("Emma")]')
    assert read(text) == ([FIND], "")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='find_book(title="Dune")[];,<>/=function{}:\' \n`-1|', max_size=80))
def test_whatever_is_printed_raises_nothing(text: str) -> None:
    calls, rest = read(text)
    assert calls or rest == split_thought(text)[1]
