"""Whether the limits of a run can be kept with the models that it is given."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.config.models import ROLE_NAMES, ModelSettings
from fr_agents.config.run import RunConfig
from fr_agents.errors import ConfigError


def check_prices(config: RunConfig) -> None:
    """Make sure that what a call may cost can be told before it is made, wherever a limit needs that.

    Raises:
        ConfigError: there is a budget in USD and a model without a price, or a limit on what is read and written and a
            model whose answers may have any length; a line for each.
    """
    problems = list(dict.fromkeys(_problems(config)))
    if problems:
        raise ConfigError("\n".join(problems))


def _problems(config: RunConfig) -> Iterator[str]:
    limits = config.limits
    capped = "budget_usd" if limits.budget_usd is not None else "max_tokens"
    for role in ROLE_NAMES:
        for model in config.models.for_role(role).every():
            if model.offline:
                continue
            if limits.budget_usd is not None and model.price is None:
                yield _no_price(model)
            if getattr(limits, capped) is not None and model.max_tokens is None:
                yield (
                    f"limits.{capped}: {model.model} may answer at any length, so that nobody can tell what a call may "
                    "take: give it max_tokens."
                )


def _no_price(model: ModelSettings) -> str:
    return (
        f"limits.budget_usd: {model.model} has no price, so that nobody can tell what a call costs: give it "
        "`price: {prompt: ..., completion: ...}` in USD for a million tokens (0 for a model of your own)."
    )
