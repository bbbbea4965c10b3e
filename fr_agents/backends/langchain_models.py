"""Makes the chat models of LangChain that a configuration names: by their class, or by a provider's name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from pydantic import BaseModel, SecretStr

from fr_agents.backends.secrets import NO_KEY, scrubbed
from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError
from tools.base import JsonObject

_LONGEST_DETAIL = 300


def make_chat_model(settings: ModelSettings, key: SecretStr) -> BaseChatModel:
    """The chat model that ``settings`` name, which makes no retries of its own where its class can be told so.

    Raises:
        PreflightError: its module or class is not there, it is no chat model, or it does not take what it is given.
    """
    given = _given(settings, key)
    if settings.kind == "provider":
        return _built(settings, key, lambda: _by_provider(settings, given))
    made = _class(settings)
    return _built(settings, key, lambda: made(**_taken(made, settings, given)))


def secrets_of(model: BaseChatModel) -> list[SecretStr]:
    """The secrets that a chat model holds, also those that it found by itself."""
    return [value for value in vars(model).values() if isinstance(value, SecretStr)]


def _given(settings: ModelSettings, key: SecretStr) -> JsonObject:
    """What the configuration says, in the names that LangChain gives it; nothing for what it leaves open.

    A class that is sent to another server gets some text for a key: it would take its provider's from the environment.
    """
    named = {
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "timeout": settings.timeout,
        "max_retries": 0,
        "cache": False,
        "base_url": settings.base_url,
        "api_key": None if key is NO_KEY and settings.base_url is None else key,
    }
    return {name: value for name, value in named.items() if value is not None}


def _taken(made: type[BaseChatModel], settings: ModelSettings, given: JsonObject) -> JsonObject:
    """What of it the class takes. What the configuration asked for by name must not go unheard; the rest may."""
    names = _parameters(made)
    asked = {
        name for name in ("temperature", "base_url", "api_key") if name in given and given[name] is not NO_KEY
    } - names
    if asked:
        key = "api_key_env" if "api_key" in asked else min(asked)
        raise PreflightError(
            f"{settings.model} takes no {min(asked)}: leave {key} out, or give it under the class's own name in "
            "parameters. Nothing was started."
        )
    return {name: value for name, value in given.items() if name in names} | settings.parameters


def _parameters(made: type[BaseModel]) -> set[str]:
    """The names of a class's fields, and their aliases."""
    fields = made.model_fields
    return set(fields) | {field.alias for field in fields.values() if field.alias is not None}


def _class(settings: ModelSettings) -> type[BaseChatModel]:
    module, _, name = settings.model.partition(":")
    try:
        made = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise PreflightError(
            f"{settings.model}: {module} cannot be imported ({error}). Install it (pip install {package}), or put it "
            "on the import path. Nothing was started."
        ) from error
    if not isinstance(made, type) or not issubclass(made, BaseChatModel):
        what = "there is no such class" if made is None else "it is no chat model of LangChain (BaseChatModel)"
        raise PreflightError(f"{settings.model}: {what}. Nothing was started.")
    return made


def _by_provider(settings: ModelSettings, given: JsonObject) -> BaseChatModel:
    try:
        chat_models = importlib.import_module("langchain.chat_models")
    except ImportError as error:
        raise PreflightError(
            f"{settings.model}: a provider's name needs the package langchain: pip install langchain, and the package "
            "of the provider. Nothing was started."
        ) from error
    model = chat_models.init_chat_model(settings.model, **given, **settings.parameters)
    if not isinstance(model, BaseChatModel):
        raise PreflightError(f"{settings.model}: it is no chat model. Nothing was started.")
    return model


def _built(settings: ModelSettings, key: SecretStr, build: Callable[[], Any]) -> BaseChatModel:
    """What ``build`` makes. The error of a class may show all that it was given, so that it is not passed on whole."""
    try:
        model: BaseChatModel = build()
    except PreflightError:
        raise
    except Exception as error:  # noqa: BLE001 - a class of anyone's may raise anything
        said = scrubbed(" ".join(str(error).split()), key)[:_LONGEST_DETAIL]
        problem = f"{settings.model} cannot be made ({type(error).__name__}): {said.rstrip('.')}. Nothing was started."
    else:
        return model
    raise PreflightError(problem)
