"""A chat endpoint that answers every request with the same 150 tokens after a fixed time, on a core of its own.

Run as a process; the first line of its output is its address.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys

_ANSWER = {"reason": "word " * 140, "verdict": "good"}
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: keep-alive\r\n\r\n"


def body() -> bytes:
    """The completion: a JSON object of about 150 tokens, which every schema of the benchmark accepts."""
    message = {"role": "assistant", "content": json.dumps(_ANSWER)}
    completion = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "fixed",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 800, "completion_tokens": 150, "total_tokens": 950},
    }
    return json.dumps(completion).encode()


async def serve(latency: float) -> None:
    """Answer until the process is killed."""
    answer = body()
    whole = _HEAD % len(answer) + answer

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lowered = head.lower()
                start = lowered.index(b"content-length:") + len(b"content-length:")
                await reader.readexactly(int(lowered[start : lowered.index(b"\r\n", start)]))
                await asyncio.sleep(latency)
                writer.write(whole)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=1024)
    address = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{address[0]}:{address[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, required=True)
    parser.add_argument("--core", type=int, required=True)
    given = parser.parse_args()
    os.sched_setaffinity(0, {given.core})
    asyncio.run(serve(given.latency))
