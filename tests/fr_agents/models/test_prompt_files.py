"""Prompts have versions, and files of one's own take their place: checked before a run, and kept with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from jinja2 import TemplateNotFound

from fr_agents.backends.backend import Answer
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config import ConfigError, RunConfig, configuration_hash, load_config
from fr_agents.config.identity import resolved
from fr_agents.folder import RunFolder
from fr_agents.prompts.asked import prompts_asked
from fr_agents.prompts.checking import prompt_problem
from fr_agents.prompts.prompt import Prompt, PromptFile, overriding, prompt_names, prompt_text
from fr_agents.roles.chat.reasoning import ReasoningRole
from graphs.roles import ReasoningView

ConfigFile = Callable[..., Path]
OWN = "{% block system %}\nBe brief.\n{% endblock %}\n{% block user %}\nMind: {{ hints[0] }}\n{% endblock %}\n"


@pytest.fixture
def with_prompt(config_file: ConfigFile) -> Callable[..., Path]:
    """Writes a configuration beside a file that takes the place of a prompt."""

    def write(text: str = OWN, name: str = "reasoning") -> Path:
        config = config_file(f"prompts: {{{name}: words/{name}.j2}}")
        path = config.parent / "words" / f"{name}.j2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return config

    return write


@pytest.mark.parametrize("name", prompt_names())
def test_every_prompt_tells_its_name_and_version_in_its_first_line(name: str) -> None:
    first = prompt_text(name).splitlines()[0]
    version = Prompt(name).version
    assert version.isdecimal()
    assert first == f"{{# {name.removeprefix('rubrics/')}, version {version} #}}"
    assert prompt_problem(name, prompt_text(name)) == ""


def test_the_first_line_is_no_part_of_what_is_said() -> None:
    assert all("version" not in Prompt(name).system() for name in ("querying", "reasoning"))


def test_an_identity_follows_the_text_and_tells_ones_own_apart() -> None:
    package = Prompt("reasoning")
    with overriding({"reasoning": PromptFile(path="a.j2", text=OWN)}):
        own, other = Prompt("reasoning"), Prompt("critiquing")
    assert package.identity == Prompt("reasoning").identity
    assert package.identity.partition(":")[0] == package.version
    assert own.identity.startswith("own:")
    assert other.identity == Prompt("critiquing").identity
    with overriding({"reasoning": PromptFile(path="a.j2", text="{# mine, version 8 #}\n" + OWN)}):
        assert Prompt("reasoning").version == "8"


async def test_a_role_asks_with_the_file_and_goes_on_with_it_afterwards() -> None:
    with overriding({"reasoning": PromptFile(path="a.j2", text=OWN)}):
        role = ReasoningRole(ScriptedBackend(lambda request: Answer(text="Hi.")))
    view = ReasoningView(tools=(), messages=({"role": "user", "content": "Pay."},), hints=("look first",))
    system, user = role.request(view).messages
    assert system["content"] == "Be brief."
    assert user["content"] == "Pay.\n\nMind: look first"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{% block system %}\nHi\n{% endblock %}", "line 1: the block 'user' is missing"),
        (
            "{% block system %}{{ hints }}{% endblock %}{% block user %}{% endblock %}",
            "line 1: 'hints' is no value of the block 'system'; it gets none",
        ),
        (
            "{% block system %}{% endblock %}\n{% block user %}\n{{ hints[0] }}{{ gold }}{% endblock %}",
            "line 3: 'gold' is no value of the block 'user'; it gets hints",
        ),
        ("{% block system %}\n{{ hints | nosuch }}\n{% endblock %}", "line 2: No filter named 'nosuch'."),
        ("{% block system %}\n\n{% endblok %}", "line 3: Encountered unknown tag 'endblok'."),
    ],
)
def test_a_file_that_is_no_prompt_is_told_with_its_line(
    with_prompt: Callable[..., Path], text: str, problem: str
) -> None:
    path = with_prompt(text)
    with pytest.raises(ConfigError) as error:
        load_config(path)
    assert str(error.value).startswith(f"{path}: prompts: reasoning: words/reasoning.j2, {problem}")
    assert "\n" not in str(error.value)


def test_files_and_names_that_are_not_there_are_told(config_file: ConfigFile) -> None:
    path = config_file("prompts: {reasoning: no.j2, critiquing: .}")
    with pytest.raises(ConfigError) as error:
        load_config(path)
    first, second = str(error.value).splitlines()
    assert first == f"{path}: prompts.reasoning: there is no file {path.parent / 'no.j2'}."
    assert second.startswith(f"{path}: prompts.critiquing: ")
    with pytest.raises(ConfigError, match=r"resoning is no prompt. Did you mean reasoning\? \(prompts: "):
        load_config({**yaml.safe_load(path.read_text()), "prompts": {"resoning": {"path": "x", "text": OWN}}})
    with pytest.raises(TemplateNotFound):
        prompt_problem("nosuch", OWN)


def test_a_run_is_another_one_by_the_words_of_its_prompts_and_not_by_their_place(
    with_prompt: Callable[..., Path], config_file: ConfigFile
) -> None:
    own = configuration_hash(load_config(with_prompt()))
    assert own != configuration_hash(load_config(config_file()))
    assert own != configuration_hash(load_config(with_prompt(OWN.replace("brief", "long"))))
    moved = load_config(with_prompt())
    file = moved.prompts["reasoning"].model_copy(update={"path": "elsewhere.j2"})
    assert own == configuration_hash(moved.model_copy(update={"prompts": {"reasoning": file}}))


def test_a_run_keeps_the_words_that_it_was_begun_with(with_prompt: Callable[..., Path], tmp_path: Path) -> None:
    path = with_prompt()
    config = load_config(path)
    RunFolder.create(tmp_path / "run", config, "1").close()
    (path.parent / "words" / "reasoning.j2").unlink()
    kept = RunFolder.look(tmp_path / "run").config
    assert kept.prompts["reasoning"].text == OWN
    assert resolved(load_config(kept)) == resolved(config)


def test_a_value_that_turns_out_to_be_missing_is_told_with_the_file() -> None:
    text = OWN.replace("hints[0]", "hints.nosuch.deep")
    with overriding({"reasoning": PromptFile(path="mine.j2", text=text)}):
        prompt = Prompt("reasoning")
    with pytest.raises(ConfigError, match=r"prompts.reasoning: mine.j2: its block user cannot be filled in: .*nosuch"):
        prompt.user(hints=["a"])


def test_a_file_of_somebody_elses_reaches_nothing_of_the_process() -> None:
    text = OWN.replace("hints[0]", "hints.__class__.__mro__")
    with overriding({"reasoning": PromptFile(path="mine.j2", text=text)}):
        prompt = Prompt("reasoning")
    with pytest.raises(ConfigError, match="unsafe"):
        prompt.user(hints=["a"])


def test_the_lineage_names_the_prompts_that_models_are_asked_with(make_config: Callable[..., RunConfig]) -> None:
    assert prompts_asked(make_config()) == {}
    asked = prompts_asked(make_config(models={"default": "openai/x"}))
    assert {"tooling", "querying", "reasoning", "critiquing"} <= set(asked)
    assert not {"sampling", "judging", "planning", "text_tools"} & set(asked)
    assert asked["reasoning"] == Prompt("reasoning").identity
    only = make_config(models={"reasoning": {"model": "openai/x", "tools": "text"}, "rewriting": "offline"})
    assert set(prompts_asked(only)) == {"reasoning", "text_tools"}
    planned = make_config(models={"reasoning": "openai/x", "rewriting": "offline"}, refiner={"mode": "plan"})
    assert set(prompts_asked(planned)) == {"reasoning", "planning"}
    judged = prompts_asked(make_config(models={"judging": "openai/x"}, author={"rubrics": ["natural"]}))
    assert set(judged) == {"judging", "rubrics/natural"}
    own = make_config(models={"reasoning": "openai/x"}, prompts={"reasoning": {"path": "a", "text": OWN}})
    assert prompts_asked(own)["reasoning"].startswith("own:")
