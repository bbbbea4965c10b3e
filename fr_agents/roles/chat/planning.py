"""All calls of a turn in one answer (plan mode): how a model is asked for them, and how its plan is read.

Tools, calls and results are written as plain text, so that any server takes them; the plan is one JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from fr_agents.backends.backend import Answer, AnswerCall, OutputSchema, Request
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.backends.reading import json_objects, split_thought
from fr_agents.prompts.prompt import Prompt
from fr_agents.roles.chat.chat_role import UnusableAnswerError, parsed
from fr_agents.roles.chat.references import with_references
from graphs.roles import Move, ReasoningView, WantedCall
from tools.base import JsonObject


class PlannedStep(BaseModel):
    """One call of a plan as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    tool: str = Field(min_length=1, validation_alias=AliasChoices("tool", "name", "function"))
    arguments: JsonObject | str = Field(default_factory=dict, validation_alias=AliasChoices("arguments", "parameters"))


class PlanOutput(BaseModel):
    """What the model is asked for: calls, or a reply where none can help."""

    model_config = ConfigDict(extra="ignore")

    thought: str = ""
    calls: list[PlannedStep] = []
    reply: str = ""

    @model_validator(mode="after")
    def _something(self) -> PlanOutput:
        if not self.calls and not self.reply.strip():
            raise ValueError('there are no "calls", and no "reply" either')
        return self


class Planning:
    """The requests of plan mode: for the plan, and for the reply after its calls."""

    def __init__(self) -> None:
        self._prompt = Prompt("planning")

    def request(self, view: ReasoningView, messages: Sequence[JsonObject]) -> Request:
        """Ask for the plan, or, where the last messages are its results, for the reply. ``messages`` are the view's, as
        far as they are worded otherwise for the model."""
        told = self._prompt.system(tools=[tool.plain() for tool in view.tools])
        plain = list(self._plain(messages))
        if plain and plain[0]["role"] == "system":
            told = f"{plain.pop(0)['content']}\n\n{told}"
        system: JsonObject = {"role": "system", "content": told}
        output = None if is_over(view) else _schema(sorted(tool.name for tool in view.tools))
        return Request(messages=(system, *plain), output=output)

    def _plain(self, messages: Sequence[JsonObject]) -> Iterator[JsonObject]:
        """The messages as plain text: calls in the form of a plan, results in a message of the user."""
        results: list[str] = []
        made: dict[str, str] = {}
        request = ""
        for message in messages:
            if message["role"] == "tool":
                call = made.get(message["tool_call_id"], "the call")
                results.append(f"Result of {call}: {message['content']}")
                continue
            if results:
                yield self._shown(results)
                results = []
            if message["role"] == "user":
                request = message["content"]
            for call in message.get("tool_calls") or ():
                made[call["id"]] = f"{call['function']['name']}({call['function']['arguments']})"
            yield _as_plan(message)
        if results:
            yield self._shown(results, request)

    def _shown(self, results: list[str], request: str = "") -> JsonObject:
        return {"role": "user", "content": self._prompt.user(results=results, request=request)}


def is_over(view: ReasoningView) -> bool:
    """Whether the calls of the plan were made, so that only the reply is missing."""
    return bool(view.messages) and view.messages[-1]["role"] == "tool"


def read_plan(view: ReasoningView, answer: Answer) -> Move:
    """The plan, or the reply where one was asked for. Raises UnusableAnswerError."""
    if is_over(view):
        return _read_reply(view, answer)
    printed = with_printed_calls(answer, [tool.openai() for tool in view.tools])
    try:
        plan = parsed(answer, PlanOutput)
    except UnusableAnswerError:
        if not printed.tool_calls:
            raise
        return Move(thought=_thought(answer, printed.text), calls=tuple(_wanted(call) for call in printed.tool_calls))
    calls = tuple(_wanted(_parsed_call(step)) for step in plan.calls)
    return Move(thought=_thought(answer, plan.thought), calls=calls, reply="" if calls else plan.reply.strip())


def _read_reply(view: ReasoningView, answer: Answer) -> Move:
    """Words for the user, also where they stand in the form of a plan without calls."""
    if answer.cut_off:
        raise UnusableAnswerError("The answer was cut off because it was too long. Give a shorter one.")
    if with_printed_calls(answer, [tool.openai() for tool in view.tools]).tool_calls:
        raise UnusableAnswerError("No more calls can be made. Answer the user in plain words.")
    objects = [value for _, _, value in json_objects(answer.text)]
    said = [value["reply"] for value in objects if isinstance(value.get("reply"), str)]
    text = (said[0] if said else answer.text).strip()
    if not text:
        raise UnusableAnswerError("The answer is empty. Answer the user in plain words.")
    return Move(thought=answer.reasoning, reply=text)


def _thought(answer: Answer, said: str) -> str:
    return "\n\n".join(part for part in (answer.reasoning, said.strip()) if part)


def _parsed_call(step: PlannedStep) -> AnswerCall:
    raw = step.arguments if isinstance(step.arguments, str) else json.dumps(step.arguments)
    return AnswerCall.parse(step.tool, raw)


def _wanted(call: AnswerCall) -> WantedCall:
    if not call.name or call.arguments is None:
        raise UnusableAnswerError(f"A call of the plan could not be read: {call.name} {call.raw[:200]}")
    return WantedCall(
        name=call.name, arguments={name: with_references(value) for name, value in call.arguments.items()}
    )


def _as_plan(message: JsonObject) -> JsonObject:
    """An assistant message with calls in the form of a plan; replies without their thoughts; others as they are."""
    if message["role"] != "assistant":
        return message
    thought, reply = split_thought(message.get("content") or "")
    calls = message.get("tool_calls")
    if not calls:
        return {"role": "assistant", "content": reply}
    listed = [
        {"tool": call["function"]["name"], "arguments": AnswerCall.parse("", call["function"]["arguments"]).arguments}
        for call in calls
    ]
    said = json.dumps({"thought": thought, "calls": listed}, ensure_ascii=False)
    return {"role": "assistant", "content": said}


def _schema(names: list[str]) -> OutputSchema:
    """A plan as JSON Schema. Arguments are any object: they may hold references."""
    call = {
        "type": "object",
        "properties": {"tool": {"type": "string", "enum": names}, "arguments": {"type": "object"}},
        "required": ["tool", "arguments"],
    }
    properties = {
        "thought": {"type": "string"},
        "calls": {"type": "array", "items": call},
        "reply": {"type": "string"},
    }
    schema = {"type": "object", "properties": properties, "required": ["thought", "calls"]}
    return OutputSchema(name="plan", json_schema=schema)
