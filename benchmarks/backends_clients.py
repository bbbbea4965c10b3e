"""The clients that are compared: each asks for the same structured answer, with the same 800 tokens of prompt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import openai
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from fr_agents.backends.backend import OutputSchema, Request
from fr_agents.backends.metering import MeteredBackend
from fr_agents.config import load_config
from fr_agents.run_models import Books, open_models
from graphs.usage import metered
from tools.base import JsonObject

PROMPT = "Please judge the following words, and say why. " + "lorem ipsum dolor sit amet " * 130
ROLE = "judging"

# One call, of the job with this number.
Ask = Callable[[int], Awaitable[object]]


class Verdict(BaseModel):
    """What is asked for."""

    reason: str
    verdict: Literal["good", "bad"]


SCHEMA = Verdict.model_json_schema()
_FORMAT = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": SCHEMA, "strict": False}}


@asynccontextmanager
async def bare_openai(url: str, in_flight: int, folder: Path) -> AsyncIterator[Ask]:
    """``AsyncOpenAI`` as it comes."""
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def ask(job: int) -> object:
            answer = await client.chat.completions.create(
                model="fixed",
                messages=[{"role": "user", "content": f"{job}. {PROMPT}"}],
                response_format=_FORMAT,  # type: ignore[arg-type]
            )
            return Verdict.model_validate_json(answer.choices[0].message.content or "")

        yield ask


@asynccontextmanager
async def langchain(url: str, in_flight: int, folder: Path) -> AsyncIterator[Ask]:
    """``ChatOpenAI`` with structured output, as its documentation shows it."""
    async with openai.DefaultAsyncHttpxClient() as http:
        chat = ChatOpenAI(model="fixed", base_url=url, api_key="none", max_retries=0, http_async_client=http)  # type: ignore[arg-type]
        structured = chat.with_structured_output(Verdict, method="json_schema")

        async def ask(job: int) -> object:
            return await structured.ainvoke(f"{job}. {PROMPT}")

        yield ask


@asynccontextmanager
async def our_stack(url: str, in_flight: int, folder: Path) -> AsyncIterator[Ask]:
    """A role's model in a run: metering, journal, mending, budget, retries and pace, and the answer validated."""
    config = load_config(
        {
            "name": "bench",
            "count": 1,
            "world": "travel",
            "models": {"default": {"model": "openai/fixed", "base_url": url, "timeout": 60}},
            "limits": {"concurrency": in_flight, "window": in_flight, "max_calls": 10_000_000},
        }
    )
    output = OutputSchema(name="verdict", json_schema=SCHEMA)
    async with open_models(config, Books(folder / "journal.sqlite", "bench", folder)) as models:
        backend = MeteredBackend(await models.of(config.models.default), ROLE)

        async def node(state: JsonObject) -> JsonObject:
            message = {"role": "user", "content": f"{state['job']['number']}. {PROMPT}"}
            answer = await backend.complete(Request(messages=(message,), output=output))
            return {"verdict": Verdict.model_validate_json(answer.text)}

        called = metered(node)

        async def ask(job: int) -> object:
            return await called({"job": {"number": job}, "usage": {}})

        yield ask


CLIENTS = {"AsyncOpenAI": bare_openai, "langchain-openai": langchain, "fr-agents": our_stack}
