"""What the models of each role cost, as far as the configuration tells."""

from __future__ import annotations

from collections.abc import Callable

from fr_agents.config.models import ROLE_NAMES, ModelSettings, ModelsSettings, Price


def prices_by_role(models: ModelsSettings) -> dict[str, Price]:
    """The prices of the roles that have one: a mix that of its members by their weights, if each of them has one, and
    a model with fallbacks its own."""
    found = {role: _price(models.for_role(role)) for role in ROLE_NAMES}
    return {role: price for role, price in found.items() if price is not None}


def _price(settings: ModelSettings) -> Price | None:
    if not settings.mix:
        return settings.price
    priced = [(member.weight, price) for member in settings.mix if (price := _price(member)) is not None]
    if len(priced) < len(settings.mix):
        return None
    whole = sum(weight for weight, _ in priced)

    def mean(of: Callable[[Price], float]) -> float:
        return sum(weight * of(price) for weight, price in priced) / whole

    return Price(
        prompt=mean(lambda price: price.prompt),
        completion=mean(lambda price: price.completion),
        cached=mean(lambda price: price.prompt if price.cached is None else price.cached),
    )
