"""A chat endpoint that answers as the model by rules does, after a latency that is part of its address.

Run as a process; the first line of its output is its address. ``ADDRESS/LATENCY/v1`` is where a model is asked, and
``ADDRESS/stats`` tells what it has done. What was asked before is answered from memory, whatever the latency.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import time

from benchmarks.rule_model import answer, asked, completion
from tools.base import JsonObject

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: keep-alive\r\n\r\n"
_LENGTH = b"content-length:"


class RuleEndpoint:
    """Answers, and counts what it answers."""

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}
        self._answered = 0
        self._in_flight = 0
        self._most = 0
        self._late = 0.0
        self._served = 0.0
        self._changed = time.monotonic()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until it is closed."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                if path == "/stats":
                    said = json.dumps(self.stats()).encode()
                else:
                    said = await self._answer(path, await reader.readexactly(_length(head)))
                writer.write(_HEAD % len(said) + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def stats(self) -> JsonObject:
        """What it has done so far, and when. ``late`` are the seconds beyond the latency of all answers together,
        ``served`` the seconds for which calls were in flight, all of them together, and ``most`` is the most in flight
        since the last look."""
        self._changes_by(0)
        most, self._most = self._most, self._in_flight
        return {
            "now": time.monotonic(),
            "cpu": time.process_time(),
            "answered": self._answered,
            "in_flight": self._in_flight,
            "most": most,
            "late": self._late,
            "served": self._served,
        }

    def _changes_by(self, calls: int) -> None:
        """So many more are in flight from now on."""
        now = time.monotonic()
        self._served += self._in_flight * (now - self._changed)
        self._changed = now
        self._in_flight += calls
        self._most = max(self._most, self._in_flight)

    async def _answer(self, path: str, body: bytes) -> bytes:
        due = time.monotonic() + float(path.split("/")[1])
        self._changes_by(1)
        try:
            said = self._known_answer(body)
            await asyncio.sleep(due - time.monotonic())
        finally:
            self._changes_by(-1)
        self._late += time.monotonic() - due
        self._answered += 1
        return said

    def _known_answer(self, body: bytes) -> bytes:
        key = hashlib.sha256(body).digest()
        if key not in self._known:
            self._known[key] = json.dumps(completion(answer(asked(json.loads(body))))).encode()
        return self._known[key]


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(_LENGTH) + len(_LENGTH)
    return int(lowered[start : lowered.index(b"\r\n", start)])


async def serve() -> None:
    """Answer until the process is killed."""
    server = await asyncio.start_server(RuleEndpoint().handle, "127.0.0.1", 0, backlog=4096)
    address = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{address[0]}:{address[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int, required=True)
    os.sched_setaffinity(0, {parser.parse_args().core})
    asyncio.run(serve())
