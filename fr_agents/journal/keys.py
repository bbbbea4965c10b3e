"""What makes two calls of a model the same call."""

from __future__ import annotations

import hashlib
import json

from fr_agents.backends.backend import Request
from fr_agents.backends.calling import Caller
from fr_agents.config.models import ModelSettings
from tools.base import JsonObject

# How a model is reached, how patiently, and what it costs: nothing of that shapes an answer.
_NEUTRAL = {"api_key_env", "timeout", "retries", "price", "requests_per_minute", "tokens_per_minute"}
_NESTED = ("fallbacks", "mix")


def shaping(settings: ModelSettings) -> JsonObject:
    """What of a model's settings shapes its answers, and those of the models that may answer in its place. A setting
    that is not known to be neutral counts as shaping: an answer is bought again rather than given wrongly."""
    data = settings.model_dump(mode="json", exclude=_NEUTRAL)
    for name in _NESTED:
        if data.get(name):
            data[name] = [shaping(inner) for inner in getattr(settings, name)]
    return data


def request_key(caller: Caller, request: Request, shaped: str) -> str:
    """The key of a call: its job, role and logical step, and a hash of the request and of the settings behind it.

    The step keeps apart calls that send the same request on purpose. The order of keys in messages and schemas counts,
    since it is the order in which a model reads and writes them.

    Args:
        caller: Who calls; it has a job.
        request: What is sent.
        shaped: ``shaping_text`` of the model's settings.
    """
    asked = None if request.output is None else [request.output.name, request.output.json_schema]
    text = json.dumps([request.messages, request.tools, asked, request.max_tokens])
    hashed = hashlib.sha256(f"{shaped}\n{text}".encode()).hexdigest()
    return f"{caller.job}/{caller.role}/{caller.step}/{hashed}"


def shaping_text(settings: ModelSettings) -> str:
    """``shaping`` as one line of text, to be made once for each model."""
    return json.dumps(shaping(settings), sort_keys=True)
