"""Bad weather before a model: a share of its answers is spoilt, each in one of the ways that servers have."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from tools.base import canonical_json, generator

from .fault_server import Reply, called, failed, said

Body = dict[str, Any]


class Weather:
    """Spoils a share of what a model answers. Whether it does depends on the request and on how often it came, and
    not on the order in which requests of different jobs arrive."""

    def __init__(self, model: Callable[[Body], Reply], share: float, seed: int) -> None:
        self._model, self._share, self._seed = model, share, seed
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.spoilt: Counter[str] = Counter()

    def __call__(self, number: int, body: Body) -> Reply:
        asked = canonical_json({key: body.get(key) for key in ("messages", "tools", "response_format")})
        with self._lock:
            self._seen[asked] += 1
            draw = generator(self._seed, asked, self._seen[asked])
        right = self._model(body)
        if not body.get("tools") and "response_format" not in body:
            return right  # the try that is made before anything begins
        if draw.random() >= self._share:
            return right
        faults = self._faults(right, draw, tools=bool(body.get("tools")))
        kind = draw.choice(sorted(faults))
        with self._lock:
            self.spoilt[kind] += 1
        return faults[kind]

    def _faults(self, right: Reply, draw: random.Random, *, tools: bool) -> dict[str, Reply]:
        cut = right.body[: len(right.body) // 2]
        wrong = {"wrong tool": called((f"tool_{draw.randrange(10**6)}", "{}"))} if tools else {}
        return wrong | {
            "throttled": failed(429, "slow down", retry_after="1"),
            "failed": failed(draw.choice([500, 502, 503]), "oops"),
            "hung": right.ending("hang"),
            "reset": right.ending("reset"),
            "closed": right.ending("close"),
            "cut JSON": Reply(body=cut),
            "HTML": Reply(body="<html>busy</html>"),
            "empty": said(content=""),
            "cut off": said("length", content="Well, let me"),
        }
