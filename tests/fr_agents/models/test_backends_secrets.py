"""Where keys come from, and that they come from nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from fr_agents.backends.secrets import NO_KEY, find_key, is_local, scrubbed
from fr_agents.config.models import ModelSettings
from fr_agents.errors import PreflightError

CLOUD = ModelSettings(model="openai/gpt-x", api_key_env="MY_KEY")


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text('OTHER_THING=1\nMY_KEY="sk-$from-file"\n')
    return path


def test_the_environment_goes_before_the_file(dotenv: Path) -> None:
    assert find_key(CLOUD, {"MY_KEY": " sk-env\n"}, dotenv).get_secret_value() == "sk-env"


def test_the_file_is_read_for_this_name_alone(dotenv: Path) -> None:
    assert find_key(CLOUD, {}, dotenv).get_secret_value() == "sk-$from-file"
    assert not {"OTHER_THING", "MY_KEY"} & set(os.environ)


def test_the_file_is_found_in_the_working_directory(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dotenv.parent)
    assert find_key(CLOUD, {}).get_secret_value() == "sk-$from-file"


def test_a_missing_key_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(PreflightError) as caught:
        find_key(CLOUD, {"MY_KEY": " "}, tmp_path / "none.env")
    assert str(caught.value) == (
        "openai/gpt-x needs a key: MY_KEY is set neither in the environment nor in a .env file. Nothing was started."
    )


def test_a_server_of_ones_own_needs_none(tmp_path: Path) -> None:
    local = CLOUD.model_copy(update={"base_url": "http://127.0.0.1:8092/v1"})
    assert find_key(local, {}, tmp_path / "none.env") is NO_KEY
    assert find_key(local, {"MY_KEY": "sk-mine"}).get_secret_value() == "sk-mine"


OPENAI = {"OPENAI_API_KEY": "sk-openai"}


@pytest.mark.parametrize("base_url", [None, "https://api.openai.com/v1", "https://API.OpenAI.com/v1/"])
def test_the_key_of_openai_goes_to_openai(base_url: str | None) -> None:
    settings = ModelSettings(model="openai/gpt-x", base_url=base_url)
    assert find_key(settings, OPENAI).get_secret_value() == "sk-openai"


@pytest.mark.parametrize("base_url", ["https://api.example.com/v1", "https://api.openai.com.example.com/v1"])
def test_another_server_gets_no_key_that_the_configuration_does_not_name(base_url: str) -> None:
    settings = ModelSettings(model="openai/gpt-x", base_url=base_url)
    with pytest.raises(PreflightError) as caught:
        find_key(settings, OPENAI)
    assert str(caught.value) == (
        f"openai/gpt-x at {base_url} needs a key: name the environment variable that holds it in api_key_env. "
        "Nothing was started."
    )
    named = settings.model_copy(update={"api_key_env": "OPENAI_API_KEY"})
    assert find_key(named, OPENAI).get_secret_value() == "sk-openai"


def test_a_server_of_ones_own_gets_no_key_that_the_configuration_does_not_name() -> None:
    assert find_key(ModelSettings(model="openai/local", base_url="http://127.0.0.1:8092/v1"), OPENAI) is NO_KEY


def test_a_configuration_that_was_written_down_names_no_key_that_it_did_not_name_before() -> None:
    settings = ModelSettings(model="openai/gpt-x", base_url="https://api.example.com/v1")
    assert ModelSettings.model_validate(settings.model_dump(mode="json")).key_variable is None


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.7/v1", True),
        ("http://gpu-box:8000/v1", True),
        ("http://llm.internal/v1", True),
        ("https://api.example.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_what_is_a_server_of_ones_own(url: str, local: bool) -> None:
    assert is_local(url) is local


def test_scrubbing() -> None:
    assert scrubbed("key sk-secret-1 is wrong", SecretStr("sk-secret-1")) == "key *** is wrong"
    assert scrubbed("none of these", NO_KEY) == "none of these"
