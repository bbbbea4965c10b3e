"""What the errors of LangChain's chat models mean. Each provider has its own; they share statuses, and names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace

import openai
from pydantic import SecretStr

from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai_faults import translated
from fr_agents.backends.secrets import NO_KEY, scrubbed
from fr_agents.config.models import ModelSettings

# By name, because each library has its own of the same names, and LangChain's newer ones are not in every version.
_UNREACHABLE = frozenset(
    {"APIConnectionError", "ModelConnectionError", "ConnectError", "ConnectionError", "ReadError", "WriteError"}
    | {"RemoteProtocolError", "ClientConnectionError", "ServerDisconnectedError", "EndpointConnectionError"}
)
_STATUSES = {
    "ModelInvalidRequestError": 400,
    "ModelAuthenticationError": 401,
    "ModelPermissionDeniedError": 403,
    "ModelNotFoundError": 404,
    "ModelRateLimitError": 429,
    "ModelAPIError": 500,
}
_LONGEST_DETAIL = 300


def fault_of(
    error: Exception, where: str, settings: ModelSettings, key: SecretStr, secrets: Sequence[SecretStr] = ()
) -> BackendFault | UnanswerableRequest:
    """The fault that ``error`` stands for. An error that nothing is known of is not tried again: it would fail as often
    as it is tried.

    Args:
        error: What the chat model raised.
        where: The model and its address.
        settings: How it is asked.
        key: The key that the configuration names.
        secrets: Others that the model found by itself; no text holds one of them.
    """
    found = _translated(error, where, settings, key)
    if isinstance(found, BackendFault):
        return BackendFault(found.kind, where, _clean(found.detail, (key, *secrets)), found.retry_after)
    return UnanswerableRequest(_clean(str(found), (key, *secrets)))


def _translated(
    error: Exception, where: str, settings: ModelSettings, key: SecretStr
) -> BackendFault | UnanswerableRequest:
    said = _shortened(str(error) or type(error).__name__)
    status = _status(error)
    if "ContextOverflowError" in _names(error):
        return UnanswerableRequest(f"{where} cannot answer this request: {said}")
    if status == 401 and key is NO_KEY:
        return BackendFault("authentication", where, f"did not accept the key that its class found (401): {said}")
    if isinstance(error, openai.OpenAIError):
        return translated(error, where, settings, key)
    if status is not None:
        return translated(_StatusError(error, status), where, settings, key)
    return _unknown(error, where, settings, said)


def _unknown(error: Exception, where: str, settings: ModelSettings, said: str) -> BackendFault:
    """An error without a status, by what it is called and by what led to it."""
    for cause in _causes(error):
        names = _names(cause)
        if any("Timeout" in name for name in names):
            return BackendFault("timeout", where, f"did not answer within {settings.timeout:g} s")
        if isinstance(cause, ConnectionRefusedError):
            return BackendFault("refused", where, "refused the connection")
        if names & _UNREACHABLE and cause.__cause__ is None:
            return BackendFault("unreachable", where, f"could not be reached: {said}")
    if "OutputParserException" in _names(error):
        return BackendFault("malformed", where, f"answered with something that is no message: {said}")
    if isinstance(error, NotImplementedError):
        detail = f"cannot do what it is asked for ({said}): try tools: text, and output: text"
        return BackendFault("bad_request", where, detail)
    return BackendFault("bad_request", where, f"failed with {type(error).__name__}: {said}")


class _StatusError(openai.APIStatusError):
    """Another library's error as OpenAI's client would raise it, so that one place knows what servers say."""

    def __init__(self, error: Exception, status: int) -> None:
        Exception.__init__(self, str(error))
        headers = getattr(getattr(error, "response", None), "headers", None)
        items = headers.items() if isinstance(headers, Mapping) else ()
        body = getattr(error, "body", None)
        self.message = str(error)
        self.status_code = status
        self.body = body if isinstance(body, dict) else None
        self.response = SimpleNamespace(headers={str(name).lower(): str(value) for name, value in items})  # type: ignore[assignment]


def _status(error: Exception) -> int | None:
    """The HTTP status that an error carries, wherever its library puts it."""
    response = getattr(error, "response", None)
    for found in (getattr(error, "status_code", None), getattr(response, "status_code", None), _code(error)):
        if isinstance(found, int) and 400 <= found < 600:
            return int(found)
    return next((_STATUSES[name] for name in _STATUSES if name in _names(error)), None)


def _code(error: Exception) -> object:
    code = getattr(error, "code", None)
    return getattr(error, "status", None) if not isinstance(code, int) else code


def _names(error: BaseException) -> frozenset[str]:
    return frozenset(kind.__name__ for kind in type(error).__mro__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, and what led to it."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _clean(text: str, secrets: Sequence[SecretStr]) -> str:
    for secret in secrets:
        text = scrubbed(text, secret)
    return text


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_DETAIL else line[:_LONGEST_DETAIL] + " ..."
