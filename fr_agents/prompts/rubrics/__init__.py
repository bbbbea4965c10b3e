"""What the judging role can be asked: one file for each rubric, found by its name."""

from __future__ import annotations

from fr_agents.prompts.prompt import prompt_names

_FOLDER = "rubrics/"


def rubric_names() -> tuple[str, ...]:
    """The rubrics that there are, as ``author.rubrics`` names them."""
    return tuple(name.removeprefix(_FOLDER) for name in prompt_names() if name.startswith(_FOLDER))


def rubric_prompt(rubric: str) -> str:
    """The name of a rubric's prompt, whose system block is the rubric's text."""
    return f"{_FOLDER}{rubric}"
