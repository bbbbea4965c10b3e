"""The bare client of one model: no retries, no fallbacks, and nothing written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from fr_agents.backends.backend import Backend
from fr_agents.backends.scripted import open_script
from fr_agents.backends.secrets import find_key
from fr_agents.config.models import ModelSettings


@asynccontextmanager
async def open_client(settings: ModelSettings, key: SecretStr | None = None) -> AsyncIterator[Backend]:
    """The client of the one model that ``settings`` name, its connections open until the context ends.

    Fallbacks are left aside; a mix is several models, and has no client.

    Raises:
        PreflightError: the model needs a key and there is none, or its class or its script cannot be used.
        ValueError: the settings name no single model.
    """
    if settings.kind in ("offline", "mix"):
        raise ValueError(f"{settings.title} has no client: open one for each of settings.every()")
    if settings.kind == "scripted":
        yield open_script(settings.model)
        return
    key = key or find_key(settings)
    if settings.kind == "openai":
        from fr_agents.backends.openai import OpenAIBackend  # noqa: PLC0415 - a second to load

        async with OpenAIBackend(settings, key) as client:
            yield client
        return
    from fr_agents.backends.langchain import LangChainBackend  # noqa: PLC0415 - a second to load

    yield LangChainBackend(settings, key)
