"""What a model is asked to find out what it and its server can do, and what each answer tells.

The schema that an answer is to keep has values that nobody would guess: where a server ignores the schema, it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from fr_agents.backends.backend import Answer, AnswerCall, OutputSchema, Request
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import NoObjectError, first_object
from tools.base import Json, JsonObject, Record, canonical_json

Check = Literal[
    "reachable", "usage", "cut-off", "native tools", "text tools", "json_schema", "function_calling", "text", "thoughts"
]

# Enough for a model that thinks before it answers, and an end for one that rambles.
MOST_TOKENS = 1024
_FEW_TOKENS = 16
_QUOTED = 80


class Finding(Record):
    """What was found out about one thing. ``works`` is none where it could not be found out; ``told`` says why, or what
    was seen, in words that fit a line."""

    check: Check
    works: bool | None
    told: str


@dataclass(frozen=True)
class Probe:
    """A request that tells whether ``check`` works, and what reads its answer."""

    check: Check
    request: Request
    judge: Callable[[Answer], Finding]


_NAME = "get_weather"
_TOOL: JsonObject = {
    "type": "function",
    "function": {
        "name": _NAME,
        "description": "Gets the weather of a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
        },
    },
}
_SCHEMA: JsonObject = {
    "type": "object",
    "properties": {"shade": {"enum": ["teal-41", "ochre-17"]}, "certain": {"type": "boolean"}},
    "required": ["shade", "certain"],
    "additionalProperties": False,
}
_OUTPUT = OutputSchema(name="choice", json_schema=_SCHEMA)


def _asked(text: str, tools: tuple[JsonObject, ...] = (), output: OutputSchema | None = None) -> Request:
    return Request(messages=({"role": "user", "content": text},), tools=tools, output=output, max_tokens=MOST_TOKENS)


# Counted out, so that any model is cut off: one call tells that it answers, how it ends, and whether tokens are told.
FIRST = Request(
    messages=({"role": "user", "content": "Count from one to one hundred in words."},), max_tokens=_FEW_TOKENS
)
_WEATHER = _asked("What is the weather in Oslo now, in celsius? Look it up with the tool.", (_TOOL,))
_CHOOSE = _asked("Choose one of the shades that you may choose from, and say whether you are certain.", output=_OUTPUT)
_DESCRIBED = _asked(
    'Choose one of the shades "teal-41" and "ochre-17", and say whether you are certain. Answer with a JSON object and '
    'nothing else: {"shade": "<one of the two>", "certain": <true or false>}',
    output=_OUTPUT,
)


def probes() -> tuple[Probe, ...]:
    """The probes behind the first one, in the order of the table."""
    return (
        Probe("native tools", _WEATHER, lambda answer: called("native tools", answer)),
        Probe("text tools", _WEATHER, lambda answer: called("text tools", answer)),
        Probe("json_schema", _CHOOSE, lambda answer: kept("json_schema", answer)),
        Probe("function_calling", _CHOOSE, lambda answer: kept("function_calling", answer)),
        Probe("text", _DESCRIBED, lambda answer: kept("text", answer)),
    )


def called(check: Check, answer: Answer) -> Finding:
    """Whether the tool that was offered is called, with arguments that it takes. A call that is printed into the text
    counts: the role that calls tools reads it there."""
    calls = with_printed_calls(answer, (_TOOL,)).tool_calls
    if not calls:
        if answer.cut_off:
            return Finding(check=check, works=None, told=_cut_off("before it called a tool"))
        return Finding(check=check, works=False, told=f"no tool is called; it says {_quoted(answer.text)}")
    problem = _problem_of_call(calls[0])
    if problem:
        return Finding(check=check, works=False, told=problem)
    how = "called with" if answer.tool_calls else "the call is printed into the text, and read there:"
    return Finding(check=check, works=True, told=f"{how} {canonical_json(calls[0].arguments)}")


def _problem_of_call(call: AnswerCall) -> str:
    if call.name != _NAME:
        return f"calls {_quoted(call.name)}, which was not offered"
    if call.arguments is None:
        return f"calls with arguments that are no JSON object: {_quoted(call.raw)}"
    problem = _problem(call.arguments, _TOOL["function"]["parameters"])
    return f"calls with arguments that do not fit the tool: {problem}" if problem else ""


def kept(check: Check, answer: Answer) -> Finding:
    """Whether the answer is the JSON object that was asked for."""
    try:
        value = first_object(answer.text)
    except NoObjectError as error:
        if answer.cut_off:
            return Finding(check=check, works=None, told=_cut_off("before its JSON was complete"))
        told = f"{error}" if not answer.text.strip() else f"{error}; it says {_quoted(answer.text)}"
        return Finding(check=check, works=False, told=told)
    problem = _problem(value, _SCHEMA)
    if problem:
        return Finding(check=check, works=False, told=f"the schema is not kept: {problem}")
    return Finding(check=check, works=True, told=f"kept: {canonical_json(value)}")


def cut_off(answer: Answer) -> Finding:
    """Whether an answer that was cut off says so."""
    if answer.cut_off:
        return Finding(check="cut-off", works=True, told="says finish_reason length")
    if answer.completion_tokens > 2 * _FEW_TOKENS:
        told = f"max_tokens {_FEW_TOKENS} is not kept: {answer.completion_tokens} tokens were written"
        return Finding(check="cut-off", works=False, told=told)
    if not answer.text.strip():
        return Finding(check="cut-off", works=None, told=f"says finish_reason {answer.finish_reason}, and nothing else")
    if "hundred" in answer.text.lower() or answer.completion_tokens < _FEW_TOKENS - 1:
        return Finding(check="cut-off", works=None, told=f"the model ended by itself: {_quoted(answer.text)}")
    return Finding(check="cut-off", works=False, told=f"says finish_reason {answer.finish_reason}, as whole ones do")


def usage(answer: Answer) -> Finding:
    """Whether the server tells what an answer took."""
    if answer.prompt_tokens and answer.completion_tokens:
        told = f"{answer.prompt_tokens} tokens in, {answer.completion_tokens} out"
        return Finding(check="usage", works=True, told=told)
    return Finding(check="usage", works=False, told="the server does not tell how many tokens an answer took")


def thoughts(answers: Iterable[Answer]) -> Finding:
    """Whether a model that thinks shows its thoughts, apart from what it answers."""
    seen = list(answers)
    if any(answer.reasoning for answer in seen):
        return Finding(check="thoughts", works=True, told="shown, and told apart from the answer")
    hidden = sum(answer.reasoning_tokens for answer in seen)
    told = f"{hidden} tokens of them, none shown" if hidden else "none seen"
    return Finding(check="thoughts", works=None, told=told)


def _cut_off(when: str) -> str:
    return f"the answer was cut off after at most {MOST_TOKENS} tokens, {when}"


def _problem(value: JsonObject, schema: JsonObject) -> str:
    """What is wrong with a value; empty where nothing is."""
    worst = best_match(Draft202012Validator(schema).iter_errors(value))
    return "" if worst is None else f"{_place(worst.absolute_path)}{_shortened(worst.message)}"


def _place(path: Iterable[Json]) -> str:
    return "".join(f"{part}: " for part in path)


def _quoted(text: str) -> str:
    return f'"{_shortened(text)}"'


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED else line[:_QUOTED] + " ..."
