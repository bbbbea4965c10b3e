"""What must hold of a turn's query: it is the hard query of the advanced tool that follows from the gold calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from fr_agents.verification.before import Before
from fr_agents.verification.comparing import same
from fr_agents.verification.gold import trace_of
from graphs.noise.words import DISTRACTORS, PERSONAS, STYLES
from graphs.records import Turn
from graphs.records.query import Noise
from graphs.roles import QueryDraft
from graphs.settings import NoiseSettings
from graphs.validation.query import Occasion, check_draft, hidden_values, located
from graphs.validation.references import ambiguous_references
from tools.advanced import signature

_DETAILS: Mapping[str, Collection[str]] = {
    "persona": PERSONAS,
    "style": STYLES,
    "distractor": DISTRACTORS,
    "indirect": ("",),
    "fuse": ("",),
}


def verify_query(turn: Turn, before: Before) -> Iterator[str]:
    """What does not hold of the advanced tool and the query; both are worked out from the gold calls once more."""
    trace, tool, query = trace_of(turn), turn.advanced_tool, turn.hard_query
    if query.text != turn.query:
        yield "the query is not the one that was proved"
    computed = signature(trace, before.specs).model_copy(update={"name": tool.name, "description": tool.description})
    for part in ("inputs", "sinks", "covered"):
        if not same(getattr(computed, part), getattr(tool, part)):
            yield f"the advanced tool's {part} are not those of the gold calls"
    hidden = hidden_values(trace.looked_up(), computed)
    if not same(hidden, query.hidden):
        yield "hidden are not the values that the gold calls look up"
    yield from _noise(query.noise)
    draft = QueryDraft(text=turn.query, mentions=query.mentions, sinks=query.sinks)
    if located(draft) != draft:
        yield "the mentions do not tell where they stand in the query"
    occasion = Occasion.at(before.start, turn.gold_steps, before.messages, query.noise)
    yield from (problem.text for problem in check_draft(draft, computed, hidden, before.specs, occasion))
    unclear = ambiguous_references(before.start, trace, before.history, before.specs, query.mentions)
    yield from (problem.text for problem in unclear)


def _noise(noise: Sequence[Noise]) -> Iterator[str]:
    """Whether the noise is of an operator's making: what a detail says counts as said, so it may say nothing else."""
    for item in noise:
        details = _DETAILS.get(item.operator)
        if item.operator not in NoiseSettings.model_fields or item.operator == "languages":
            yield f"there is no noise called {item.operator!r}"
        elif details is not None and item.detail not in details:
            yield f"the noise {item.operator!r} never says {item.detail!r}"
