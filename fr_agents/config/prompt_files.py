"""Prompts of one's own: read with the configuration, so that a run goes on with the words that it was begun with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fr_agents.config.problems import did_you_mean
from fr_agents.errors import ConfigError
from fr_agents.prompts.checking import prompt_problem
from fr_agents.prompts.prompt import PromptFile, prompt_names


def with_prompt_files(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The configuration with the text of each file that ``prompts`` names by its path, from ``folder`` on.

    Raises:
        ConfigError: files cannot be read; a line for each.
    """
    prompts = data.get("prompts")
    if not isinstance(prompts, Mapping):
        return dict(data)
    read, problems = dict(prompts), list[str]()
    for name, path in prompts.items():
        if isinstance(path, str):
            try:
                read[name] = {"path": path, "text": (folder / path).read_text(encoding="utf-8")}
            except FileNotFoundError:
                problems.append(f"prompts.{name}: there is no file {folder / path}.")
            except UnicodeDecodeError:
                problems.append(f"prompts.{name}: {folder / path} is no text file in UTF-8.")
            except OSError as error:
                problems.append(f"prompts.{name}: {folder / path} cannot be read: {error.strerror}.")
    if problems:
        raise ConfigError("\n".join(problems))
    return {**data, "prompts": read}


def checked(files: Mapping[str, PromptFile]) -> dict[str, PromptFile]:
    """The files by the names of the prompts that they take the place of, in the order of the names.

    Raises:
        ValueError: a name is none, or a file is no prompt; the text names file and line.
    """
    names = prompt_names()
    for name, file in files.items():
        if name not in names:
            raise ValueError(f"{name} is no prompt.{did_you_mean(name, list(names))} (prompts: {', '.join(names)})")
        problem = prompt_problem(name, file.text)
        if problem:
            raise ValueError(f"{name}: {file.path}, {problem}")
    return {name: files[name] for name in sorted(files)}
