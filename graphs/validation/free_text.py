"""Free-text arguments say the same where they hold the same facts: the words are the solver's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from envs.world import World
from graphs.execution import Recorder
from tools.fact import facts_in
from tools.facts import same_facts
from tools.shown import Shown
from tools.spec import ToolSpec
from tools.texts import text_kind
from tools.trace import Step
from tools.wording import words

_SHARED_WORDS = 0.5
_SHORTEST = 4
_DENIES = re.compile(r"\b(?:not|no|never|nothing|none|without|cancel\w*|off)\b|n't\b", re.IGNORECASE)


def in_gold_words(
    start: World, gold: Sequence[Step], attempted: Sequence[Step], shown: Shown, specs: Mapping[str, ToolSpec]
) -> tuple[Step, ...]:
    """The attempted steps with free texts as gold has them, where they say the same, executed once more in a fork of
    ``start``; the steps as they are where no text differs."""
    open_gold = list(gold)
    found: list[Step] = []
    for step in attempted:
        match = next((wanted for wanted in open_gold if _same_but_for_words(wanted, step, shown, specs)), None)
        if match is not None:
            open_gold.remove(match)
            call = step.call.model_copy(update={"arguments": match.call.arguments})
            step = step.model_copy(update={"call": call})
        found.append(step)
    if all(new.call == old.call for new, old in zip(found, attempted, strict=True)):
        return tuple(attempted)
    recorder = Recorder(start.fork())
    return tuple(recorder.run(step.call, step.origins, step.group) for step in found)


def _same_but_for_words(gold: Step, step: Step, shown: Shown, specs: Mapping[str, ToolSpec]) -> bool:
    wanted, given = gold.call.arguments, step.call.arguments
    if gold.call.name != step.call.name or wanted.keys() != given.keys() or step.observation.failed:
        return False
    spec = specs.get(step.call.name)
    return all(
        wanted[name] == given[name]
        or (spec is not None and _says_the_same(spec, name, given[name], wanted[name], shown))
        for name in wanted
    )


def _says_the_same(spec: ToolSpec, name: str, given: object, wanted: object, shown: Shown) -> bool:
    if not isinstance(given, str) or not isinstance(wanted, str):
        return False
    if text_kind(spec.name, name, spec.properties.get(name, {})) is None:
        return False
    if not same_facts(given, wanted, shown) or bool(_DENIES.search(given)) != bool(_DENIES.search(wanted)):
        return False
    return _shared_words(_besides_facts(given), _besides_facts(wanted)) >= _SHARED_WORDS


def _besides_facts(text: str) -> str:
    """The words of a text that are no facts: what it says about them."""
    for fact in facts_in(text):
        text = text.replace(fact.text, " ")
    return text


def _shared_words(given: str, wanted: str) -> float:
    """The share of the longer words of ``wanted`` that ``given`` has too; all where there is none."""
    told = {word for word in words(wanted) if len(word) >= _SHORTEST}
    return len(told.intersection(words(given))) / len(told) if told else 1.0
