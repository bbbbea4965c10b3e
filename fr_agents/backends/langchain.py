"""Any chat model of LangChain, by its class or by what ``init_chat_model`` calls it."""

from __future__ import annotations

from typing import Any

import anyio
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from pydantic import SecretStr

from fr_agents.backends.backend import Answer, OutputSchema, Request
from fr_agents.backends.faults import BackendFault
from fr_agents.backends.langchain_answer import answer_of
from fr_agents.backends.langchain_faults import fault_of
from fr_agents.backends.langchain_models import make_chat_model, secrets_of
from fr_agents.backends.secrets import scrubbed
from fr_agents.backends.tracing import untraced
from fr_agents.config.models import ModelSettings
from tools.base import JsonObject


class LangChainBackend:
    """One chat model. It never tries twice (law 2), and none of its texts holds a key.

    An output schema goes to models whose profile has ``structured_output``, as ``response_format``, which is how
    LangChain's own agents pass it on; ``parameters: {profile: {structured_output: true}}`` says so for a class that
    does not. Others get the request without it: the prompt asks for the same object.
    """

    def __init__(self, settings: ModelSettings, key: SecretStr) -> None:
        """Raises PreflightError where the model cannot be made."""
        self.name = settings.model
        self._settings = settings
        self._key = key
        self._model = make_chat_model(settings, key)
        self._where = f"{settings.model} at {settings.base_url}" if settings.base_url else settings.model

    def __repr__(self) -> str:
        return f"LangChainBackend({self._where!r})"

    async def complete(self, request: Request) -> Answer:
        """Answer. Raises BackendFault and UnanswerableRequest."""
        try:
            with untraced(), anyio.fail_after(self._settings.timeout):
                message = await self._ask(request)
        except Exception as error:  # noqa: BLE001 - a class of anyone's may raise anything; cancellation is none of it
            failure = fault_of(error, self._where, self._settings, self._key, secrets_of(self._model))
        else:
            if isinstance(message, AIMessage):
                return self._without_key(answer_of(message, request))
            failure = BackendFault("malformed", self._where, f"answered with a {type(message).__name__}")
        # Raised out here, so that no traceback leads to the request, whose headers hold the key.
        raise failure

    async def _ask(self, request: Request) -> Any:
        options = self._options(request.output)
        if request.max_tokens is not None and "max_tokens" in type(self._model).model_fields:
            options["max_tokens"] = request.max_tokens
        messages = [dict(message) for message in request.messages]
        tools = list(request.tools)
        if request.output is not None and self._settings.output == "function_calling":
            tools = [_as_function(request.output)]
            options["tool_choice"] = request.output.name
        model = self._model.bind_tools(tools, **options) if tools else self._model.bind(**options)
        return await model.ainvoke(messages)

    def _options(self, output: OutputSchema | None) -> JsonObject:
        if output is None or self._settings.output != "json_schema":
            return {}
        named = {"name": output.name, "schema": output.json_schema, "strict": False}
        wanted = {"response_format": {"type": "json_schema", "json_schema": named}}
        if _speaks_openai(self._model):
            # In the body: given as an argument, the client raises for an answer that was cut off.
            return {"extra_body": {**(getattr(self._model, "extra_body", None) or {}), **wanted}}
        return wanted if (self._model.profile or {}).get("structured_output") else {}

    def _without_key(self, answer: Answer) -> Answer:
        """The answer, in which a server may have repeated what it was sent: answers reach checkpoints and records."""
        text = plain = answer.model_dump_json()
        for secret in (self._key, *secrets_of(self._model)):
            text = scrubbed(text, secret)
        return answer if text == plain else Answer.model_validate_json(text)


def _as_function(output: OutputSchema) -> JsonObject:
    function = {"name": output.name, "description": "Give the answer.", "parameters": output.json_schema}
    return {"type": "function", "function": function}


def _speaks_openai(model: BaseChatModel) -> bool:
    """Whether the model is of langchain-openai, told without loading it."""
    return any(kind.__name__ == "BaseChatOpenAI" for kind in type(model).__mro__)
