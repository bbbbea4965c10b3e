"""Asks again, differently, where an answer came but is of no use: empty, cut off, unreadable.

Such answers are a model's slip or a server's, and waiting does not help against them. They are mended here so that a
role keeps its own round of repair for what a model has to be told.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.reading import json_objects, repeats_itself
from tools.base import JsonObject

_LOG = logging.getLogger(__name__)
_LONGEST_ANSWER = 16384
_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens")
# From what is of most use to what is of least: a role can tell the model what is wrong with a call.
_PROBLEMS = ("none", "calls", "unreadable", "cut_off", "empty")


class MendingBackend:
    """Asks again where an answer is empty, was cut off, or calls or holds what nobody can read.

    An answer that was cut off is asked for once more with twice the room, unless it goes round in circles; everything
    else is asked for as before. The first answer without a problem is given, else the one of most use. It carries the
    tokens of all tries, since they were paid. The same words twice would come a third time, so that is the end.

    Args:
        backend: What answers.
        tries: How often a request is asked at most, the first time included.
        max_tokens: The most tokens that the model is configured to answer with; with none the server's own limit
            holds, and nobody can give more room.
        longest: The most tokens that are ever asked for in place of an answer that was cut off.
        held: Whether the server holds answers to the schema that is asked for. Where it does not, an answer without
            any object may be meant so, and whoever asked decides.
    """

    def __init__(
        self,
        backend: Backend,
        tries: int = 4,
        max_tokens: int | None = None,
        longest: int = _LONGEST_ANSWER,
        *,
        held: bool = True,
    ) -> None:
        self._backend = backend
        self._tries = max(1, tries)
        self._max_tokens = max_tokens
        self._longest = longest
        self._held = held

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises UnanswerableRequest where a content filter withheld the answer, and what the backend raises
        for the request as it was given."""
        answers = [await self._backend.complete(request)]
        following = self._following(request, request, answers)
        while following is not None:
            _LOG.warning("asked again", {"model": self.name, "problem": self._problem(request, answers[-1])})
            sent, answer = following, await self._again(request, following)
            if answer is None:
                break
            answers.append(answer)
            following = self._following(request, sent, answers)
        return self._best(request, answers)

    async def _again(self, request: Request, changed: Request) -> Answer | None:
        """One more answer; None where the server refuses the request that was changed, or answers this one no more:
        there is an answer already, so nothing is lost."""
        try:
            return await self._backend.complete(changed)
        except UnanswerableRequest:
            return None
        except BackendFault as fault:
            if fault.kind == "bad_request" and changed != request:
                return None
            raise

    def _following(self, request: Request, sent: Request, answers: Sequence[Answer]) -> Request | None:
        """What is asked next, after the last of the answers; None where it is to be taken as it is."""
        last = answers[-1]
        problem = self._problem(request, last)
        if problem == "none" or last.finish_reason == "content_filter" or len(answers) >= self._tries:
            return None
        if problem == "cut_off":
            return self._with_more_room(sent) if sent == request and not _in_circles(last) else None
        same = any(_said(earlier) == _said(last) for earlier in answers[:-1])
        return None if same and any(_said(last)) else sent

    def _with_more_room(self, request: Request) -> Request | None:
        limit = request.max_tokens or self._max_tokens
        if limit is None or limit >= self._longest:
            return None
        return request.model_copy(update={"max_tokens": min(2 * limit, self._longest)})

    def _best(self, request: Request, answers: Sequence[Answer]) -> Answer:
        """The answer of most use, of several such the last, with the tokens of all."""
        kept = [answer for answer in answers if answer.finish_reason != "content_filter"]
        if not kept:
            raise UnanswerableRequest(f"{self.name} cannot answer this request: a content filter withheld the answer")
        best = min(reversed(kept), key=lambda answer: _PROBLEMS.index(self._problem(request, answer)))
        return best.model_copy(update={name: sum(getattr(answer, name) for answer in answers) for name in _TOKENS})

    def _problem(self, request: Request, answer: Answer) -> str:
        if answer.cut_off:
            return "cut_off"
        if not answer.text.strip() and not answer.tool_calls:
            return "empty"
        names = request.tool_names()
        if any(call.arguments is None or call.name not in names for call in answer.tool_calls):
            return "calls"
        schema = request.output.json_schema if request.output is not None and not answer.tool_calls else None
        return "unreadable" if schema is not None and not self._readable(answer.text, schema) else "none"

    def _readable(self, text: str, schema: JsonObject) -> bool:
        """Whether a text holds an object that is whole: the first that begins, or one with all that must be in it.

        What stands inside of an object that was never closed is no answer. Whether an object fits the schema is for
        the role to say, which tells the model what is wrong.
        """
        begin = text.find("{")
        if begin < 0:
            return not self._held
        required = set(schema.get("required", ()))
        return any(start == begin or (required and required <= set(value)) for start, _, value in json_objects(text))


def _said(answer: Answer) -> tuple[object, ...]:
    return answer.reasoning, answer.text.strip(), answer.tool_calls


def _in_circles(answer: Answer) -> bool:
    return repeats_itself(answer.text) or repeats_itself(answer.reasoning)
