"""Runs whose model is one by rules behind the fault server: how they are configured, and what they are compared by."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fr_agents
from benchmarks.rule_model import answer, asked, completion
from fr_agents.folder import RunFolder
from fr_agents.journal.ledger import Ledger, read_ledger

from .fault_server import FaultServer, Reply

Body = dict[str, Any]
RECORDS = ("trajectories.jsonl", "rejections.jsonl")
# In USD for a million tokens: a call of the model by rules costs 0.001.
PRICE = {"prompt": 50.0, "completion": 100.0}
COST = 0.001


def ruled(number: int, body: Body) -> Reply:
    """What the model by rules answers to a request as it arrives."""
    return Reply(body=json.dumps(completion(answer(asked(body)))))


def is_try(body: Body) -> bool:
    """Whether a request is the one that is made before anything begins."""
    return not body.get("tools") and "response_format" not in body


def configuration(url: str, **changes: Any) -> Body:
    """All jobs are decided, so that a run takes the same requests each time: nothing runs ahead of an end.

    Keyword arguments are further keys; ``served`` are further settings of the model.
    """
    known: Body = {"model": "openai/rules", "base_url": url, "max_tokens": 4000, "price": PRICE, "timeout": 300.0}
    served = known | changes.pop("served", {})
    limits = {"concurrency": 4, "window": 8, "max_jobs": 4, **changes.pop("limits", {})}
    return {
        "name": "ruled",
        "seed": 11,
        "count": 4,
        "world": "travel",
        "turns": {"min": 1, "max": 2},
        "models": {"tooling": served, "reasoning": served, "critiquing": served, "rewriting": "offline"},
        "limits": limits,
        **changes,
    }


def records(folder: Path) -> dict[str, bytes]:
    """The files of records, whole."""
    return {name: (folder / name).read_bytes() for name in RECORDS}


def lines(folder: Path, name: str = "trajectories.jsonl") -> list[Body]:
    """The records of one file."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def ledger(folder: Path) -> Ledger:
    """What a run has paid for."""
    opened = RunFolder.look(folder)
    return read_ledger(opened.journal, opened.id)


@dataclass(frozen=True)
class Plain:
    """An undisturbed run: how it is configured, what it gave, and how many requests that took."""

    configuration: Body
    folder: Path
    requests: int
    cost_of_a_call = COST

    records = staticmethod(records)
    lines = staticmethod(lines)
    ledger = staticmethod(ledger)
    is_try = staticmethod(is_try)

    @classmethod
    async def made(cls, server: FaultServer, configured: Body, folder: Path) -> Plain:
        before = server.count
        await fr_agents.synthesize(configured, folder)
        return cls(configured, folder, server.count - before)

    @property
    def calls(self) -> int:
        """The requests without the one that is made before anything begins."""
        return self.requests - 1

    def with_limits(self, **limits: Any) -> Body:
        """The same run under further limits."""
        return {**self.configuration, "limits": {**self.configuration["limits"], **limits}}

    def with_model(self, **settings: Any) -> Body:
        """The same run, whose model has further settings."""
        models = {
            role: model if isinstance(model, str) else {**model, **settings}
            for role, model in self.configuration["models"].items()
        }
        return {**self.configuration, "models": models}

    def assert_same(self, other: Path) -> None:
        """Whether another run has the same records, of which there are some."""
        assert records(other) == records(self.folder)
        assert len(lines(self.folder)) >= 2, "a run without records would prove nothing"
