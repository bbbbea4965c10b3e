"""Parameters that go to a model as they are: checked for what has a key of its own, and for secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tools.base import Json

# What stands in the way of the keys of a model, by the key that is meant.
_NAMED = {
    "temperature": "temperature",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "timeout": "timeout",
    "request_timeout": "timeout",
    "max_retries": "retries",
    "base_url": "base_url",
    "response_format": "output",
    "model": "model",
}
# What a request itself is made of, and what would change the form of the answer.
_OWN = frozenset({"messages", "tools", "tool_choice", "functions", "function_call", "stream", "stream_options", "n"})
_OWN_OF_CLASSES = frozenset({"callbacks", "streaming", "n", "cache"})
_SECRET = re.compile(
    r"(apikey|accesskey|accesskeyid|secret|secretkey|privatekey|token|password|passwd|passphrase|authorization|bearer"
    r"|credentials?|headers?)$"
)


def check_parameters(parameters: Mapping[str, Json], *, constructor: bool) -> None:
    """Refuse parameters that have a key of their own, that a request sets itself, or that may hold a secret.

    Args:
        parameters: The parameters.
        constructor: Whether they go to a class, which also takes its model's name from them, and not to a server.

    Raises:
        ValueError: one of them is refused; no value is repeated.
    """
    for where in _secret_keys(parameters, ""):
        raise ValueError(
            f"{where}: no key or header may stand here; name the key's environment variable in api_key_env"
        )
    for name in parameters:
        if name in _NAMED and not (constructor and name == "model"):
            raise ValueError(f"{name}: has a key of its own, {_NAMED[name]}")
        if name in (_OWN_OF_CLASSES if constructor else _OWN):
            raise ValueError(f"{name}: is no choice of a configuration")
        if name == "extra_body" and not constructor:
            raise ValueError("extra_body: write what is in it without it")


def _secret_keys(value: Json, where: str) -> Iterator[str]:
    """The dotted keys that secrets have, in any spelling, whatever is in them."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            path = f"{where}.{key}" if where else str(key)
            if _SECRET.search(re.sub(r"[^a-z0-9]", "", str(key).lower())):
                yield path
            yield from _secret_keys(item, path)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _secret_keys(item, f"{where}.{index}")
