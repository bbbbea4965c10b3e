"""How a tool's description speaks of the tool and its parameters.

Names may be anything; descriptions are what a person reads. Whoever words a request, and whoever reads one by rules,
goes by these phrases.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from tools.base import JsonObject
from tools.spec import ToolSpec

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[a-z0-9]+")
_CUT = re.compile(
    r"[.,;:(\[]|\s(?:to|that|which|in|as|by|if|when|for|you|between|with|whose|where|at which)\s|\s(?:e\.g|i\.e)\b"
    r"|\s(?:obtained|supplied|given|provided)\b",
    re.IGNORECASE,
)
# A full stop that ends a sentence: not the one of "e.g.", "U.S." or "vs.".
_SENTENCE_END = re.compile(r"(?<=[\w)])(?<!\.[A-Za-z])(?<!\bvs)\.(?:\s|$)|\n")
_LONGEST_LABEL = 6
_IRREGULAR = {"does": "do", "goes": "go", "has": "have", "is": "be"}
_SINGULARS = {
    "ids": "id",
    "movies": "movie",
    "cookies": "cookie",
    "series": "series",
    "caches": "cache",
    "statuses": "status",
}


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words of a text or an identifier, in the singular: ``travel_costList`` is travel, cost, list."""
    split = _CAMEL.sub(" ", text.replace("_", " "))
    return tuple(singular(word) for word in _WORD.findall(split.lower()))


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """A word without a plural or third-person ending; good enough to compare words, not to print them."""
    if word in _SINGULARS:
        return _SINGULARS[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def request_phrase(spec: ToolSpec) -> str:
    """The tool's first sentence as a request, without its full stop: "Books a flight." is "book a flight". A tool
    without a description is spoken of by the words of its name."""
    sentence = _SENTENCE_END.split(spec.description.strip(), maxsplit=1)[0].strip().rstrip(".") or _plain(spec.name)
    first, _, rest = sentence.partition(" ")
    verb = first.lower() if not first.isupper() else first
    verb = _IRREGULAR.get(verb) or (singular(verb) if verb.endswith("s") else verb)
    return f"{verb} {rest}".strip()


def label(name: str, schema: JsonObject) -> str:
    """How a person calls a parameter or a field: the noun phrase that its description begins with, or its name."""
    return _label(name, str(schema.get("description", "")))


@lru_cache(maxsize=8192)
def _label(name: str, description: str) -> str:
    head = _CUT.split(description.strip(), maxsplit=1)[0].strip()
    head = re.sub(r"^(?:the|a|an)\s+", "", head, flags=re.IGNORECASE)
    unusable = '"' in head or "_" in head or f"{head} ".lower().startswith(("true", "if ", "list", "whether"))
    if not head or unusable or len(head.split()) > _LONGEST_LABEL:
        return _plain(name)
    return head if head[:2].isupper() else head[0].lower() + head[1:]


def labels(spec: ToolSpec) -> dict[str, str]:
    """A label for each parameter, each different: where the nouns of descriptions do not tell parameters apart, a few
    more of their words do, or else names, in words or as they are."""
    described = ((name, str(schema.get("description", ""))) for name, schema in spec.properties.items())
    choices = {
        name: list(dict.fromkeys([name, _plain(name), _longer_label(name, text), _label(name, text)]))
        for name, text in described
    }
    while True:
        taken = Counter(options[-1] for options in choices.values())
        unclear = [options for options in choices.values() if taken[options[-1]] > 1 and len(options) > 1]
        if not unclear:
            return {name: options[-1] for name, options in choices.items()}
        for options in unclear:
            options.pop()


@lru_cache(maxsize=8192)
def _longer_label(name: str, description: str) -> str:
    """The beginning of a description with the verb or purpose that ``label`` leaves out: "number to subtract from"."""
    head = re.split(r"[.,;:(\[]", description, maxsplit=1)[0].strip()
    head = re.sub(r"^(?:the|a|an)\s+", "", head, flags=re.IGNORECASE).lower()
    plain = re.fullmatch(r"[a-z0-9 '-]+", head) and not re.search(r"\b(?:the|whose|that|and|set)\b", head)
    return head if plain and len(head.split()) <= _LONGEST_LABEL else _plain(name)


def _plain(name: str) -> str:
    return " ".join(_CAMEL.sub(" ", name.replace("_", " ")).lower().split()) or name
