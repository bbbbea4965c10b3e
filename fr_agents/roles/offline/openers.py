"""The words that offline requests begin with, and those that lead over from one task to the next.

They say how somebody asks, never what for: whoever reads a request by rules takes them off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.base import generator

_SPACE_OR_MARK = re.compile(r"[\s,:]+$")


@dataclass(frozen=True)
class Manner:
    """How a style begins a request (``first``), goes on (``later``), and goes on where the order does not matter
    (``also``)."""

    first: tuple[str, ...]
    later: tuple[str, ...] = ("Then ", "After that, ")
    also: str = "Also, "


PLAIN = Manner(
    first=("Please ", "I would like you to ", "I need you to ", "Could you "), later=("Then ", "After that, ", "Also, ")
)

# By the names of the styles in graphs.noise.words; another style speaks plainly.
STYLES = {
    "terse": Manner(first=("", "Now: "), later=("Then: ", "Next: "), also="Also: "),
    "polite": Manner(
        first=("Would you be so kind as to ", "Could I please ask you to "),
        later=("After that, would you kindly ", "Then, if you do not mind, please "),
        also="Also, would you kindly ",
    ),
    "chatty": Manner(
        first=("Hey there, so could you ", "So, here is the thing: please "),
        later=("Oh, and then ", "And once you have that, just "),
        also="Oh, and also ",
    ),
    "formal": Manner(
        first=("I hereby request that you ", "You are kindly requested to "),
        later=("Subsequently, kindly ", "Thereafter, please "),
        also="Furthermore, kindly ",
    ),
    "casual": Manner(first=("Can you ", "So, can you "), later=("And then ", "After that just "), also="And also "),
    "hurried": Manner(first=("Quick, please ", "No time, just "), later=("Right after, ", "Then fast, "), also="And, "),
    "hesitant": Manner(
        first=("If it is not too much trouble, could you ", "Sorry to bother you, but could you "),
        later=("And then perhaps ", "After that, if you can, "),
        also="And perhaps also ",
    ),
    "cheerful": Manner(
        first=("Hello hello, please ", "Hi, would you "), later=("And then happily ",), also="And also "
    ),
    "blunt": Manner(first=("You have to ", "Just "), later=("Then you have to ", "Next, just "), also="Also just "),
    "businesslike": Manner(
        first=("For our records, please ", "Next on my list: please "),
        later=("As a next step, ",),
        also="In addition, ",
    ),
    "old-fashioned": Manner(
        first=("Pray ", "Might I trouble you to "), later=("Whereupon, pray ",), also="Likewise, pray "
    ),
    "precise": Manner(
        first=("The following is required: please ", "I require you to "),
        later=("When that is complete, ", "Following that, "),
        also="Independently of that, ",
    ),
    "weary": Manner(
        first=("Oh well, please ", "Well, could you just "), later=("And then, well, ",), also="And also, well, "
    ),
}

INDIRECT = (
    "I would be glad if you could ",
    "It would help me a lot if you could ",
    "What I need is for you to ",
    "I have to ",
    "My plan is to ",
    "I was hoping that you could ",
)

# What joins the tasks of a request that is one sentence.
FUSED = ", and then "
FUSED_IN_ANY_ORDER = ", and also "

_QUESTION = re.compile(r"(?:^|[,:]\s)(?:so |but )?(?:could|can|would|might) (?:you|i)\b", re.IGNORECASE)
_CONNECTORS = ("then", "after that", "also", "next", "finally", "and", "please", "could you", "can you")


def chosen(manner: Manner, sentences: Sequence[str], *, indirect: bool, in_order: bool) -> list[str]:
    """An opener for each sentence; the same for the same sentences."""
    rng = generator("opening", *sentences)
    first = rng.choice(INDIRECT if indirect else manner.first)
    later = [rng.choice(manner.later) for _ in sentences[1:]]
    return [first, *(later if in_order else [manner.also] * len(later))]


def asks(opener: str) -> bool:
    """Whether a sentence that begins so is a question."""
    return _QUESTION.search(opener) is not None


def opening_words() -> re.Pattern[str]:
    """Matches whatever a request or a task of it may begin with, the longest first."""
    manners = (PLAIN, *STYLES.values())
    told = {opener for item in manners for opener in (*item.first, *item.later, item.also)} | {*INDIRECT, *_CONNECTORS}
    plain = sorted((_SPACE_OR_MARK.sub("", opener) for opener in told), key=lambda text: (-len(text), text))
    listed = "|".join(re.escape(opener) for opener in plain if opener)
    return re.compile(rf"^(?:{listed})[\s,:]+", re.IGNORECASE)
