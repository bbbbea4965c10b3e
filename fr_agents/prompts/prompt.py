"""Loads and renders prompts."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from tools.base import Json, JsonObject

_LONGEST_VALUE = 400


class Prompt:
    """A prompt in two blocks: ``system``, the same for every request so that servers can keep it cached, and ``user``.

    Raises:
        jinja2.TemplateNotFound: there is no prompt of that name.
    """

    def __init__(self, name: str) -> None:
        self._template = _environment().get_template(f"{name}.md.j2")

    def system(self, **values: Any) -> str:
        """The instructions. Raises jinja2.UndefinedError where a value is missing."""
        return self._block("system", values)

    def user(self, **values: Any) -> str:
        """What this request is about. Raises jinja2.UndefinedError where a value is missing."""
        return self._block("user", values)

    def messages(self, **values: Any) -> tuple[JsonObject, ...]:
        """Both blocks as messages; the system message takes no values, so that it is a stable prefix."""
        return (
            {"role": "system", "content": self.system()},
            {"role": "user", "content": self.user(**values)},
        )

    def _block(self, name: str, values: dict[str, Any]) -> str:
        context = self._template.new_context(values)
        return "".join(self._template.blocks[name](context)).strip()


def shown(value: Json, longest: int = _LONGEST_VALUE) -> str:
    """A value as JSON, its end left out where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[:longest] + " ... (shortened)"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - prompts are plain text, where escaping would change what is said
        loader=PackageLoader("fr_agents", "prompts"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["shown"] = shown
    return environment
