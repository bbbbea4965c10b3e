"""Which prompts a run asks its models with."""

from __future__ import annotations

from collections.abc import Iterator

from fr_agents.config.models import ROLE_NAMES, ModelSettings
from fr_agents.config.run import RunConfig
from fr_agents.prompts.prompt import Prompt, overriding, prompt_names

_PLANNING = "planning"
_TEXT_TOOLS = "text_tools"
_RUBRIC = "rubrics/{}"


def prompts_asked(config: RunConfig) -> dict[str, str]:
    """``version:digest`` of each prompt that a model may be asked with, by name; none where rules play every role."""
    with overriding(config.prompts):
        return {name: Prompt(name).identity for name in sorted(_names(config))}


def _names(config: RunConfig) -> Iterator[str]:
    """A role's prompt has the role's name; some roles have others beside it."""
    known = frozenset(prompt_names())
    for role in ROLE_NAMES:
        settings = config.models.for_role(role)
        if settings.offline:
            continue
        beside: list[str] = []
        if role == "reasoning":
            planned = config.refiner.mode == "plan"
            beside = [_PLANNING] if planned else [_TEXT_TOOLS] if _in_text(settings) else []
        if str(role) == "judging":
            beside = [_RUBRIC.format(rubric) for rubric in config.author.rubrics]
        yield from (name for name in (role, *beside) if name in known)


def _in_text(settings: ModelSettings) -> bool:
    return any(member.tools == "text" for member in settings.every())
