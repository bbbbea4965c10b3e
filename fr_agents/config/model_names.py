"""The names that models have in a configuration, and what kind of model each one is."""

from __future__ import annotations

import re
from typing import Literal

ModelKind = Literal["offline", "mix", "openai", "class", "provider", "scripted"]

OFFLINE = "offline"
MIX = "mix"
SCRIPTED = "scripted/"

_FORMS = "offline, openai/NAME, package.module:Class, provider:NAME, scripted/FILE.py:function or scripted/FILE.jsonl"
_KINDS: tuple[tuple[ModelKind, re.Pattern[str]], ...] = (
    ("offline", re.compile(OFFLINE)),
    ("mix", re.compile(MIX)),
    ("openai", re.compile(r"openai/\S+")),
    ("scripted", re.compile(r"scripted/(?:.+\.py:[^\W\d]\w*|.+\.jsonl)")),
    # A class is told from a provider's model by its capital: LangChain's classes have one, and models hardly ever.
    ("class", re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:_*[A-Z]\w*")),
    ("provider", re.compile(r"[a-z][a-z0-9_-]*:\S+")),
)


def model_kind(name: str) -> ModelKind:
    """What kind of model ``name`` is. Raises ValueError for a name that is none; the text lists the forms."""
    for kind, form in _KINDS:
        if form.fullmatch(name):
            return kind
    raise ValueError(f"must be {_FORMS}")
