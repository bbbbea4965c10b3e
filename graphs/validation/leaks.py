"""Whether thoughts can be published: they give away nothing that their reader cannot see (a hint, a value before it was
shown), and they are thoughts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphs.validation.answer import shown_to
from graphs.validation.posing import misses_what_was_said, speaks_as_the_user, thought_poses
from tools.base import Json, JsonObject
from tools.fact import Fact
from tools.facts import unheld
from tools.paths import leaf_values
from tools.provenance import Told
from tools.shown import Shown
from tools.spec import ToolSpec
from tools.trace import Step
from tools.wording import words

_RUN = 6
_SHORTEST_SECRET = 4
_MOST_COUNTED = 10
_THOUGHT = re.compile(r"<think>\n?(.*?)\n?</think>", re.DOTALL)
_JOINTS = re.compile(r"(?: (?:and|or|then|to|the|a|an|so|i)(?= ))+")
_CODED = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w./-])")
_CLAUSE = re.compile(r"[.,;:!?\n]+")
# Words that speak of the making of the data. Each stands for what a solver has no word for; where the conversation or
# the tools use it themselves, it may be meant as they mean it.
_WORDS = re.compile(
    r"\b(?P<word>hint|hints|hinted|critic|critics|critique|feedback|reviewer|decomposition)\b"
    r"|\b(?:the|this|that|assistant's|per|given) (?:\w+ )?(?P<note>notes?)\b(?! (?:that|down))"
    r"|\bnotes? (?:for|to) the (?:assistant|solver)\b|\[end of the note\]",
    re.IGNORECASE,
)
_PHRASES = re.compile(
    r"\b(?:ground truth|gold(?:en)? (?:calls?|answers?|standard|trace|path)"
    r"|(?:expected|reference|correct|right) (?:tool |function )?(?:calls?|sequence|solution|trajectory)"
    r"|(?:advanced|composite|big) (?:tool|operation)|as (?:was )?(?:suggested|advised|hinted|pointed out)"
    r"|(?:i|we) (?:was|were|am|have been) told (?:that i|to|not to)|you (?:said|told me) (?:that )?i\b)",
    re.IGNORECASE,
)
# Honest where a call of this attempt failed, and a leak where nothing that can be seen went wrong.
_AFTER_FAILURE = re.compile(
    r"\b(?:earlier|previous|last|prior|first|failed|past) (?:attempts?|try|tries|solution)\b"
    r"|\b(?:my|the|a|this|that) (?:earlier |previous |last )?mistakes?\b|\bi (?:wrongly|mistakenly|incorrectly)\b"
    r"|\btry(?:ing)? (?:it )?again\b|\bi made up\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Visible:
    """What the reader of a thought has seen before it: the ``texts`` that were said, the ``tools``, and the ``steps``
    up to then, those of earlier turns included. ``began`` is where those of this turn begin."""

    texts: tuple[str, ...]
    tools: tuple[ToolSpec, ...]
    steps: tuple[Step, ...] = ()
    began: int = 0

    @classmethod
    def of(cls, known: Told, tools: Sequence[ToolSpec]) -> Visible:
        """Before the first thought of a turn."""
        texts = (*(str(message.get("content") or "") for message in known.messages), known.query)
        return cls(texts, tuple(tools), tuple(known.earlier), len(known.earlier))

    def after(self, thought: str, steps: Sequence[Step]) -> Visible:
        """With one more thought, and the calls that were made upon it."""
        return replace(self, texts=(*self.texts, thought), steps=(*self.steps, *steps))

    @property
    def failed(self) -> bool:
        return any(step.observation.failed for step in self.steps[self.began :])

    @cached_property
    def shown(self) -> Shown:
        return shown_to(self.texts, self.tools, self.steps)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for text in self.shown.texts for word in words(text))

    @cached_property
    def _spoken(self) -> str:
        return " | ".join(f" {' '.join(words(text))} " for text in self.shown.texts)

    def knows(self, run: Sequence[str]) -> bool:
        """Whether words that follow each other are known: as they are, or as known pieces that small words join."""
        pieces = _JOINTS.split(f" {' '.join(run)} ")
        return all(f" {piece.strip()} " in self._spoken for piece in pieces if piece.strip())


def leaks(
    messages: Sequence[JsonObject],
    known: Told,
    steps: Sequence[Step],
    tools: Sequence[ToolSpec],
    hints: Sequence[str] = (),
    gold: Sequence[Step] = (),
) -> tuple[str, ...]:
    """What the thoughts of an attempt give away or pose as; empty for honest ones.

    Args:
        messages: The attempt's own, in OpenAI's form.
        known: What was known before the attempt.
        steps: The attempt's.
        tools: Those that the solver is shown.
        hints: The hints of the turn, whose words must not come back.
        gold: The gold steps, whose looked-up values must not stand in a thought before a call has shown them.
    """
    visible = Visible.of(known, tools)
    done = {step.call.id: step for step in steps}
    found: list[str] = []
    for message in messages:
        if message["role"] != "assistant":
            continue
        made = [done[call["id"]] for call in message.get("tool_calls", ()) if call["id"] in done]
        thought = thought_of(message)
        found += thought_leaks(thought, visible, made, hints, gold)
        visible = visible.after(thought, made)
    return tuple(dict.fromkeys(found))


def reply_leaks(reply: str, visible: Visible, hints: Sequence[str] = ()) -> tuple[str, ...]:
    """What a reply gives away of hints. Whether its facts were shown is for ``check_reply`` to say."""
    return tuple(_lexical(reply, visible, hints))


def thought_of(message: JsonObject) -> str:
    """The thoughts in an assistant message: its ``<think>`` block."""
    found = _THOUGHT.search(str(message.get("content") or ""))
    return found[1].strip() if found else ""


def thought_leaks(
    thought: str, visible: Visible, calls: Sequence[Step] = (), hints: Sequence[str] = (), gold: Sequence[Step] = ()
) -> tuple[str, ...]:
    """What one thought gives away, and what it poses as. It may name the arguments of the ``calls`` that follow it:
    whether these could be known is for validation to say."""
    return (
        *_lexical(thought, visible, hints),
        *_causal(thought, visible, calls, gold),
        *thought_poses(thought),
        *misses_what_was_said(thought, calls, visible.tools),
        *_as_the_user(thought, visible, calls),
    )


def _as_the_user(thought: str, visible: Visible, calls: Sequence[Step]) -> Iterator[str]:
    if own := speaks_as_the_user(thought, visible.texts, (*visible.steps, *calls)):
        yield f'speaks as if it were the user: "{own}"'


def _lexical(text: str, visible: Visible, hints: Sequence[str]) -> Iterator[str]:
    """Words about a hint, and the words of a hint."""
    for found in _WORDS.finditer(text):
        word = found["word"] or found["note"] or ""
        if not word or not visible.words.intersection(words(word)):
            yield f'speaks of what its reader cannot see: "{found[0]}"'
    for pattern in (_PHRASES, *(() if visible.failed else (_AFTER_FAILURE,))):
        for found in pattern.finditer(text):
            if not visible.shown.says(found[0]):
                yield f'speaks of what its reader cannot see: "{found[0]}"'
    own = set(_runs(text))
    for run in dict.fromkeys(run for hint in hints for run in _runs(hint)):
        if run in own and not visible.knows(run):
            yield f'repeats a hint: "{" ".join(run)}"'
            return


def _causal(thought: str, visible: Visible, calls: Sequence[Step], gold: Sequence[Step]) -> Iterator[str]:
    """Values before anything has shown them."""
    shown = visible.shown
    own = replace(shown, contents=(*shown.contents, *(step.call.arguments for step in calls)))
    early = [fact.text for fact in unheld(thought, own) if not _is_count(fact)]
    said = Shown.of([thought], [])
    secrets = [str(value) for value in _looked_up(gold) if said.says(value) and not own.says(value)]
    for name in dict.fromkeys(_CODED.findall(thought)):
        if not own.says(name):
            yield f'names what nobody has shown: "{name}"'
    for text in dict.fromkeys([*early, *secrets]):
        yield f'knows a value before it was shown: "{text}"'


def _is_count(fact: Fact) -> bool:
    """Whether a number may count what is to be done: "2 calls", "the 3 cities"."""
    return fact.kind == "number" and 0 <= fact.value <= _MOST_COUNTED and isinstance(fact.value, int)


def _looked_up(gold: Sequence[Step]) -> list[Json]:
    """Values of gold arguments that an observation of the turn gives, as far as they are more than a small number."""
    found = []
    for step in gold:
        for name, origin in step.origins.items():
            if any(part.kind in ("observation", "state") for part in origin.observed):
                found += [leaf for _, leaf in leaf_values(step.call.arguments[name])]
    return [value for value in found if not isinstance(value, bool) and len(str(value)) >= _SHORTEST_SECRET]


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    """All runs of six words within a clause, plurals and verb endings left out."""
    for clause in _CLAUSE.split(text):
        spoken = words(clause)
        for start in range(len(spoken) - _RUN + 1):
            yield spoken[start : start + _RUN]
