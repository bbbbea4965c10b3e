"""What all roles that a model plays share: one request, one chance to mend the answer, then RoleFailure."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from fr_agents.backends.backend import Answer, Backend, OutputSchema, Request
from fr_agents.backends.faults import UnanswerableRequest
from fr_agents.backends.reading import NoObjectError, first_object, json_objects, repeats_itself
from fr_agents.prompts.prompt import Prompt
from graphs.roles import RoleFailure, Unanswerable
from tools.base import Json, JsonObject, canonical_json

View = TypeVar("View")
Result = TypeVar("Result")
Output = TypeVar("Output", bound=BaseModel)

_LOG = logging.getLogger(__name__)
_MOST_PROBLEMS = 4
_LONGEST_QUOTE = 2000
_OF_CLASSES = frozenset({"title", "description"})


class UnusableAnswerError(Exception):
    """An answer cannot be used; the text tells the model why."""


class ChatRole(ABC, Generic[View, Result]):
    """An agent whose answers come from a backend.

    Subclasses say what is asked (``request``) and what an answer means (``read``).
    """

    name: ClassVar[str]
    makes_model_calls = True

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def model(self) -> str:
        return self._backend.name

    @abstractmethod
    def request(self, view: View) -> Request:
        """What the model is asked."""

    @abstractmethod
    def read(self, view: View, answer: Answer) -> Result:
        """What an answer means. Raises UnusableAnswerError with words for the model where it means nothing."""

    async def __call__(self, view: View) -> Result:
        """Ask; where the answer is unusable, show it to the model with the problem and ask once more.

        Raises:
            RoleFailure: the second answer was unusable too.
            Unanswerable: the model cannot answer this request at all.
        """
        request = self.request(view)
        answer = await self._ask(request)
        try:
            return self._read(view, answer)
        except UnusableAnswerError as problem:
            _LOG.warning("asked again", {"role": self.name, "model": self.model, "problem": "unusable"})
            again = _repair(request, answer, str(problem))
        answer = await self._ask(again)
        try:
            return self._read(view, answer)
        except UnusableAnswerError as problem:
            raise RoleFailure(
                f"{self.name}: {self.model} gave no usable answer, also when told why: {problem}"
            ) from None

    def _read(self, view: View, answer: Answer) -> Result:
        """What an answer means, unless it goes round in circles: it may well be readable then."""
        result = self.read(view, answer)
        if repeats_itself(answer.text) or repeats_itself(answer.reasoning):
            raise UnusableAnswerError("The answer repeats itself over and over. Say everything once.")
        return result

    async def _ask(self, request: Request) -> Answer:
        try:
            return await self._backend.complete(request)
        except UnanswerableRequest as error:
            raise Unanswerable(f"{self.name}: {error}") from error


class StructuredRole(ChatRole[View, Result], Generic[View, Result, Output]):
    """A chat role whose answer is one JSON object, checked by the pydantic model ``output``."""

    output: type[Output]

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._prompt = Prompt(self.name)
        self._schema = OutputSchema(name=self.name, json_schema=_plain_schema(self.output))

    @abstractmethod
    def values(self, view: View) -> JsonObject:
        """What the prompt's template is filled with."""

    @abstractmethod
    def result(self, view: View, output: Output) -> Result:
        """The role's answer. May raise UnusableAnswerError."""

    def request(self, view: View) -> Request:
        return Request(messages=self._prompt.messages(**self.values(view)), output=self._schema)

    def read(self, view: View, answer: Answer) -> Result:
        return self.result(view, parsed(answer, self.output))


def parsed(answer: Answer, model: type[Output]) -> Output:
    """The first object in an answer that the model accepts, whatever stands around it.

    Raises:
        UnusableAnswerError: there is no object, or each has problems; those of the first are told.
    """
    first: ValidationError | None = None
    for _, _, value in json_objects(answer.text):
        try:
            return model.model_validate_json(canonical_json(value))
        except ValidationError as error:
            first = first or error
    if answer.cut_off:
        raise UnusableAnswerError("The answer was cut off because it was too long. Give a shorter one.")
    if first is not None:
        raise UnusableAnswerError(_problems(first))
    try:
        first_object(answer.text)
    except NoObjectError as error:
        raise UnusableAnswerError(f"No JSON object could be read: {error}.") from None
    raise AssertionError("an object was there and was neither accepted nor refused")


def _repair(request: Request, answer: Answer, problem: str) -> Request:
    said = answer.text or "\n".join(f"{call.name} {call.raw}" for call in answer.tool_calls) or "(an empty answer)"
    told = f"This answer cannot be used. {problem}\nAnswer again, in the form that was asked for."
    messages = (
        *request.messages,
        {"role": "assistant", "content": said[:_LONGEST_QUOTE]},
        {"role": "user", "content": told},
    )
    return request.model_copy(update={"messages": messages})


def _problems(error: ValidationError) -> str:
    lines = [
        f"{'.'.join(str(key) for key in item['loc']) or 'the object'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)[:_MOST_PROBLEMS]
    ]
    return "Problems: " + "; ".join(lines) + "."


def _plain_schema(model: type[BaseModel]) -> JsonObject:
    """The JSON Schema with references written out, without what tells a model nothing: titles, and the docstrings of
    classes, which speak to whoever reads the code. What a field says of itself stays."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {key: _without_titles(value, definitions) for key, value in schema.items() if key not in _OF_CLASSES}


def _without_titles(node: Json, definitions: JsonObject) -> Json:
    if isinstance(node, list):
        return [_without_titles(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        meant = definitions[node["$ref"].rsplit("/", 1)[-1]]
        plain = {key: value for key, value in meant.items() if key not in _OF_CLASSES}
        return _without_titles({**plain, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    return {
        key: _without_titles(value, definitions)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }
