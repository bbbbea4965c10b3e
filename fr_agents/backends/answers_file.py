"""A file of answers: what a scripted model says, line by line.

Each line is a JSON object with what an ``Answer`` has (``text``, ``reasoning``, ``tool_calls``, ``finish_reason``,
token counts), and two keys of its own. ``role`` keeps a line to one role. ``match`` is a regular expression:

- Where the lines have a ``match``, a request gets the first line whose expression is found in its last message.
- Where they have none, they are given in order: a job's first call for a role gets the first line of that role, its
  second one the second, in each job anew. So a job that is resumed goes on in the file where it was.

A text may be written as an object, and a tool call as ``{"name": ..., "arguments": {...}}``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError, field_validator, model_validator

from fr_agents.backends.backend import Answer, AnswerCall, Request
from fr_agents.backends.calling import Caller, caller
from fr_agents.backends.faults import BackendFault
from fr_agents.errors import PreflightError
from tools.base import JsonObject, Record, canonical_json

_SHOWN = 80


class AnswersFile:
    """The lines of a file, and which of them answers a request."""

    def __init__(self, lines: Sequence[_Line], name: str) -> None:
        self._lines = tuple(lines)
        self._name = name
        self._matching = bool(lines) and lines[0].match is not None

    @classmethod
    def read(cls, path: Path, name: str) -> AnswersFile:
        """Read a file for the model ``name``; empty lines are left out.

        Raises:
            PreflightError: it cannot be read, a line is no answer, or some lines have a ``match`` and others none.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise PreflightError(f"{name}: {path.absolute()} cannot be read: {reason}. Nothing was started.") from error
        numbered = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        lines = [_line(line, f"{name}: {path}, line {number}") for number, line in numbered]
        if len({line.match is None for line in lines}) != 1:
            what = "some lines have a match and others none" if lines else "there is no answer in it"
            raise PreflightError(f"{name}: {path}: {what}. Nothing was started.")
        return cls(lines, name)

    def answer(self, request: Request) -> Answer:
        """The answer to ``request``. Raises BackendFault where no line is one."""
        here = caller() or Caller("")
        lines = [line for line in self._lines if line.role in (None, here.role)]
        if not self._matching:
            if here.step < len(lines):
                return lines[here.step].answer()
            job = "outside of any job" if here.job is None else f"in job {here.job}"
            detail = f"has {len(lines)} answers for {here.role or 'a call'}, and is asked for one more {job}"
            raise BackendFault("bad_request", self._name, detail)
        said = _text(request.messages[-1]) if request.messages else ""
        for line in lines:
            if line.match is not None and re.search(line.match, said):
                return line.answer()
        shown = said if len(said) <= _SHOWN else said[:_SHOWN] + " ..."
        detail = f"has no line for {here.role or 'a call'} whose match is found in {shown!r}"
        raise BackendFault("bad_request", self._name, detail)


class _Call(Record):
    name: str
    arguments: JsonObject | str = Field(default_factory=dict)


class _Line(Record):
    """One line of a file."""

    match: str | None = None
    role: str | None = None
    text: str | JsonObject = ""
    reasoning: str = ""
    tool_calls: tuple[_Call, ...] = ()
    finish_reason: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0

    @field_validator("match")
    @classmethod
    def _expression(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _says_something(self) -> _Line:
        if not {"text", "tool_calls"} & self.model_fields_set:
            raise ValueError("has neither text nor tool_calls")
        return self

    def answer(self) -> Answer:
        """The answer that the line stands for."""
        own = self.model_dump(exclude={"match", "role", "text", "tool_calls", "finish_reason"})
        return Answer(
            text=self.text if isinstance(self.text, str) else canonical_json(self.text),
            tool_calls=tuple(AnswerCall.parse(call.name, _raw(call.arguments)) for call in self.tool_calls),
            finish_reason=self.finish_reason or ("tool_calls" if self.tool_calls else "stop"),
            **own,
        )


def _line(text: str, where: str) -> _Line:
    try:
        return _Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        raise PreflightError(f"{where}: {f'{key}: ' if key else ''}{told}. Nothing was started.") from error


def _raw(arguments: JsonObject | str) -> str:
    return arguments if isinstance(arguments, str) else canonical_json(arguments)


def _text(message: JsonObject) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
