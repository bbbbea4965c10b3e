"""Tries each model before anything is started or written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import SecretStr

from fr_agents.backends.backend import Backend, Request
from fr_agents.backends.clients import open_client
from fr_agents.backends.faults import BackendFault, FaultKind, UnanswerableRequest
from fr_agents.backends.pacing.timing import Timing
from fr_agents.backends.secrets import find_key
from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError
from tools.base import canonical_json

# A model that reasons needs a few tokens before it says anything; the answer itself does not matter.
_TINY = Request(messages=({"role": "user", "content": "Say ready."},), max_tokens=16)
_ADVICE = {
    "refused": "Is the server running?",
    "unreachable": "Is the address right?",
    "timeout": "Is the server overloaded, or `timeout` too short?",
    "unknown_model": "Check the model's name, and that base_url ends where the server's API begins (often /v1).",
    "malformed": "Does base_url end where the server's API begins (often /v1)?",
}
# What passes by itself often enough. Somebody waits at the terminal, so the waits are short, and no more than two
# time-outs are waited for.
_TRIES: dict[FaultKind, int] = {"refused": 3, "unreachable": 3, "reset": 4, "server": 4, "timeout": 2}
_FIRST_WAIT = 0.5
_LONGEST_RETRY_AFTER = 5.0


async def preflight(
    models: Iterable[ModelSettings],
    key_of: Callable[[ModelSettings], SecretStr] = find_key,
    timing: Timing | None = None,
) -> None:
    """Make one tiny completion with each different model, fallbacks and members of mixes too; offline ones need none.

    A script is only read: what it is asked is its own business. Throttling passes: the model is there, and whoever runs
    it will wait. What may be a hiccup of the server or the network is tried again a few times, for some seconds.

    Args:
        models: Those that will be asked.
        key_of: Finds a model's key.
        timing: What waits between two tries, and draws for how long.

    Raises:
        PreflightError: a key is missing, or a model cannot be reached, does not exist, or does not let us in.
    """
    tried: set[tuple[str, str | None, str | None, str]] = set()
    for settings in (single for several in models for single in several.every()):
        same = (settings.model, settings.base_url, settings.key_variable, canonical_json(settings.parameters))
        if settings.offline or same in tried:
            continue
        tried.add(same)
        await _try(settings, key_of(settings), timing or Timing())


async def _try(settings: ModelSettings, key: SecretStr, timing: Timing) -> None:
    async with open_client(settings, key) as backend:
        if settings.kind == "scripted":
            return
        try:
            await _ask(backend, timing)
        except UnanswerableRequest:
            return
        except BackendFault as fault:
            if fault.kind == "rate_limit" or "output limit was reached" in fault.detail:
                return
            problem = f"{fault.where} {fault.detail.rstrip('.')}."
            text = " ".join(part for part in (problem, _ADVICE.get(fault.kind), "Nothing was started.") if part)
        else:
            return
    raise PreflightError(text)


async def _ask(backend: Backend, timing: Timing) -> None:
    """Ask until there is an answer, or no hope of one. Raises what the last try ended with; a fault that did not pass
    says how often it was tried."""
    tries = 0
    while True:
        tries += 1
        try:
            await backend.complete(_TINY)
        except BackendFault as fault:
            wait = max(timing.jitter.uniform(0.0, _FIRST_WAIT * 2 ** (tries - 1)), fault.retry_after or 0.0)
            if tries >= _TRIES.get(fault.kind, 1) or wait > _LONGEST_RETRY_AFTER:
                raise _told(fault, tries) from fault
        else:
            return
        await timing.sleep(wait)


def _told(fault: BackendFault, tries: int) -> BackendFault:
    if tries == 1:
        return fault
    return BackendFault(fault.kind, fault.where, f"{fault.detail.rstrip('.')} (tried {tries} times)")
