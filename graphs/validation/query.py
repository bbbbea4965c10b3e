"""The proof that a query is hard and complete: it carries every input, asks for every sink, and tells nothing else."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from envs.world import World
from graphs.records.query import Noise
from graphs.roles import QueryDraft
from graphs.validation.own_words import located
from graphs.validation.problem import Problem
from graphs.validation.query_manner import unlike_a_person
from graphs.validation.query_secrets import said_secrets
from graphs.validation.query_steps import told_steps
from tools.advanced import AdvancedInput, AdvancedTool
from tools.base import Json, JsonObject
from tools.facts import Shown, unheld
from tools.paths import leaf_values
from tools.pools import TODAY
from tools.saying import normalised, said_in
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words

__all__ = ["Occasion", "Problem", "check_draft", "hidden_values", "located"]

_SHORTEST_SECRET = 3
_STEM = 4
_LITTLE = frozenset({"with", "from", "that", "this", "given", "user", "current", "based", "into", "their", "your"})


@dataclass(frozen=True)
class Occasion:
    """What a query is said about, and in which conversation.

    Attributes:
        steps: The gold calls.
        messages: The conversation before it, in OpenAI's form, the system message first.
        noise: How it was to depart from plain words.
        today: The day that it is in the world, where an environment tells.
    """

    steps: Sequence[Step] = ()
    messages: Sequence[JsonObject] = ()
    noise: Sequence[Noise] = ()
    today: Collection[str] = ()

    @classmethod
    def at(
        cls, start: World, steps: Sequence[Step], messages: Sequence[JsonObject], noise: Sequence[Noise]
    ) -> Occasion:
        """In the world before the turn, which tells the day."""
        days = {str(item.value) for item in start.known_values() if item.parameter.rpartition(".")[2] == TODAY}
        return cls(steps=steps, messages=messages, noise=noise, today=sorted(days))

    @property
    def foreign(self) -> bool:
        """Whether the query is in another language than the tools' descriptions. Then no word of it can be compared
        with theirs, and what depends on that is for the judging role."""
        return any(item.operator == "language" for item in self.noise)


def check_draft(
    draft: QueryDraft,
    tool: AdvancedTool,
    hidden: Sequence[Json],
    specs: Mapping[str, ToolSpec],
    occasion: Occasion | None = None,
) -> tuple[Problem, ...]:
    """What is wrong with a draft; empty for a good one."""
    occasion = occasion or Occasion()
    if not draft.text.strip():
        return (Problem(reason="no usable query", text="The query is empty."),)
    problems = [
        *_missing_inputs(draft, tool),
        *_missing_sinks(draft, tool, specs, foreign=occasion.foreign),
        *_misplaced(draft),
        *_shown_values(draft.text, hidden),
        *said_secrets(draft.text, tool, occasion.steps),
        *unlike_a_person(draft.text, tool, specs),
        *told_steps(draft.text, tool, occasion.steps, specs),
        *_added_facts(draft.text, tool, hidden, specs, occasion),
    ]
    return tuple({problem.text: problem for problem in problems}.values())


def hidden_values(values: Collection[Json], tool: AdvancedTool) -> tuple[Json, ...]:
    """Looked-up values that a query must not show: not those that the user says anyway, and none too short to tell."""
    said = {normalised(leaf) for item in tool.inputs if not item.earlier for _, leaf in leaf_values(item.value)}
    earlier = [leaf for item in tool.inputs if item.earlier for _, leaf in leaf_values(item.value)]
    found = {normalised(value): value for value in (*values, *earlier) if not isinstance(value, bool)}
    return tuple(value for key, value in found.items() if key not in said and len(key) >= _SHORTEST_SECRET)


def _missing_inputs(draft: QueryDraft, tool: AdvancedTool) -> Iterator[Problem]:
    spans = {mention.of: mention.span for mention in draft.mentions}
    for item in tool.inputs:
        span = spans.get(item.name, "").strip()
        if not span or not said_in(span, draft.text):
            yield Problem(reason="query leaves an input out", text=f"The query does not tell {_described(item)}.")
        elif item.verbatim and not _says(item.value, span, draft.text):
            yield Problem(reason="query changes an input", text=f"The query must say {_described(item)}.")


def _says(value: Json, span: str, text: str) -> bool:
    """Whether a span says every scalar of a value, also where it stands in the whole query: "Ann" is not "Annual"."""
    leaves = [leaf for _, leaf in leaf_values(value) if leaf is not None]
    return all(said_in(leaf, span) and said_in(leaf, text) for leaf in leaves)


def _missing_sinks(
    draft: QueryDraft, tool: AdvancedTool, specs: Mapping[str, ToolSpec], *, foreign: bool
) -> Iterator[Problem]:
    reason = "query leaves a task out"
    spans = {mention.of: mention.span for mention in draft.sinks}
    for sink in tool.sinks:
        span = spans.get(sink.call_id, "").strip()
        if not span or not said_in(span, draft.text):
            yield Problem(reason=reason, text=f"The query does not ask to {sink.task}.")
        elif not foreign and not _stems(span) & _stems(specs[sink.tool].description + " " + sink.tool):
            yield Problem(reason=reason, text=f"The words {span!r} do not ask to {sink.task}.")


def _misplaced(draft: QueryDraft) -> Iterator[Problem]:
    """Mentions that do not stand where they say; those whose place was not looked for say nothing."""
    for mention in (*draft.mentions, *draft.sinks):
        if mention.start >= 0 and draft.text[mention.start : mention.start + len(mention.span)] != mention.span:
            told = f"The words {mention.span!r} do not stand at character {mention.start} of the query."
            yield Problem(reason="query leaves an input out", text=told)


def _shown_values(text: str, hidden: Sequence[Json]) -> Iterator[Problem]:
    for value in hidden:
        if said_in(value, text):
            told = f"The query shows the value {value!r}, which has to be looked up."
            yield Problem(reason="query shows a value", text=told)


def _added_facts(
    text: str, tool: AdvancedTool, hidden: Sequence[Json], specs: Mapping[str, ToolSpec], occasion: Occasion
) -> Iterator[Problem]:
    """Names, numbers and the like that are no input, and that nobody has spoken of before; hidden values and names of
    tools have problems of their own."""
    descriptions = [specs[name].description for name in tool.covered if name in specs]
    wording = [*(sink.task for sink in tool.sinks), *(item.label for item in tool.inputs), *descriptions]
    noise = [item.detail for item in occasion.noise]
    values = [item.value for item in tool.inputs if not item.earlier]
    new = unheld(text, Shown.of([*wording, *noise, *occasion.today, tool.description], values))
    before = _spoken_of(occasion.messages) if new else Shown()
    for fact in new:
        known = any(said_in(value, fact.text) for value in hidden) or _in_code(fact.text, specs) or before.holds(fact)
        if not known and not (occasion.foreign and fact.kind == "name"):
            told = f"The query says {fact.text!r}, which is nothing that the person is to say. Leave it out."
            yield Problem(reason="query adds a fact", text=told)


def _in_code(word: str, specs: Mapping[str, ToolSpec]) -> bool:
    return word in specs or any(word in spec.properties for spec in specs.values())


def _spoken_of(messages: Sequence[JsonObject]) -> Shown:
    """What was said and shown in a conversation."""
    texts = [str(message.get("content") or "") for message in messages]
    return Shown.of(texts, [_parsed(message) for message in messages if message.get("role") == "tool"])


def _parsed(message: JsonObject) -> Json:
    try:
        return json.loads(str(message.get("content") or "null"))
    except ValueError:
        return None


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words, by which different forms of a word agree."""
    return {word[:_STEM] for word in words(text) if len(word) >= _STEM - 1 and word not in _LITTLE}


def _described(item: AdvancedInput) -> str:
    if item.earlier:
        return f"the {item.label}, without its value"
    if item.verbatim:
        return f"the {item.label}, exactly as it is written here: {item.value}"
    return f"the {item.label}: {item.value}" if isinstance(item.value, str) else f"the {item.label}"
