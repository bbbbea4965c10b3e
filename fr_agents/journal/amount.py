"""What calls cost, or may cost, counted so that sums are exact."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from fr_agents.backends.backend import Answer, Request
from fr_agents.config.models import ModelSettings

_NANO = 1_000_000_000
# Bytes of UTF-8 for a token: text in most languages has more, and what servers tell corrects it upwards.
_BYTES_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 8


@dataclass(frozen=True)
class Amount:
    """Calls, tokens and money; ``nano_usd`` are whole billionths, so that what is added can be taken off again."""

    calls: int = 0
    tokens: int = 0
    nano_usd: int = 0

    @classmethod
    def of(cls, calls: int, tokens: int, usd: float) -> Amount:
        """With money in USD, rounded up."""
        return cls(calls, tokens, ceil(round(usd * _NANO, 3)))

    @property
    def usd(self) -> float:
        return self.nano_usd / _NANO

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.calls + other.calls, self.tokens + other.tokens, self.nano_usd + other.nano_usd)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.calls - other.calls, self.tokens - other.tokens, self.nano_usd - other.nano_usd)


class Estimate:
    """What a call may cost, before its server has told."""

    def __init__(self, request: Request, settings: ModelSettings) -> None:
        self._request = request
        self._settings = settings

    @cached_property
    def prompt_tokens(self) -> int:
        """The tokens that the request is taken for."""
        return _guessed_tokens(self._request)

    def most(self, density: float = 1.0) -> Amount:
        """The most that the call may cost, where its prompt has ``density`` times as many tokens as it is taken for."""
        prompt = ceil(self.prompt_tokens * density)
        completion = self._request.max_tokens or self._settings.max_tokens or 0
        price = self._settings.price
        usd = max(price.of(prompt, cached, completion) for cached in (0, prompt)) if price else 0.0
        return Amount.of(1, prompt + completion, usd)


def _guessed_tokens(request: Request) -> int:
    asked = None if request.output is None else request.output.json_schema
    text = json.dumps([request.messages, request.tools, asked], ensure_ascii=False)
    size = len(text.encode("utf-8", "surrogatepass"))
    return ceil(size / _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * (1 + len(request.messages))


def told_by(answer: Answer, settings: ModelSettings) -> Amount:
    """What an answer cost by the tokens that its server told; no money where the model has no price."""
    counts = (answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens)
    usd = settings.price.of(*counts) if settings.price else 0.0
    return Amount.of(1, answer.prompt_tokens + answer.completion_tokens, usd)
