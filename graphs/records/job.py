"""One trajectory to be."""

from __future__ import annotations

from tools.base import Record


class Job(Record):
    """Job ``number`` of a run: a pure function of (configuration, seed, number), and one LangGraph thread."""

    number: int
    seed: int
    turns: int


def thread_id(number: int) -> str:
    """The LangGraph thread of a job."""
    return f"job-{number:06d}"
