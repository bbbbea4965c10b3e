"""Whether what a query refers to without saying it is one certain thing at the moment when it is spoken.

"The cheaper one" says nothing where two cost the same, and "that booking" nothing where two were made. What was unique
only when a later call looked is no better: the user speaks before the first call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from envs.world import World
from graphs.records.query import Mention
from graphs.validation.problem import Problem
from tools.advanced import signature
from tools.base import Json, canonical_json, is_number
from tools.near_miss import closest
from tools.origin import ArgumentOrigin, Selector
from tools.paths import KEY, entries_of, leaf_values, resolve
from tools.reading import entry_at
from tools.reference import belongs_to_session
from tools.saying import normalised, said_in
from tools.spec import ToolSpec
from tools.trace import Step, Trace, succeeded

_REASON = "reference is ambiguous"
_MEANS = {
    "only": "the only one",
    "first": "the first one",
    "min": "the one with the lowest {field}",
    "max": "the one with the highest {field}",
    "equals": "the one whose {field} is {value!r}",
    "nearest": "the one called {value!r}",
}


def ambiguous_references(
    start: World,
    trace: Trace,
    earlier: Sequence[Step],
    specs: Mapping[str, ToolSpec],
    mentions: Sequence[Mention] = (),
) -> tuple[Problem, ...]:
    """The references of a turn that could mean another thing than its gold calls take them for.

    Args:
        start: The world before the turn; it is only ever forked.
        trace: The gold calls.
        earlier: The accepted steps of the turns before.
        specs: The tools by name.
        mentions: The words that say each input, once they are written. What they say may tell the values of earlier
            turns apart; before that, only the latest one counts as meant.
    """
    by_id = {step.call.id: step for step in succeeded(trace.steps)}
    words = _words(trace, specs, mentions)
    found: dict[str, Problem] = {}
    for step in by_id.values():
        for parameter, origin in step.origins.items():
            for part in origin.observed:
                if part.kind == "earlier_turn":
                    told = _unclear_from_before(part, earlier, words.get((step.call.id, parameter), ""))
                else:
                    told = _unclear_here(start, part, by_id, specs)
                if told:
                    text = f"{parameter} of {step.call.name}: {told}"
                    found[text] = Problem(reason=_REASON, text=text)
    return tuple(found.values())


def _words(trace: Trace, specs: Mapping[str, ToolSpec], mentions: Sequence[Mention]) -> dict[tuple[str, str], str]:
    """What the query says for each argument, by call and parameter."""
    spans = {mention.of: mention.span for mention in mentions}
    words: dict[tuple[str, str], str] = {}
    for item in signature(trace, specs).inputs if mentions else ():
        key = (item.call_id, item.parameter)
        words[key] = f"{words.get(key, '')} {spans.get(item.name, '')}"
    return words


def _unclear_here(start: World, part: ArgumentOrigin, by_id: Mapping[str, Step], specs: Mapping[str, ToolSpec]) -> str:
    """Why a choice among the entries that a read of this turn shows is unclear before the turn; empty where it is clear
    then, or where the turn itself makes what is chosen."""
    source = by_id.get(part.source or "")
    if part.selector is None or source is None or specs[source.call.name].effect != "read":
        return ""
    before = start.fork().execute(source.call)
    if before.failed:
        return ""
    path = part.path or ""
    fitting = _fitting(before.content, path, part.selector)
    means = _MEANS[part.selector.kind].format(field=part.selector.field, value=part.selector.value)
    if len(fitting) > 1:
        return f"{len(fitting)} of the entries that {source.call.name} shows are {means}."
    if fitting and not _same(before.content, source.observation.content, part):
        return f"{means} is another entry of {source.call.name} when the request is made than when it is looked up."
    return ""


def _same(before: Json, after: Json, part: ArgumentOrigin) -> bool:
    """Whether an origin gives the same value in two results."""
    try:
        given = [resolve(content, part.path or "", part.selector) for content in (before, after)]
    except LookupError:
        return False
    return canonical_json(given[0]) == canonical_json(given[1])


def _fitting(content: Json, path: str, selector: Selector) -> list[Json]:
    """The entries that a selector can mean in the list or table that the path goes through."""
    keys = path.split(".") if path else []
    choices = [position for position, key in enumerate(keys) if key in ("*", KEY)]
    if not choices:
        return []
    try:
        table = resolve(content, ".".join(keys[: choices[0]]))
    except LookupError:
        return []
    named = list(table) if keys[choices[0]] == KEY and isinstance(table, dict) else None
    return _meant(entries_of(table), named, selector)


def _meant(entries: list[Json], named: list[str] | None, selector: Selector) -> list[Json]:
    if selector.kind == "only":
        return entries
    if selector.kind == "first":
        return entries[:1]
    if selector.kind == "nearest":
        values = [entry.get(selector.field) if isinstance(entry, dict) else entry for entry in entries]
        found: list[Json] = values if named is None else [*named]
        texts = [str(text) for text in found if isinstance(text, str)]
        meant = closest(str(selector.value), texts)
        return [text for text in texts if text == meant]
    rows = [entry for entry in entries if isinstance(entry, dict) and selector.field in entry]
    if selector.kind == "equals":
        return [row for row in rows if normalised(row[selector.field]) == normalised(selector.value)]
    numbers = [row[selector.field] for row in rows if is_number(row[selector.field])]
    best = (min if selector.kind == "min" else max)(numbers, default=None)
    return [row for row in rows if best is not None and row[selector.field] == best]


def _unclear_from_before(part: ArgumentOrigin, earlier: Sequence[Step], words: str) -> str:
    """Why a value of an earlier turn is unclear: calls of the same tool have shown others at the same place, a later
    one among them, and the words do not tell which is meant."""
    source = next((step for step in earlier if step.call.id == part.source), None)
    path = part.path or ""
    if source is None or belongs_to_session(path.rsplit(".", 1)[-1]):
        return ""
    if part.selector is not None and len(fitting := _fitting(source.observation.content, path, part.selector)) > 1:
        means = _MEANS[part.selector.kind].format(field=part.selector.field, value=part.selector.value)
        return f"{len(fitting)} of the entries that {source.call.name} has shown are {means}."
    shown = list(_shown(part, source, earlier))
    meant = next((value for step, value in shown if step is source), None)
    if not shown or canonical_json(shown[-1][1]) == canonical_json(meant):
        return ""
    others = [step for step, value in shown if canonical_json(value) != canonical_json(meant)]
    if words and _tells_apart(words, part, source, others):
        return ""
    return f"{source.call.name} has shown another one since, and nothing tells which of {len(others) + 1} is meant."


def _shown(part: ArgumentOrigin, source: Step, earlier: Sequence[Step]) -> Iterator[tuple[Step, Json]]:
    """The values that calls of the same tool have shown where the origin points to, oldest first."""
    for step in succeeded(earlier):
        if step.call.name == source.call.name:
            try:
                value = resolve(step.observation.content, part.path or "", part.selector)
            except LookupError:
                continue
            if value is not None:
                yield step, value


def _tells_apart(words: str, part: ArgumentOrigin, source: Step, others: Sequence[Step]) -> bool:
    """Whether the words say something that is true of the call that is meant and of no other one."""
    rest = frozenset[str]().union(*(_about(step, part) for step in others))
    return any(said_in(text, words) for text in sorted(_about(source, part) - rest))


def _about(step: Step, part: ArgumentOrigin) -> frozenset[str]:
    """What a call was given, and what stands beside the value that it has shown."""
    entry = entry_at(step.observation.content, part.path or "", part.selector)
    leaves = [leaf for _, leaf in leaf_values([step.call.arguments, entry])]
    return frozenset(normalised(leaf) for leaf in leaves if leaf is not None and not isinstance(leaf, bool))
