"""The rewriting agent: thinks anew, without hints, before calls that are known to be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.reading import split_thought
from fr_agents.prompts.prompt import Prompt, shown
from fr_agents.roles.chat.chat_role import ChatRole, UnusableAnswerError
from graphs.roles import RewritingView, Thought
from graphs.validation.posing import thought_poses
from tools.base import JsonObject
from tools.wording import request_phrase

_MOST_SENTENCES = 3
_LONGEST = 600
_LABEL = re.compile(r"^\s*(?:\*\*)?(?:thoughts?|assistant|answer)(?:\*\*)?\s*:\s*(?:\*\*)?", re.IGNORECASE)
# What a chat model says before it says anything.
_OPENER = re.compile(
    r"^(?:(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok)\s*[!,.:]\s*)?"
    r"(?:here(?:'s|\u2019s| is| are)\b[^.:!?]{0,60}:\s*)?",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"```|<\|?(?:tool|function)|</?tool_call|[{\[]\s*\"")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class RewritingRole(ChatRole[RewritingView, Thought]):
    """Shows the conversation and the next step; asks for one or two sentences, of which the first three are kept."""

    name = "rewriting"

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._prompt = Prompt(self.name)

    def request(self, view: RewritingView) -> Request:
        messages = self._prompt.messages(
            tools=[{"name": tool.name, "purpose": request_phrase(tool)} for tool in view.tools],
            lines=list(_lines(view.messages)),
            calls=view.calls,
            reply=view.reply,
            feedback=view.feedback,
        )
        return Request(messages=messages)

    def read(self, view: RewritingView, answer: Answer) -> Thought:
        spoken = split_thought(answer.text)[1]
        plain = _plain(spoken)
        if answer.cut_off:
            raise UnusableAnswerError("The answer was cut off because it was too long. Write one sentence.")
        if not plain:
            raise UnusableAnswerError("The answer is empty. Write one or two sentences.")
        if _MARKUP.search(plain) or _written_call(plain, view):
            raise UnusableAnswerError("Write the thought in plain words: no calls, no code, no JSON.")
        if poses := next(thought_poses(plain), ""):
            raise UnusableAnswerError(f"This is no thought of the assistant before its step ({poses}).")
        text = " ".join(_SENTENCE.split(plain)[:_MOST_SENTENCES])
        if len(text) > _LONGEST:
            raise UnusableAnswerError("The thought is too long. Write one or two short sentences.")
        return Thought(text=text)


def _plain(spoken: str) -> str:
    """The words of an answer without labels, quotation marks around them, and what opens a chat."""
    text = _unlabelled(spoken)
    opener = _OPENER.match(text)
    if not opener or not opener.end():
        return text
    rest = _unlabelled(text[opener.end() :])
    return rest[:1].upper() + rest[1:] if rest.partition(" ")[0].isalpha() else rest


def _unlabelled(text: str) -> str:
    return " ".join(_LABEL.sub("", text).split()).strip("\"'\u201c\u201d ")


def _written_call(text: str, view: RewritingView) -> bool:
    """Whether a text writes a call of a tool as code does: its name, and what it is called with in brackets."""
    return any(re.search(rf"(?<!\w){re.escape(tool.name)}\(\s*\w", text) for tool in view.tools)


def _lines(messages: Sequence[JsonObject]) -> Iterator[str]:
    """The conversation as the assistant sees it, a line for each thing that was said, called or returned."""
    for message in messages:
        thought, spoken = split_thought(str(message.get("content") or ""))
        if message["role"] == "tool":
            yield f"RESULT: {shown(message['content'])}"
        elif message["role"] != "assistant":
            yield f"{str(message['role']).upper()}: {spoken}"
        else:
            yield from (f"ASSISTANT {said}: {text}" for said, text in (("thinks", thought), ("says", spoken)) if text)
            for call in message.get("tool_calls", ()):
                yield f"ASSISTANT calls: {call['function']['name']}({call['function']['arguments']})"
