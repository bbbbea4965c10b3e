"""Loads and renders prompts: those of the package, or files of one's own in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.environment import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fr_agents.errors import ConfigError
from tools.base import Json, JsonObject, Record, digest

OWN = "own"
_LONGEST_VALUE = 400
_DIGEST = 12
_VERSION = re.compile(r"\{#-?\s*[\w ]+, version (\d+)\b")


class PromptFile(Record):
    """A file that takes the place of a prompt: where it was read, and what it held then."""

    path: str
    text: str


_OVERRIDES: ContextVar[Mapping[str, PromptFile] | None] = ContextVar("fr_agents_prompts", default=None)


@contextmanager
def overriding(files: Mapping[str, PromptFile]) -> Iterator[None]:
    """Prompts that are loaded in it come from ``files``, by name, where there is one."""
    token = _OVERRIDES.set(files)
    try:
        yield
    finally:
        _OVERRIDES.reset(token)


class Prompt:
    """A prompt in two blocks: ``system``, the same for every request so that servers can keep it cached, and ``user``.

    Attributes:
        name: What it is found by.
        version: The number in the first line of its file; ``own`` for a file without one, which only a person's own
            may be.
        digest: Of its text; it tells apart what a version was forgotten for.

    Raises:
        jinja2.TemplateNotFound: there is no prompt of that name.
    """

    def __init__(self, name: str) -> None:
        self._file = (_OVERRIDES.get() or {}).get(name)
        self._template = _template(name) if self._file is None else prompt_environment().from_string(self._file.text)
        text = prompt_text(name) if self._file is None else self._file.text
        self.name = name
        self.version = version_of(text)
        self.digest = digest(text)[:_DIGEST]

    @property
    def identity(self) -> str:
        """``version:digest``, as the lineage of a record tells it."""
        return f"{self.version}:{self.digest}"

    def system(self, **values: Any) -> str:
        """The instructions. Raises as ``user`` does."""
        return self._block("system", values)

    def user(self, **values: Any) -> str:
        """What this request is about.

        Raises:
            jinja2.UndefinedError: a value is missing. ConfigError: a file of one's own cannot be filled in.
        """
        return self._block("user", values)

    def messages(self, **values: Any) -> tuple[JsonObject, ...]:
        """Both blocks as messages; the system message takes no values, so that it is a stable prefix."""
        return (
            {"role": "system", "content": self.system()},
            {"role": "user", "content": self.user(**values)},
        )

    def _block(self, name: str, values: dict[str, Any]) -> str:
        context = self._template.new_context(values)
        try:
            return "".join(self._template.blocks[name](context)).strip()
        except (TemplateError, TypeError) as error:
            if self._file is None:
                raise
            where = f"prompts.{self.name}: {self._file.path}"
            raise ConfigError(f"{where}: its block {name} cannot be filled in: {error}.") from error


def version_of(text: str) -> str:
    """The version that the first line of a prompt's file tells: ``{# querying, version 3 #}``."""
    found = _VERSION.match(text)
    return found[1] if found else OWN


def prompt_text(name: str) -> str:
    """The text of the package's prompt. Raises jinja2.TemplateNotFound."""
    environment = prompt_environment()
    assert environment.loader is not None  # noqa: S101 - made with one below
    return environment.loader.get_source(environment, f"{name}.md.j2")[0]


def prompt_names() -> tuple[str, ...]:
    """The names of the package's prompts."""
    names = prompt_environment().list_templates(filter_func=lambda name: name.endswith(".md.j2"))
    return tuple(sorted(name.removesuffix(".md.j2") for name in names))


def shown(value: Json, longest: int = _LONGEST_VALUE) -> str:
    """A value as JSON, its end left out where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[:longest] + " ... (shortened)"


@lru_cache(maxsize=1)
def prompt_environment() -> ImmutableSandboxedEnvironment:
    """What prompts are read with. Files of one's own may come with somebody else's configuration, hence the sandbox."""
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("fr_agents", "prompts"),
        autoescape=False,  # prompts are plain text, where escaping would change what is said
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["shown"] = shown
    return environment


def _template(name: str) -> Template:
    return prompt_environment().get_template(f"{name}.md.j2")
