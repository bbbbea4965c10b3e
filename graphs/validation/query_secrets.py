"""Whether a query says what a user would not say in a chat: passwords, PINs, the numbers of cards, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graphs.validation.problem import Problem
from tools.advanced import AdvancedTool
from tools.base import Json
from tools.paths import leaf_values
from tools.profile import is_secret
from tools.saying import said_in
from tools.trace import Step
from tools.wording import words

_SHORTEST = 3
_TOLD = re.compile(
    r"\b(?:password|passphrase|passcode|pin(?: code| number)?|cvv|cvc|(?:access|refresh|session|auth) token|api key"
    r"|security code|secret key)\b(?:\s+(?:is|of|:|=)|\s*[:=])?\s+[\"'`\u201c]?(?=\S*\d)[\w!@#$%^&*.-]{3,}",
    re.IGNORECASE,
)


def said_secrets(text: str, tool: AdvancedTool, steps: Sequence[Step]) -> Iterator[Problem]:
    """The secrets that a text says: those among the arguments of the calls, and whatever it says one is."""
    reason = "query says a secret"
    advice = "What is secret stands in the system message; the person does not say it."
    found = False
    for label, value in (*_inputs(tool), *_arguments(steps)):
        if said_in(value, text):
            found = True
            yield Problem(reason=reason, text=f"The query says the {label}. {advice}")
    if not found and (match := _TOLD.search(text)):
        yield Problem(reason=reason, text=f"The query says a {match.group().split()[0].lower()}. {advice}")


def _inputs(tool: AdvancedTool) -> Iterator[tuple[str, Json]]:
    for item in tool.inputs:
        if is_secret(item.parameter) and item.verbatim and not item.earlier:
            yield from ((item.label, leaf) for leaf in _telling(item.value))


def _arguments(steps: Sequence[Step]) -> Iterator[tuple[str, Json]]:
    for step in steps:
        for name, value in step.call.arguments.items():
            if is_secret(name):
                yield from ((" ".join(words(name)), leaf) for leaf in _telling(value))


def _telling(value: Json) -> Iterator[Json]:
    """The scalars that are long enough to tell from any other word."""
    leaves = (leaf for _, leaf in leaf_values(value) if leaf is not None and not isinstance(leaf, bool))
    return (leaf for leaf in leaves if len(str(leaf)) >= _SHORTEST)
