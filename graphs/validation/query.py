"""The proof that a query is hard and complete: it carries every input, asks for every sink, and shows nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from graphs.roles import QueryDraft
from tools.advanced import AdvancedInput, AdvancedTool
from tools.base import Json, Record
from tools.paths import leaf_values
from tools.provenance import normalised, said_in
from tools.spec import ToolSpec
from tools.wording import words

_SHORTEST_SECRET = 3
_STEM = 4
_LITTLE = frozenset({"with", "from", "that", "this", "given", "user", "current", "based", "into", "their", "your"})


class Problem(Record):
    """What is wrong with a draft: a class to count by, and a sentence that its author can act on."""

    reason: str
    text: str


def check_draft(
    draft: QueryDraft, tool: AdvancedTool, hidden: Sequence[Json], specs: Mapping[str, ToolSpec]
) -> tuple[Problem, ...]:
    """What is wrong with a draft; empty for a good one."""
    if not draft.text.strip():
        return (Problem(reason="no usable query", text="The query is empty."),)
    problems = [
        *_missing_inputs(draft, tool),
        *_missing_sinks(draft, tool, specs),
        *_shown_values(draft.text, hidden),
        *_shown_names(draft.text, specs),
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


def _missing_sinks(draft: QueryDraft, tool: AdvancedTool, specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    reason = "query leaves a task out"
    spans = {mention.of: mention.span for mention in draft.sinks}
    for sink in tool.sinks:
        span = spans.get(sink.call_id, "").strip()
        if not span or not said_in(span, draft.text):
            yield Problem(reason=reason, text=f"The query does not ask to {sink.task}.")
        elif not _stems(span) & _stems(specs[sink.tool].description + " " + sink.tool):
            yield Problem(reason=reason, text=f"The words {span!r} do not ask to {sink.task}.")


def _shown_values(text: str, hidden: Sequence[Json]) -> Iterator[Problem]:
    for value in hidden:
        if said_in(value, text):
            told = f"The query shows the value {value!r}, which has to be looked up."
            yield Problem(reason="query shows a value", text=told)


def _shown_names(text: str, specs: Mapping[str, ToolSpec]) -> Iterator[Problem]:
    for name in specs:
        if _identifier_like(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield Problem(reason="query names a tool", text=f"The query names the tool {name}.")


def _identifier_like(name: str) -> bool:
    return "_" in name or any(char.isupper() for char in name[1:])


def _stems(text: str) -> set[str]:
    """The beginnings of a text's longer words, by which different forms of a word agree."""
    return {word[:_STEM] for word in words(text) if len(word) >= _STEM - 1 and word not in _LITTLE}


def _described(item: AdvancedInput) -> str:
    if item.earlier:
        return f"the {item.label}, without its value"
    return f"the {item.label}, exactly as it is written here: {item.value}" if item.verbatim else f"the {item.label}"
