"""Which models a configuration names, what for, and what each one must be able to do."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.config.models import ROLE_NAMES, ModelSettings, RoleName
from fr_agents.config.run import RunConfig
from tools.base import Record, canonical_json

# What decides how a model is asked, rather than who it is: the same model is examined once, whatever it is set to.
_HOW = {"output", "tools", "retries", "timeout", "price", "requests_per_minute", "tokens_per_minute"}


class Use(Record):
    """One key of the configuration by which roles get a model, and what those roles need: tool calls, answers in
    JSON, or neither."""

    key: str
    roles: tuple[RoleName, ...]
    settings: ModelSettings

    def needs_tools(self, mode: str) -> bool:
        """Whether tools are called with it; in ``mode`` plan they stand in an answer in JSON."""
        return "reasoning" in self.roles and mode != "plan"

    def needs_output(self, mode: str) -> bool:
        """Whether JSON is asked for; by tools in text too."""
        plain = {"rewriting"} if mode == "plan" else {"rewriting", "reasoning"}
        return bool(set(self.roles) - plain) or (self.needs_tools(mode) and self.settings.tools == "text")


class Subject(Record):
    """A model to be examined, with all its uses. It is asked with the settings of the first one."""

    uses: tuple[Use, ...]

    @property
    def settings(self) -> ModelSettings:
        return self.uses[0].settings

    def told(self) -> str:
        """``openai/local at http://127.0.0.1:8092/v1``."""
        address = self.settings.base_url
        return f"{self.settings.model} at {address}" if address else self.settings.model


def subjects(config: RunConfig) -> list[Subject]:
    """Each different model that the configuration calls, in the order of the roles. Rules and scripts
    are left out: what those can do is written in them."""
    grouped: dict[str, list[Use]] = {}
    for use in _uses(config):
        same = canonical_json(use.settings.model_dump(mode="json", exclude=_HOW))
        grouped.setdefault(same, []).append(use)
    return [Subject(uses=tuple(uses)) for uses in grouped.values()]


def _uses(config: RunConfig) -> Iterator[Use]:
    roles: dict[str, list[RoleName]] = {}
    for role in ROLE_NAMES:
        if not config.models.for_role(role).offline:
            roles.setdefault(_key(config, role), []).append(role)
    for key, names in roles.items():
        for place, settings in _singles(key, config.models.for_role(names[0])):
            if settings.kind != "scripted":
                yield Use(key=place, roles=tuple(names), settings=settings)


def _singles(key: str, settings: ModelSettings) -> Iterator[tuple[str, ModelSettings]]:
    """Each single model below a key, which may be mixed or have fallbacks, with the key of its own."""
    if not settings.mix:
        yield key, settings.alone()
    for name, members in (("mix", settings.mix), ("fallbacks", settings.fallbacks)):
        for index, member in enumerate(members):
            yield from _singles(f"{key}.{name}.{index}", member)


def _key(config: RunConfig, role: RoleName) -> str:
    """The key that a role's model stands under."""
    if getattr(config.models, role) is not None:
        return f"models.{role}"
    return _key(config, "reasoning") if role == "rewriting" else "models.default"
