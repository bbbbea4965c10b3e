"""Which kind of fault it is, from what a server does and says."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from fr_agents.backends.backend import Request
from fr_agents.backends.faults import BackendFault, UnanswerableRequest
from fr_agents.backends.openai import OpenAIBackend
from fr_agents.config.models import ModelSettings

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@contextmanager
def answering(payload: bytes, *, reset: bool) -> Iterator[str]:
    """A server that sends this to the first who asks, and hangs up, or resets the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                _read_request(connection)
                connection.sendall(payload)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        thread.join()


def _read_request(connection: socket.socket) -> None:
    """All of it: to hang up with something unread is a reset."""
    with connection.makefile("rb") as stream:
        length = 0
        while (line := stream.readline()).strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)


async def raised(url: str) -> BackendFault | UnanswerableRequest:
    settings = ModelSettings(model="openai/m", base_url=url, timeout=20.0)
    async with OpenAIBackend(settings, SecretStr("none")) as backend:
        with pytest.raises((BackendFault, UnanswerableRequest)) as caught:
            await backend.complete(Request(messages=({"role": "user", "content": "hello"},)))
    return caught.value


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        HEAD[:20],
        HEAD + b'content-length: 500\r\n\r\n{"choices": [',
        HEAD + b'transfer-encoding: chunked\r\n\r\nfff\r\n{"choices": [',
    ],
)
async def test_a_connection_that_breaks_off(payload: bytes, reset: bool) -> None:
    with answering(payload, reset=reset) as url:
        fault = await raised(url)
    assert isinstance(fault, BackendFault)
    assert (fault.kind, fault.transient, fault.shows_life) == ("reset", True, False)
    assert str(fault).startswith(f"openai/m at {url} broke off the connection: ")


@pytest.mark.parametrize(
    "payload",
    [
        HEAD + b'connection: close\r\n\r\n{"choices": [',
        HEAD + b"content-length: 0\r\n\r\n",
        HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
async def test_a_body_that_is_no_completion(payload: bytes) -> None:
    with answering(payload, reset=False) as url:
        fault = await raised(url)
    assert isinstance(fault, BackendFault)
    assert (fault.kind, fault.transient, fault.shows_life) == ("malformed", True, False)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Rate limit reached for m. Please try again in 1m2.5s.", 62.5),
        ("Rate limit reached for m. Please try again in 300ms.", 0.3),
        ("You exceeded your current quota. Please retry in 35.5s.", 35.5),
        ("Please try again in a while.", None),
    ],
)
async def test_how_long_to_wait_is_also_read_from_the_text(model_server: Any, said: str, seconds: float | None) -> None:
    model_server.error(429, said)
    fault = await raised(model_server.url)
    assert isinstance(fault, BackendFault)
    assert (fault.kind, fault.retry_after) == ("rate_limit", seconds)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (429, "You exceeded your current quota, please check your plan.", "insufficient_quota"),
        (429, "You exceeded your current quota, please check your plan.", None),
        (400, "Your credit balance is too low to access the API.", None),
        (402, "Insufficient Balance", None),
    ],
)
async def test_no_money_is_waited_for_by_nobody(model_server: Any, status: int, said: str, code: str | None) -> None:
    model_server.error(status, said, code)
    fault = await raised(model_server.url)
    assert isinstance(fault, BackendFault)
    assert (fault.kind, fault.transient) == ("quota", False)


async def test_a_request_larger_than_a_minute_allows_is_never_answered(model_server: Any) -> None:
    model_server.error(429, "Request too large for m on tokens per min (TPM): Limit 30000, Requested 40000.")
    assert isinstance(await raised(model_server.url), UnanswerableRequest)


@pytest.mark.parametrize(
    ("make", "shows_life"),
    [
        (lambda: BackendFault("rate_limit", "m", "is throttling"), True),
        (lambda: BackendFault("server", "m", "failed"), False),
        (lambda: BackendFault("outage", "m", "has not answered"), False),
    ],
)
def test_what_shows_that_a_server_is_there(make: Callable[[], BackendFault], shows_life: bool) -> None:
    assert make().shows_life is shows_life
