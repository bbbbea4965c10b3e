"""What the errors of the OpenAI client mean, in words for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

import openai
from pydantic import SecretStr

from fr_agents.backends.faults import BackendFault, FaultKind, UnanswerableRequest
from fr_agents.backends.secrets import NO_KEY, scrubbed
from fr_agents.config.models import ModelSettings

_ONE_REQUEST = (400, 413, 422, 500)
_TOO_LONG = re.compile(
    r"context (?:length|size|window)|context_length|prompt is too long|too many tokens|input tokens exceed",
    re.IGNORECASE,
)
# llama.cpp answers 500 where its own parser cannot read what the model wrote.
_UNREADABLE = re.compile(r"failed to parse (?:input|messages|tool|the model)|parse error at", re.IGNORECASE)
_FILTERED = re.compile(r"content_filter|content_policy|content management policy", re.IGNORECASE)
# Throttling never ends for a request that is larger than what a minute allows.
_TOO_LARGE_FOR_A_MINUTE = re.compile(r"request too large for", re.IGNORECASE)
_NO_MONEY = re.compile(
    r"insufficient_quota|exceeded your current quota|billing_hard_limit|insufficient (?:balance|credits?)"
    r"|credit balance is too low",
    re.IGNORECASE,
)
_TRY_AGAIN = re.compile(r"(?:try again|retry) in (?:(\d+)m(?!s) ?)?(?:(\d+(?:\.\d+)?) ?(ms|s))?", re.IGNORECASE)
# By name, because each HTTP library has its own of the same names.
_BROKEN_OFF = frozenset(
    {"ReadError", "WriteError", "CloseError", "RemoteProtocolError", "ServerDisconnectedError", "ClientPayloadError"}
)
_UNDECODABLE = frozenset({"DecodingError", "ContentEncodingError"})
_LONGEST_DETAIL = 300


def translated(
    error: Exception, where: str, settings: ModelSettings, key: SecretStr
) -> BackendFault | UnanswerableRequest:
    """The fault that ``error`` stands for; its text names model and address, and never holds the key."""
    if _timed_out(error):
        return BackendFault("timeout", where, f"did not answer within {settings.timeout:g} s")
    if isinstance(error, openai.APIConnectionError | OSError) or type(error).__name__ in _BROKEN_OFF:
        return _connection(error, where, key)
    if isinstance(error, openai.APIStatusError):
        return _status(error, where, settings, key)
    return _malformed(str(error), where, key)


def _timed_out(error: Exception) -> bool:
    """Whether it took too long. The transport over aiohttp calls every connection that failed a time-out; what it was
    raised from tells the truth."""
    if not isinstance(error, openai.APITimeoutError | TimeoutError):
        return False
    causes = list(_causes(error))
    broken = any(isinstance(cause, OSError) and not isinstance(cause, TimeoutError) for cause in causes)
    return not broken and not any(type(cause).__name__ in _BROKEN_OFF for cause in causes)


def _malformed(text: str, where: str, key: SecretStr) -> BackendFault:
    detail = scrubbed(_shortened(text), key)
    return BackendFault("malformed", where, f"answered with something that is no chat completion: {detail}")


def _connection(error: Exception, where: str, key: SecretStr) -> BackendFault:
    causes = list(_causes(error))
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return BackendFault("refused", where, "refused the connection")
    names = {type(cause).__name__ for cause in causes}
    text = str(causes[-1]) or type(causes[-1]).__name__
    if names & _UNDECODABLE:
        return _malformed(text, where, key)
    detail = scrubbed(_shortened(text), key)
    if names & _BROKEN_OFF or any(isinstance(cause, ConnectionResetError | BrokenPipeError) for cause in causes):
        return BackendFault("reset", where, f"broke off the connection: {detail}")
    return BackendFault("unreachable", where, f"could not be reached: {detail}")


def _status(
    error: openai.APIStatusError, where: str, settings: ModelSettings, key: SecretStr
) -> BackendFault | UnanswerableRequest:
    status = error.status_code
    said = scrubbed(_said(error), key)
    if status in _ONE_REQUEST and any(cause.search(said) for cause in (_TOO_LONG, _FILTERED, _UNREADABLE)):
        return UnanswerableRequest(f"{where} cannot answer this request ({status}): {said}")
    if status == 429 and _TOO_LARGE_FOR_A_MINUTE.search(said):
        return UnanswerableRequest(f"{where} cannot answer this request ({status}): {said}")
    retry_after = _retry_after(error.response.headers)
    if status == 429 and retry_after is None:
        retry_after = _said_wait(said)
    kind = _kind(status, said, asks_to_wait=retry_after is not None)
    text = {
        "authentication": f"did not accept {_which_key(settings, key)} ({status}): {said}",
        "permission": f"does not permit this ({status}): {said}",
        "unknown_model": f"does not know the model, or has nothing at this address ({status}): {said}",
        "quota": f"has no quota left for this key ({status}): {said}",
        "rate_limit": f"is throttling ({status}): {said}",
        "server": f"failed ({status}): {said}",
    }.get(kind, f"refused the request ({status}): {said}")
    return BackendFault(kind, where, text, retry_after)


def _kind(status: int, said: str, *, asks_to_wait: bool) -> FaultKind:
    no_money = bool(_NO_MONEY.search(said))
    if status == 429:
        # Some call a minute's allowance a quota, too; but nobody asks to wait for money.
        spent = "insufficient_quota" in said or (no_money and not asks_to_wait)
        return "quota" if spent else "rate_limit"
    if status == 400 and no_money:
        return "quota"
    if status in (408, 409, 425) or status >= 500:
        return "server"
    kinds: dict[int, FaultKind] = {401: "authentication", 403: "permission", 404: "unknown_model", 402: "quota"}
    if status == 400 and re.search(r"model.{0,80}(?:not found|does not exist|not exist)", said, re.IGNORECASE):
        return "unknown_model"
    return kinds.get(status, "bad_request")


def _which_key(settings: ModelSettings, key: SecretStr) -> str:
    if key.get_secret_value() == NO_KEY.get_secret_value():
        named = settings.key_variable
        return f"a request without a key ({f'{named} is not set' if named else 'api_key_env names none'})"
    return f"the key in {settings.key_variable}"


def _said(error: openai.APIStatusError) -> str:
    """What the server said, as far as it fits a line."""
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        message = inner.get("message", inner) if isinstance(inner, dict) else inner
        code = inner.get("code") if isinstance(inner, dict) else None
        text = message if isinstance(message, str) else json.dumps(message, default=str)
        return _shortened(f"{text} [{code}]" if isinstance(code, str) else text)
    return _shortened(str(body or error.message))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_DETAIL else line[:_LONGEST_DETAIL] + " ..."


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait. A date is compared with the server's own, so no clock is read."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    if text is None or (seconds := _number(text)) is not None:
        return seconds if text is not None else None
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])
    except (ValueError, KeyError, TypeError):
        return None
    return max(0.0, wait.total_seconds())


def _said_wait(said: str) -> float | None:
    """Seconds that the text of a refusal asks to wait: ``try again in 1m2.5s``, ``retry in 300ms``."""
    found = _TRY_AGAIN.search(said)
    if found is None or not (found[1] or found[2]):
        return None
    seconds = float(found[2] or 0) / (1000 if found[3] == "ms" else 1)
    return 60.0 * int(found[1] or 0) + seconds


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,9}(\.\d+)?", text.strip()) else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that led to it, members of groups too."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
    cause = error.__cause__ or error.__context__
    if cause is not None:
        yield from _causes(cause)
