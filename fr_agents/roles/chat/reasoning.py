"""The reasoning agent (A_R): solves the task with the tools, one message at a time, or with a plan of all calls."""

from __future__ import annotations

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.printed_calls import with_printed_calls
from fr_agents.prompts.prompt import Prompt
from fr_agents.roles.chat.chat_role import ChatRole, UnusableAnswerError
from fr_agents.roles.chat.planning import Planning, read_plan
from graphs.roles import Move, ReasoningView, WantedCall
from tools.base import JsonObject


class ReasoningRole(ChatRole[ReasoningView, Move]):
    """Passes the conversation on as it is, with the tools; hints stand in a note of their own at its last request.

    The system message gets instructions that are no part of a record: how to go about the task, not what it is.
    """

    name = "reasoning"

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._prompt = Prompt(self.name)
        self._instructions = self._prompt.system()
        self._planning = Planning()

    def request(self, view: ReasoningView) -> Request:
        messages = [dict(message) for message in view.messages]
        if view.hints:
            self._hint(messages, view.hints)
        if view.plan:
            return self._planning.request(view, messages)
        self._instruct(messages)
        return Request(messages=tuple(messages), tools=tuple(tool.openai() for tool in view.tools))

    def read(self, view: ReasoningView, answer: Answer) -> Move:
        if view.plan:
            return read_plan(view, answer)
        answer = with_printed_calls(answer, [tool.openai() for tool in view.tools])
        if answer.tool_calls:
            thought = "\n\n".join(part for part in (answer.reasoning, answer.text.strip()) if part)
            return Move(thought=thought, calls=_calls(answer))
        if answer.cut_off:
            raise UnusableAnswerError("The answer was cut off because it was too long. Give a shorter one.")
        if not answer.text.strip():
            raise UnusableAnswerError("The answer is empty. Call a tool, or answer the user in plain words.")
        return Move(thought=answer.reasoning, reply=answer.text.strip())

    def _instruct(self, messages: list[JsonObject]) -> None:
        if messages and messages[0]["role"] == "system":
            messages[0]["content"] = f"{messages[0]['content']}\n\n{self._instructions}"
        else:
            messages.insert(0, {"role": "system", "content": self._instructions})

    def _hint(self, messages: list[JsonObject], hints: tuple[str, ...]) -> None:
        """Add the hints to the last user message: a message of their own would break templates that alternate."""
        last = max(index for index, message in enumerate(messages) if message["role"] == "user")
        note = self._prompt.user(hints=hints)
        messages[last]["content"] = f"{messages[last]['content']}\n\n{note}"


def _calls(answer: Answer) -> tuple[WantedCall, ...]:
    calls = []
    for call in answer.tool_calls:
        if not call.name:
            raise UnusableAnswerError(f"A tool call could not be read: {call.raw[:200]}")
        if call.arguments is None:
            why = "They were cut off." if answer.cut_off else "Give them as one JSON object."
            raise UnusableAnswerError(f"The arguments of {call.name} are no JSON object: {call.raw[:200]} {why}")
        calls.append(WantedCall(name=call.name, arguments=call.arguments))
    return tuple(calls)
