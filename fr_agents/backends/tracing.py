"""Keeps LangChain from telling a tracing service about the run, unless whoever runs it asks for that."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from langchain_core.runnables.config import var_child_runnable_config
from langsmith import tracing_context

TRACING = "FR_AGENTS_TRACING"


def tracing_asked(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether runs may be traced: the variables of LangSmith, which may be set for other programs, do not say so."""
    return environment.get(TRACING) == "1"


@contextmanager
def untraced() -> Iterator[None]:
    """Switches LangSmith's tracing off in it, for tasks that begin in it too, whatever the environment says.

    What watches a graph that it is used in is not handed down to the model either: an argument to ``ainvoke`` would not
    do, because LangChain adds to the callbacks that it finds around a model with tools. Without any, a call is faster.
    """
    if tracing_asked():
        yield
        return
    token = var_child_runnable_config.set(None)
    try:
        with tracing_context(enabled=False):
            yield
    finally:
        var_child_runnable_config.reset(token)
