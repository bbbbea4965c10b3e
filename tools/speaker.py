"""The user in the words of tools, and in their own: what a tool calls "the bookings of the traveller" are "my bookings"
to whoever asks for them."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.remembered import Remembered
from tools.spec import ToolSpec
from tools.wording import labels, request_phrase, words

_NOUNS = ("account holder", "client", "customer", "traveller", "traveler", "user")
_PERSON = rf"the (?:(?:authenticated|current|logged-in|signed-in) )?(?P<noun>{'|'.join(_NOUNS)})"
# What may follow, so that "the user" is no part of "the user manual".
_ENDS = r"(?=$|[^\w\s'-]|\s(?:and|or|as|at|by|for|from|if|in|is|on|that|to|which|who|with|without)\b)"
_OWNED = re.compile(rf"\bthe (?P<owned>(?:[\w-]+ ){{0,2}}[\w-]+) of {_PERSON}{_ENDS}", re.IGNORECASE)
_OWNING = re.compile(rf"\b{_PERSON}(?:'s|s')(?!\w)", re.IGNORECASE)
_SERVED = re.compile(rf"\b(?P<to>by|for|of) {_PERSON}{_ENDS}", re.IGNORECASE)
_ONE_OF = re.compile(
    rf"\b(?P<one>(?:any|another|each|every|no|some|one|an?)(?: other)?(?: [\w-]+){{1,3}}) of {_PERSON}{_ENDS}",
    re.IGNORECASE,
)
# By the fingerprint of a tool.
_SPOKEN: Remembered[str, str] = Remembered(4096)


@lru_cache(maxsize=8192)
def as_the_user_says(text: str, about: tuple[str, ...] = ()) -> str:
    """The text with the user in the first person. People of whom one of the labels ``about`` speaks are others: who is
    to tell the name of "the user" does not speak of themselves."""
    others = {word for label in about for word in words(label)}

    def put(form: str, match: re.Match[str]) -> str:
        return match.group() if others & set(words(match["noun"])) else match.expand(form)

    text = _ONE_OF.sub(lambda match: put(r"\g<one> of mine", match), text)
    text = _OWNED.sub(lambda match: put(r"my \g<owned>", match), text)
    text = _OWNING.sub(lambda match: put("my", match), text)
    return _SERVED.sub(lambda match: put(r"\g<to> me", match), text)


def spoken_request(spec: ToolSpec) -> str:
    """The tool's purpose as its user asks for it: "list my bookings"."""
    return _SPOKEN.get(spec.fingerprint, lambda: as_the_user_says(request_phrase(spec), tuple(labels(spec).values())))
