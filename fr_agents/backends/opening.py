"""From the settings of a model to a backend that is ready for a run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from fr_agents.backends.backend import Backend
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.backends.retrying import RetryingBackend
from fr_agents.backends.secrets import find_key
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.backends.watching import WatchedBackend
from fr_agents.config.models import ModelSettings


@asynccontextmanager
async def open_backend(settings: ModelSettings, key: SecretStr | None = None) -> AsyncIterator[Backend]:
    """The model that ``settings`` name, with retries, its connections open until the context ends.

    Raises:
        PreflightError: it needs a key and there is none.
    """
    async with OpenAIBackend(settings, key or find_key(settings)) as client:
        # Watched below the tools in text, so that what is seen is what the model reads.
        watched = WatchedBackend(RetryingBackend(client, settings.retries + 1))
        yield TextToolsBackend(watched) if settings.tools == "text" else watched
