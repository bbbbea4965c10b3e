"""Keys: found in the environment or in a ``.env`` file, and kept out of every text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values, find_dotenv
from pydantic import SecretStr

from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError

# What is sent to a server of one's own that wants no key: clients insist on sending some text.
NO_KEY = SecretStr("none")
_MASK = "***"
_SHORTEST_SECRET = 6


def find_key(
    settings: ModelSettings, environment: Mapping[str, str] = os.environ, dotenv: Path | None = None
) -> SecretStr:
    """The key for a model: from the environment, else from ``.env`` (in the working directory or above it).

    The file is read for this one name; nothing of it reaches the process's environment. OpenAI's key goes to OpenAI
    alone, unless the configuration names its variable for another server. A class of LangChain finds its own key where
    neither a server nor a key is named, and a script has none.

    Raises:
        PreflightError: there is none, and the model is not on a server of one's own; or the file is unreadable.
    """
    name = settings.key_variable
    if name is None and settings.kind != "openai" and settings.base_url is None:
        return NO_KEY
    value = (environment.get(name) or _from_dotenv(name, dotenv)) if name is not None else None
    if value and value.strip():
        return SecretStr(value.strip())
    if settings.base_url is not None and is_local(settings.base_url):
        return NO_KEY
    if name is None:
        raise PreflightError(
            f"{settings.model} at {settings.base_url} needs a key: name the environment variable that holds it in "
            "api_key_env. Nothing was started."
        )
    raise PreflightError(
        f"{settings.model} needs a key: {name} is set neither in the environment nor in a .env file. "
        "Nothing was started."
    )


def is_local(url: str) -> bool:
    """Whether a server is on this machine or in a private network, going by its address alone."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost", ".lan"))
    return address.is_loopback or address.is_private or address.is_link_local


def scrubbed(text: str, key: SecretStr) -> str:
    """``text`` without the key, whoever put it there."""
    secret = key.get_secret_value()
    return text.replace(secret, _MASK) if len(secret) >= _SHORTEST_SECRET else text


def _from_dotenv(name: str, path: Path | None) -> str | None:
    found = str(path) if path is not None else find_dotenv(usecwd=True)
    if not found:
        return None
    try:
        return dotenv_values(found, interpolate=False).get(name)
    except (OSError, UnicodeDecodeError) as error:
        raise PreflightError(f"{found} cannot be read: {error}. Nothing was started.") from error
