"""What a person who watches a run is told of its models: what they have cost so far, and what keeps calls back."""

from __future__ import annotations

from dataclasses import dataclass

from fr_agents.config.run import LimitsSettings
from fr_agents.funnel_paid import short, usd
from fr_agents.journal.amount import Amount


@dataclass(frozen=True)
class ModelsNow:
    """How a run's models are at a moment: ``spent`` by all of its processes, and ``troubles`` with servers in words."""

    spent: Amount
    troubles: tuple[str, ...] = ()


def models_line(now: ModelsNow, limits: LimitsSettings) -> str:
    """``1,204 of 5,000 calls, 81 k tokens, 3.40 USD of 5.00 USD · openai/m at ... throttles, for another 12 s``."""
    calls = _of(f"{now.spent.calls:,}", None if limits.max_calls is None else f"{limits.max_calls:,}")
    tokens = _of(short(now.spent.tokens), None if limits.max_tokens is None else short(limits.max_tokens))
    spent = [f"{calls} calls", f"{tokens} tokens"]
    if now.spent.nano_usd:
        spent.append(_of(usd(now.spent.usd), None if limits.budget_usd is None else usd(limits.budget_usd)))
    return " · ".join([", ".join(spent), *now.troubles])


def _of(spent: str, limit: str | None) -> str:
    return f"{spent} of {limit}" if limit else spent
