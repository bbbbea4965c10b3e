"""Models behind an OpenAI-compatible endpoint: OpenAI itself, vLLM, llama.cpp, Ollama and the like."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import httpx2
import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, OutputSchema, Request
from fr_agents.backends.openai_answer import as_answer
from fr_agents.backends.openai_faults import translated
from fr_agents.backends.secrets import scrubbed
from fr_agents.backends.tracing import untraced
from fr_agents.config.models import ModelSettings
from tools.base import JsonObject

PREFIX = "openai/"
OPENAI_URL = "https://api.openai.com/v1"
RAW = "raw_message"
# How many calls are in flight is decided by the pace of the server, never by its connections.
_MOST_CONNECTIONS = 8192


class OpenAIBackend:
    """One client for one model; an asynchronous context manager, which closes its connections.

    It never tries twice (law 2), and none of its texts holds the key.
    """

    def __init__(self, settings: ModelSettings, key: SecretStr) -> None:
        self.name = settings.model
        self.url = settings.base_url or OPENAI_URL
        self._settings = settings
        self._key = key
        self._chat: _ChatModel | None = None
        self._http: openai.DefaultAioHttpClient | None = None

    def __repr__(self) -> str:
        return f"OpenAIBackend({self.name!r} at {self.url!r})"

    async def __aenter__(self) -> Self:
        # A client of our own: the one that LangChain would share lives on beyond the event loop that it was used in.
        # Over aiohttp: the default transport keeps 100 connections and looks through all of them at each request.
        limits = httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS)
        self._http = openai.DefaultAioHttpClient(timeout=self._settings.timeout, limits=limits)
        self._chat = _ChatModel(
            model=self._settings.model.removeprefix(PREFIX),
            base_url=self.url,
            api_key=self._key,
            temperature=self._settings.temperature,
            timeout=self._settings.timeout,
            max_retries=0,
            http_async_client=self._http,
            use_responses_api=False,
            disable_streaming=True,
            cache=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._chat = None
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises BackendFault, UnanswerableRequest, and RuntimeError outside of its context."""
        if self._chat is None:
            raise RuntimeError(f"{self!r} is used outside of its context: open it with `async with`")
        options = self._request_options(request)
        messages = [dict(message) for message in request.messages]
        try:
            with untraced():
                message = await self._chat.ainvoke(messages, None, **options)
        except (openai.OpenAIError, ValueError, LookupError, TypeError) as error:
            failure = translated(error, f"{self.name} at {self.url}", self._settings, self._key)
        else:
            raw = self._without_key(message.additional_kwargs[RAW])
            return as_answer(raw, message.response_metadata, request)
        # Raised out here, so that no traceback leads to the request, whose headers hold the key.
        raise failure

    def _without_key(self, message: JsonObject) -> JsonObject:
        """The message, in which a server may have repeated what it was sent: answers reach checkpoints and records."""
        cleaned: JsonObject = json.loads(scrubbed(json.dumps(message), self._key))
        return cleaned

    def _request_options(self, request: Request) -> JsonObject:
        options: JsonObject = {"tools": list(request.tools)} if request.tools else {}
        extra: JsonObject = dict(self._settings.parameters)
        limit = request.max_tokens or self._settings.max_tokens
        if limit is not None:
            # OpenAI refuses the old name for its newer models; many other servers know no other.
            extra["max_completion_tokens" if self._settings.base_url is None else "max_tokens"] = limit
        if request.output is not None:
            schema = self._schema_options(request.output)
            options |= schema.get("options", {})
            extra |= schema.get("extra", {})
        return {**options, "extra_body": extra} if extra else options

    def _schema_options(self, output: OutputSchema) -> JsonObject:
        """What asks for an output schema.

        ``response_format`` goes into the body directly: given as an argument, the client raises for an answer that was
        cut off, and the answer, which may be repaired, is lost.
        """
        if self._settings.output == "json_schema":
            named = {"name": output.name, "schema": output.json_schema, "strict": False}
            return {"extra": {"response_format": {"type": "json_schema", "json_schema": named}}}
        if self._settings.output == "function_calling":
            function = {"name": output.name, "description": "Give the answer.", "parameters": output.json_schema}
            choice = {"type": "function", "function": {"name": output.name}}
            return {"options": {"tools": [{"type": "function", "function": function}], "tool_choice": choice}}
        return {}


class _ChatModel(ChatOpenAI):
    """Keeps the message as the server sent it: LangChain drops its reasoning, and fails on a tool call whose arguments
    are JSON but no object. And sends the request as it is: walking through its types, and a thread for reading the
    answer, take half of the client's time."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        payload |= payload.pop("extra_body", None) or {}
        client: openai.AsyncOpenAI = self.root_async_client
        response = await client.post("/chat/completions", cast_to=httpx2.Response, body=payload)
        return self._create_chat_result(response.json())

    def _create_chat_result(
        self, response: dict[str, Any] | openai.BaseModel, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        if isinstance(response, openai.BaseModel):
            response = response.model_dump(mode="json", warnings=False)
        if not isinstance(response, dict) or not isinstance(response.get("choices"), list) or not response["choices"]:
            raise ValueError(f"no completion: {str(response)[:200]}")
        choice = response["choices"][0]
        raw = choice.get("message") or {}
        plain = {"role": "assistant", "content": raw.get("content") if isinstance(raw.get("content"), str) else ""}
        only = {**response, "choices": [{**choice, "message": plain}]}
        result = super()._create_chat_result(only, generation_info)
        result.generations[0].message.additional_kwargs[RAW] = raw
        return result
