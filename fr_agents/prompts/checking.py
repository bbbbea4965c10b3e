"""Checks a file that is to take the place of a prompt, before anything is asked with it."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateSyntaxError, meta, nodes

from fr_agents.prompts.prompt import prompt_environment, prompt_text


def prompt_problem(name: str, text: str) -> str:
    """What keeps ``text`` from taking the place of the prompt ``name``, beginning with the line; empty if nothing does.

    It must have the blocks that the package's prompt has, and each may only use the values that it uses there.
    Raises jinja2.TemplateNotFound where there is no such prompt.
    """
    environment = prompt_environment()
    try:
        parsed = environment.parse(text)
        environment.compile(parsed)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    given, wanted = _blocks(parsed), _blocks(environment.parse(prompt_text(name)))
    for missing in [block for block in wanted if block not in given]:
        return f"line 1: the block {missing!r} is missing: {{% block {missing} %}} ... {{% endblock %}}"
    for problem in (found for block in wanted for found in _unknown(block, given[block], wanted[block])):
        return problem
    return ""


def _blocks(template: nodes.Template) -> dict[str, nodes.Block]:
    return {block.name: block for block in template.find_all(nodes.Block)}


def _unknown(name: str, block: nodes.Block, wanted: nodes.Block) -> Iterator[str]:
    """What the block uses and does not get, with the line."""
    allowed = _values(wanted)
    unknown = _values(block) - allowed
    for used in block.find_all(nodes.Name):
        if used.ctx == "load" and used.name in unknown:
            known = f"it gets {', '.join(sorted(allowed))}" if allowed else "it gets none"
            yield f"line {used.lineno}: {used.name!r} is no value of the block {name!r}; {known}"


def _values(block: nodes.Block) -> set[str]:
    """The names that a block takes from outside."""
    body = nodes.Template(block.body, lineno=1)
    body.set_environment(prompt_environment())
    return meta.find_undeclared_variables(body)
