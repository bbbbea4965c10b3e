"""What pydantic found wrong with a configuration, in words for the person who wrote it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_MUST_BE = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "dict_type": "must be a section with keys",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
}
_SHOWN = 60


def describe(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """One line for each problem: the dotted key, what is wrong, and what is allowed."""
    return [_line(problem, root) for problem in error.errors(include_url=False)]


def did_you_mean(word: str, allowed: list[str], prefix: str = "") -> str:
    """`` Did you mean X?`` where one of the allowed words is close, otherwise nothing."""
    close = get_close_matches(word, allowed, n=1)
    return f" Did you mean {prefix}{close[0]}?" if close else ""


def _line(problem: ErrorDetails, root: type[BaseModel]) -> str:
    location = tuple(str(part) for part in problem["loc"])
    key, kind = ".".join(location), problem["type"]
    if kind == "extra_forbidden":
        return _unknown_key(location, root)
    if kind == "missing":
        return f"{key} is missing."
    if kind == "literal_error":
        return _wrong_choice(key, problem)
    if kind in ("model_type", "model_attributes_type"):
        return f"{key} must be a section. {_keys(_section(root, location))}"
    if kind in _MUST_BE:
        return f"{key} {_MUST_BE[kind].format(**problem.get('ctx', {}))}; it is {_shown(problem['input'])}."
    text = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {text}." if key else f"{text}."


def _unknown_key(location: tuple[str, ...], root: type[BaseModel]) -> str:
    """The value is not shown: under a wrong key anything may stand, also a secret."""
    model = _section(root, location[:-1])
    names = list(model.model_fields)
    prefix = "".join(f"{part}." for part in location[:-1])
    hint = did_you_mean(location[-1], names, prefix)
    return f"{'.'.join(location)} is not a key.{hint} {_keys(model)}"


def _wrong_choice(key: str, problem: ErrorDetails) -> str:
    allowed = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    given = problem["input"]
    hint = did_you_mean(given, allowed) if isinstance(given, str) else ""
    return f"{key}: {_shown(given)} is not allowed.{hint} (allowed: {', '.join(allowed)})"


def _keys(model: type[BaseModel]) -> str:
    return f"(keys: {', '.join(sorted(model.model_fields))})"


def _section(root: type[BaseModel], location: tuple[str, ...]) -> type[BaseModel]:
    """The model that describes the section at ``location``."""
    model = root
    for part in location:
        field = model.model_fields.get(part)
        model = _model_of(field.annotation if field else None) or model
    return model


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_of(inner))), None)


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, bool | None) else {True: "true", False: "false", None: "empty"}[value]
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
