"""What decides a run's records, and how a configuration is written down."""

from __future__ import annotations

from fr_agents.config.models import ROLE_NAMES, ModelSettings
from fr_agents.config.run import RunConfig
from tools.base import JsonObject, digest

# How often and how patiently a model is asked, under which key, how many records are wanted and how many are made at
# the same time: none of it changes what job n gives. A profile counts by the keys that it has filled in.
_NEUTRAL = {"name", "profile", "count", "limits", "checkpoint", "journal", "log", "models"}
_NEUTRAL_OF_MODEL = {"api_key_env", "timeout", "retries", "price", "requests_per_minute", "tokens_per_minute"}
# They count where they are given: a model without them is what it was before there were any.
_OPTIONAL_OF_MODEL = {"parameters", "fallbacks", "mix", "weight"}


def configuration_hash(config: RunConfig) -> str:
    """Equal for configurations whose job n is the same job; a role's model counts however it was named."""
    deciding = config.model_dump(mode="json", exclude=_NEUTRAL)
    deciding["prompts"] = {name: digest(file.text) for name, file in config.prompts.items()}  # wherever it was read
    deciding["models"] = {role: _deciding(config.models.for_role(role)) for role in ROLE_NAMES}
    return digest(deciding)


def _deciding(model: ModelSettings) -> JsonObject:
    """What of a model, its fallbacks and its mix decides what it answers."""
    given: JsonObject = {
        "parameters": model.parameters,
        "fallbacks": [_deciding(fallback) for fallback in model.fallbacks],
        "mix": [{**_deciding(member), "weight": member.weight} for member in model.mix],
    }
    plain = model.model_dump(mode="json", exclude=_NEUTRAL_OF_MODEL | _OPTIONAL_OF_MODEL)
    return plain | {name: value for name, value in given.items() if value}


def resolved(config: RunConfig) -> JsonObject:
    """The whole configuration with its defaults, as ``run.yaml`` holds it. A configuration holds no secret."""
    return config.model_dump(mode="json")
