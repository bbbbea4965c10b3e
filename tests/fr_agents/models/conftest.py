"""Models whose answers a test writes: a function, and a server on loopback that speaks chat completions."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.scripted import ScriptedBackend


class ModelServer:
    """Gives the scripted answers in order, the last one again and again, and keeps the requests that it got."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.authorizations: list[str | None] = []
        self._answers: deque[tuple[int, dict[str, str], str]] = deque()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def message(self, finish_reason: str = "stop", **message: Any) -> None:
        """Answer with an assistant message."""
        choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", **message}}
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
        self.body(json.dumps(body))

    def calls(self, *calls: tuple[str, Any], **message: Any) -> None:
        """Answer with tool calls: pairs of a name and the text of the arguments."""
        listed = [
            {"id": f"c{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(calls)
        ]
        self.message("tool_calls", **{"content": None, "tool_calls": listed, **message})

    def error(self, status: int, message: str, code: str | None = None, **headers: str) -> None:
        """Answer with an error as OpenAI words it."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body(json.dumps({"error": {"message": message, "code": code}}), status, **named)

    def body(self, text: str, status: int = 200, **headers: str) -> None:
        """Answer with any body."""
        self._answers.append((status, headers, text))

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                server.requests.append(json.loads(self.rfile.read(length)))
                server.authorizations.append(self.headers.get("authorization"))
                answers = server._answers
                status, headers, text = answers.popleft() if len(answers) > 1 else answers[0]
                self.send_response_only(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                payload = text.encode()
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
                """Stay quiet."""

        return Handler


class ScriptedModel:
    """Says its answers in order and keeps what it was asked."""

    def __init__(self, *answers: Answer | str | Exception) -> None:
        self.asked: list[Request] = []
        self._answers = list(answers)

    def backend(self) -> ScriptedBackend:
        return ScriptedBackend(self._answer, "openai/scripted")

    def shown(self, index: int = 0) -> str:
        """All text of a request."""
        return "\n".join(str(message["content"]) for message in self.asked[index].messages)

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Answer(text=answer) if isinstance(answer, str) else answer


@pytest.fixture
def script() -> type[ScriptedModel]:
    """Makes a model that gives the answers that it is made with."""
    return ScriptedModel


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = server.start()
    yield server
    server.stop()
    thread.join()


@pytest.fixture
def unused_url() -> str:
    """An address on this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
