"""A chat server on loopback that fails as servers fail: a function decides what each request gets."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Body = dict[str, Any]
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
# Sent on closing: what is still under way is thrown away, and the other side gets a reset.
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Reply:
    """What a request gets. ``end`` says how: ``whole``; half of the body and then a ``reset`` or a quiet ``close``;
    ``hang``, which is no answer as long as the client waits; ``drop``, which is a connection closed without a word."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    end: Literal["whole", "reset", "close", "hang", "drop"] = "whole"

    def ending(self, end: Literal["whole", "reset", "close", "hang", "drop"]) -> Reply:
        return Reply(self.status, self.body, self.headers, end)


def said(finish_reason: str = "stop", **message: Any) -> Reply:
    """An assistant message."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": None, **message}}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}
    return Reply(body=json.dumps(body))


def called(*calls: tuple[str, str], **message: Any) -> Reply:
    """Tool calls: pairs of a name and the text of the arguments."""
    listed = [
        {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]
    return said("tool_calls", tool_calls=listed, **message)


def failed(status: int, message: str, code: str | None = None, **headers: str) -> Reply:
    """An error as OpenAI words it; headers are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": {"message": message, "code": code}}), named)


def forwarded(url: str, body: Body) -> Reply:
    """What the model server at ``url`` answers to a request."""
    request = urllib.request.Request(  # noqa: S310 - an address that the caller gives
        f"{url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return Reply(body=response.read().decode())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read().decode())


class FaultServer:
    """Answers each chat request with ``script(number, body)``, numbers counted from 0.

    It keeps the bodies in the order of arrival, and what requests were authorised with, and counts how many were under
    way at the same time. It can be stopped, as if it had died, and started again at the same address.
    """

    Reply = Reply
    said = staticmethod(said)
    called = staticmethod(called)
    failed = staticmethod(failed)

    def __init__(self) -> None:
        self.script: Callable[[int, Body], Reply] = lambda number, body: said(content="done")
        self.bodies: list[Body] = []
        self.authorizations: set[str] = set()
        self.most_at_once = 0
        self.errors: list[str] = []
        self._at_once = 0
        self._lock = threading.Lock()
        self._http: _Server | None = None
        self._thread: threading.Thread | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/v1"

    @property
    def count(self) -> int:
        """How many chat requests have arrived."""
        return len(self.bodies)

    def plays(self, *replies: Reply) -> None:
        """Give these replies in order, and the last one from then on."""
        self.script = lambda number, body: replies[min(number, len(replies) - 1)]

    def start(self) -> None:
        self._http = _Server(self._port, self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Die: nothing listens any more, and every connection is closed."""
        if self._http is None or self._thread is None:
            return
        self._http.die()
        self._thread.join()
        self._http = None

    @contextmanager
    def arriving(self, body: Body) -> Iterator[Reply]:
        with self._lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield self.script(number, body)
        finally:
            with self._lock:
                self._at_once -= 1


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = False
    request_queue_size = 256

    def __init__(self, port: int, faults: FaultServer) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.faults = faults
        self.dying = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that went away, and connections that were closed under a handler, are what is wanted here."""
        error = sys.exception()
        if not isinstance(error, OSError):
            self.faults.errors.append(repr(error))

    def die(self) -> None:
        self.dying.set()
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # it was closed in this moment
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        listed = {"object": "list", "data": [{"id": "m", "object": "model"}]}
        self._send(Reply(body=json.dumps(listed)))

    def do_POST(self) -> None:
        self.server.faults.authorizations.add(self.headers["authorization"] or "")
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.faults.arriving(body) as reply:
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        if reply.end in ("hang", "drop"):
            if reply.end == "hang":
                self._wait_until_left()
            self.close_connection = True
            return
        if reply.end == "reset" and not reply.body:
            self._reset()
            return
        payload = reply.body.encode()
        self.send_response_only(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        if reply.end == "whole":
            self.wfile.write(payload)
            return
        self.wfile.write(payload[: len(payload) // 2])
        self.close_connection = True
        if reply.end == "reset":
            self._reset()

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()

    def _wait_until_left(self) -> None:
        """Say nothing until the client has closed the connection or the server dies."""
        self.connection.settimeout(0.01)
        while not self.server.dying.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@contextmanager
def running() -> Iterator[FaultServer]:
    server = FaultServer()
    server.start()
    yield server
    server.stop()
    assert server.errors == [], "the script of the test failed, which its client took for a fault"
