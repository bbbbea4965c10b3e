"""The reasoning agent by rules: reads the request, plans over tool descriptions, and goes step by step.

It gets what a model gets. Each message is worked out anew from the conversation: read, plan, see which calls were made,
make those whose arguments are known by now, and answer when nothing is left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fr_agents.roles.offline.mistakes import with_mistake
from fr_agents.roles.offline.planning import Earlier, Expression, Known, Output, PlannedCall, Planner
from fr_agents.roles.offline.reading import read_request
from fr_agents.roles.offline.role import OfflineRole
from fr_agents.roles.offline.telling import tell_outcome, tell_thought
from graphs.roles import Move, ReasoningView, WantedCall
from tools.base import Json, JsonObject, canonical_json
from tools.paths import resolve
from tools.wording import request_phrase


class OfflineReasoning(OfflineRole[ReasoningView, Move]):
    """Solves requests that are worded after tool descriptions; in a share ``mistakes`` of them it errs at first.

    Args:
        seed: Its own, for its mistakes; it never sees a job's.
        mistakes: The share of requests, from 0 to 1, in which it makes a mistake until a hint speaks of it.
    """

    def __init__(self, seed: int = 0, mistakes: float = 0.15) -> None:
        self._seed = seed
        self._mistakes = mistakes

    def answer(self, view: ReasoningView) -> Move:
        conversation = _Conversation.of(view.messages)
        plan = Planner(view.tools).plan(read_request(conversation.request))
        plan = with_mistake(plan, conversation.request, view.hints, seed=self._seed, share=self._mistakes)
        if not plan:
            return Move(thought="None of the tools does what is asked for.", reply="I cannot do this with my tools.")
        if conversation.failure:
            reply = f"I could not finish this: {conversation.failure}"
            return Move(thought="A call failed, and I see no other way.", reply=reply)
        calls = list(_next_calls(plan, conversation))
        if calls:
            wanted = tuple(WantedCall(name=planned.spec.name, arguments=arguments) for planned, arguments in calls)
            return Move(
                thought=tell_thought(plan, [planned for planned, _ in calls], conversation.results), calls=wanted
            )
        unknown = [goal for goal in plan if not _made(goal, conversation)]
        if unknown:
            missing = request_phrase(unknown[0].spec)
            return Move(thought="I do not find all that this takes.", reply=f"I lack what it takes to {missing}.")
        results = [(goal.spec, _result(goal, conversation)) for goal in plan]
        return Move(thought="Everything that was asked for is done.", reply=tell_outcome(results))


@dataclass
class _Conversation:
    """What the messages tell: the request, the results of calls made for it, and those of earlier turns."""

    request: str = ""
    results: dict[str, Json] = field(default_factory=dict)
    earlier: list[tuple[str, Json]] = field(default_factory=list)
    failure: str = ""

    @classmethod
    def of(cls, messages: Sequence[JsonObject]) -> _Conversation:
        found = cls()
        calls: dict[str, tuple[str, JsonObject]] = {}
        current: list[tuple[str, JsonObject, Json]] = []
        for message in messages:
            if message["role"] == "user":
                found.request, found.failure = str(message["content"]), ""
                found.earlier += [(name, content) for name, _, content in current]
                current = []
            for call in message.get("tool_calls", ()):
                arguments = json.loads(call["function"]["arguments"])
                calls[call["id"]] = (call["function"]["name"], arguments)
            if message["role"] == "tool":
                name, arguments = calls[message["tool_call_id"]]
                content = json.loads(message["content"])
                current.append((name, arguments, content))
                if isinstance(content, dict) and set(content) == {"error"}:
                    found.failure = str(content["error"])
        found.results = {_key(name, arguments): content for name, arguments, content in current}
        return found


def _next_calls(plan: Sequence[PlannedCall], conversation: _Conversation) -> Iterator[tuple[PlannedCall, JsonObject]]:
    """The calls of the next message: look-ups that are ready, and tasks in their order up to the first that waits."""
    asked: set[str] = set()
    for goal in plan:
        pending = list(_pending(goal, conversation))
        for planned, arguments in pending:
            key = _key(planned.spec.name, arguments)
            if key not in asked:
                asked.add(key)
                yield planned, arguments
        if pending and all(planned is not goal for planned, _ in pending):
            return


def _pending(call: PlannedCall, conversation: _Conversation) -> Iterator[tuple[PlannedCall, JsonObject]]:
    """The calls to make now for ``call``: itself if its arguments are known, else what they wait for."""
    arguments: JsonObject = {}
    waiting = False
    for name, source in call.arguments:
        if isinstance(source, Output) and _result(source.call, conversation) is None:
            yield from _pending(source.call, conversation)
            waiting = True
            continue
        try:
            arguments[name] = _value(source, conversation)
        except LookupError:
            return
    if not waiting and _key(call.spec.name, arguments) not in conversation.results:
        yield call, arguments


def _result(call: PlannedCall, conversation: _Conversation) -> Json:
    """What a planned call returned, or None while it was not made."""
    try:
        arguments = {name: _value(source, conversation) for name, source in call.arguments}
    except LookupError:
        return None
    return conversation.results.get(_key(call.spec.name, arguments))


def _made(call: PlannedCall, conversation: _Conversation) -> bool:
    """Whether a planned call was made."""
    try:
        arguments = {name: _value(source, conversation) for name, source in call.arguments}
    except LookupError:
        return False
    return _key(call.spec.name, arguments) in conversation.results


def _value(source: Expression, conversation: _Conversation) -> Json:
    """The value of an expression. Raises LookupError where it is not known, or not unique."""
    if isinstance(source, Known):
        return source.value
    if isinstance(source, Earlier):
        return _earlier_value(source, conversation)
    result = _result(source.call, conversation)
    if result is None:
        raise LookupError("not called yet")
    value = resolve(result, source.path, source.selector)
    return [value] if source.wrapped else value


def _earlier_value(source: Earlier, conversation: _Conversation) -> Json:
    for name, content in reversed(conversation.earlier):
        for fit in source.fits:
            if fit.producer == name:
                try:
                    value = resolve(content, fit.path)
                except LookupError:
                    continue
                return [value] if source.wrapped and not isinstance(value, list) else value
    raise LookupError("no earlier turn told it")


def _key(name: str, arguments: JsonObject) -> str:
    return canonical_json([name, arguments])
