"""What a server calls the models that it serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import PurePath

import openai

from fr_agents.backends.openai import OPENAI_URL, PREFIX
from fr_agents.backends.secrets import find_key, scrubbed
from fr_agents.config.models import ModelSettings

Naming = Callable[[ModelSettings], Awaitable[tuple[str, ...]]]

_LONGEST_WAIT = 30.0


async def served_models(settings: ModelSettings) -> tuple[str, ...]:
    """The models that a server names when it is asked for them; none where it does not tell, which many do not."""
    if settings.kind != "openai":
        return ()
    key = find_key(settings)
    url = settings.base_url or OPENAI_URL
    timeout = min(settings.timeout, _LONGEST_WAIT)
    async with openai.AsyncOpenAI(
        base_url=url, api_key=key.get_secret_value(), max_retries=0, timeout=timeout
    ) as client:
        try:
            page = await client.models.list()
            names = [model.id for model in page.data]
        except (openai.OpenAIError, ValueError, LookupError, TypeError, AttributeError):
            return ()
    return tuple(scrubbed(name, key) for name in names if isinstance(name, str))


def told_names(settings: ModelSettings, names: tuple[str, ...]) -> str:
    """What the server calls the model, for a person; empty where it does not tell or says the same."""
    asked = settings.model.removeprefix(PREFIX)
    if not names or asked in names:
        return ""
    if len(names) == 1:
        return f"the server calls it {PurePath(names[0]).name}"
    return f"not among the {len(names)} models that the server names"
