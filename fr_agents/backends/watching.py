"""Lets somebody see the requests that models get, in the form in which they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from fr_agents.backends.backend import Answer, Backend, Request

OnRequest = Callable[[Request], None]

_WATCHER: ContextVar[OnRequest | None] = ContextVar("fr_agents_request_watcher", default=None)


@contextmanager
def watching(on_request: OnRequest) -> Iterator[None]:
    """Tells ``on_request`` of each request that is sent in it."""
    token = _WATCHER.set(on_request)
    try:
        yield
    finally:
        _WATCHER.reset(token)


class WatchedBackend:
    """Shows each request to whoever is ``watching``, and passes it on."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        return self._backend.name

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises what the backend raises."""
        watcher = _WATCHER.get()
        if watcher is not None:
            watcher(request)
        return await self._backend.complete(request)
