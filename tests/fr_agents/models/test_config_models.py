"""Models in a configuration: the forms of their names, lists, mixes and parameters, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.config import ModelSettings, RunConfig, configuration_hash, resolved
from fr_agents.config.load import parse_config
from fr_agents.config.overrides import override
from fr_agents.errors import ConfigError

BASE = {"name": "a", "count": 1, "world": "w"}
SECRET = "sk-veryverysecret"


def of(reasoning: Any) -> ModelSettings:
    """The settings of a role, as they come out of a file."""
    return parse_config({**BASE, "models": {"reasoning": reasoning}}).models.for_role("reasoning")


def refused(reasoning: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        of(reasoning)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("offline", "offline"),
        ("openai/gpt-x", "openai"),
        ("openai/qwen3:8b", "openai"),
        ("langchain_anthropic:ChatAnthropic", "class"),
        ("my.own.models:_Chat2", "class"),
        ("anthropic:claude-x", "provider"),
        ("azure_openai:gpt-4.1", "provider"),
        ("bedrock:a.b-v2:0", "provider"),
        ("scripted/answers/one.jsonl", "scripted"),
        ("scripted/my models.py:answer", "scripted"),
        ("scripted//abs/x.py:answer", "scripted"),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: str) -> None:
    assert of(name).kind == kind


@pytest.mark.parametrize("name", ["gpt-4", "", "openai/", "scripted/x.py", "scripted/x.txt", "a:", ":B", "my models:C"])
def test_other_names_are_refused_with_the_forms(name: str) -> None:
    assert "openai/NAME, package.module:Class, provider:NAME, scripted/FILE.py:function" in refused(name)


def test_a_list_is_a_model_and_its_fallbacks() -> None:
    plain = of(["openai/a", {"model": "openai/b", "temperature": 0.5}, "anthropic:c"])
    assert (plain.model, [one.model for one in plain.fallbacks]) == ("openai/a", ["openai/b", "anthropic:c"])
    assert plain.fallbacks[0].temperature == 0.5
    assert plain.title == "openai/a, else openai/b, else anthropic:c"
    assert [one.model for one in plain.every()] == ["openai/a", "openai/b", "anthropic:c"]
    assert of(["openai/a"]) == of("openai/a")


def test_the_keys_of_the_first_of_a_list_can_be_set() -> None:
    data = override({**BASE, "models": {"reasoning": ["openai/a", "openai/b"]}}, ["models.reasoning.temperature=0.5"])
    reasoning = parse_config(data).models.for_role("reasoning")
    assert (reasoning.temperature, reasoning.fallbacks[0].temperature) == (0.5, None)


def test_a_mix_has_members_with_weights() -> None:
    mixed = of({"mix": [{"model": "openai/a", "weight": 3}, ["openai/b", "openai/c"]], "fallbacks": ["openai/d"]})
    assert (mixed.kind, mixed.offline, mixed.mix[0].weight) == ("mix", False, 3)
    assert mixed.title == "mix of openai/a (75%) and openai/b, else openai/c (25%), else openai/d"
    assert [one.model for one in mixed.every()] == ["openai/a", "openai/b", "openai/c", "openai/d"]
    assert all(one == one.alone() for one in mixed.every())


def test_every_model_is_one_settings_whatever_it_is_listed_under() -> None:
    alone, listed = of("openai/a"), of(["openai/a", "openai/b"])
    mixed = of({"mix": [{"model": "openai/a", "weight": 2}, "openai/b"]})
    assert {*alone.every()} < {*listed.every()} == {*mixed.every()}


MODELS = st.builds(
    lambda name, warm, top: {
        "model": f"openai/{name}",
        "temperature": warm,
        "parameters": {"top_p": top} if top else {},
    },
    st.sampled_from("abc"),
    st.none() | st.sampled_from([0.0, 0.5]),
    st.none() | st.just(0.9),
)
LISTED = MODELS | st.lists(MODELS, min_size=1, max_size=3)
ANY = LISTED | st.builds(lambda members: {"mix": members}, st.lists(LISTED, min_size=1, max_size=3))


@settings(max_examples=30, deadline=None)
@given(ANY)
def test_what_is_written_down_loads_to_the_same(value: Any) -> None:
    config = parse_config({**BASE, "models": {"default": value}})
    again = parse_config(json.loads(json.dumps(resolved(config))))
    assert again == config
    assert hash(again.models.default) == hash(config.models.default)
    assert configuration_hash(again) == configuration_hash(config)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], "models.reasoning must be a section"),
        (["openai/a", 3], "models.reasoning.fallbacks.0 must be a section"),
        (["openai/a", "offline"], "offline stands alone"),
        (["offline", "openai/a"], "offline stands alone"),
        ({"mix": ["offline", "openai/a"]}, "offline stands alone"),
        ({"mix": []}, "mix: names no models"),
        ("mix", "mix: names no models"),
        ({"model": "openai/a", "mix": ["openai/b"]}, "mix: give either a model or a mix of them"),
        ({"mix": ["openai/a"], "temperature": 1, "retries": 2}, "temperature, retries: give it to each member"),
        ({"mix": [{"mix": ["openai/a"]}]}, "mix: a member is a model"),
        ({"model": "openai/a", "weight": 2}, "reasoning.weight: only a member of a mix has one"),
        (["openai/a", {"model": "openai/b", "weight": 2}], "weight: only a member of a mix has one"),
        ({"mix": [{"model": "openai/a", "weight": 0}]}, "models.reasoning.mix.0.weight must be more than 0"),
        ({"mix": [{"modle": "openai/a"}]}, "Did you mean models.reasoning.mix.0.model?"),
        ({"model": "scripted/x.jsonl", "base_url": "http://h/v1"}, "base_url: a script has no server"),
    ],
)
def test_what_cannot_be_done_is_refused(value: Any, told: str) -> None:
    assert told in refused(value)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"temperature": 1}, "temperature: has a key of its own, temperature"),
        ({"max_completion_tokens": 1}, "max_completion_tokens: has a key of its own, max_tokens"),
        ({"model": "b"}, "model: has a key of its own, model"),
        ({"stream": True}, "stream: is no choice"),
        ({"extra_body": {"top_p": 1}}, "extra_body: write what is in it"),
    ],
)
def test_parameters_with_a_key_of_their_own_are_refused(parameters: Any, told: str) -> None:
    assert f"models.reasoning: {told}" in refused({"model": "openai/a", "parameters": parameters})


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        ({"api_key": SECRET}, "api_key"),
        ({"anthropic_api_key": SECRET}, "anthropic_api_key"),
        ({"X-Token": SECRET}, "X-Token"),
        ({"default_headers": {"x": SECRET}}, "default_headers"),
        ({"model_kwargs": {"Authorization": SECRET}}, "model_kwargs.Authorization"),
        ({"servers": [{"accessKey": SECRET}]}, "servers.0.accessKey"),
    ],
)
@pytest.mark.parametrize("model", ["openai/a", "some.module:Chat"])
def test_a_key_among_the_parameters_is_refused_and_not_repeated(parameters: Any, key: str, model: str) -> None:
    text = refused(["openai/x", {"model": model, "parameters": parameters}])
    assert f"{key}: no key or header may stand here" in text
    assert "api_key_env" in text
    assert SECRET not in text


def test_parameters_that_only_speak_of_tokens_are_none() -> None:
    parameters = {"max_new_tokens": 5, "logit_bias": {"50256": -100}, "stop": ["a"]}
    assert of({"model": "openai/a", "parameters": parameters}).parameters == parameters
    assert of({"model": "some.module:Chat", "parameters": {"model": "claude-x"}}).parameters == {"model": "claude-x"}


def test_only_openai_gets_a_key_by_default() -> None:
    assert of("openai/a").key_variable == "OPENAI_API_KEY"
    assert of("anthropic:claude-x").key_variable is None
    assert of({"model": "anthropic:claude-x", "api_key_env": "MY"}).key_variable == "MY"


def test_a_person_reads_who_plays_which_role(make_config: Callable[..., RunConfig]) -> None:
    config = make_config(models={"default": ["openai/a", "openai/b"], "querying": {"mix": ["openai/c", "openai/d"]}})
    told = config.models.described()
    assert "openai/a, else openai/b (tooling reasoning critiquing rewriting)" in told
    assert "mix of openai/c (50%) and openai/d (50%) (querying)" in told
    assert not config.models.offline


def test_what_changes_an_answer_is_in_the_hash(make_config: Callable[..., RunConfig]) -> None:
    def hash_of(default: Any) -> str:
        return configuration_hash(make_config(models={"default": default}))

    neutral = {"retries": 0, "timeout": 3, "api_key_env": "K", "price": {"prompt": 1, "completion": 2}}
    assert hash_of([{"model": "openai/a", **neutral}, {"model": "openai/b", **neutral}]) == hash_of(
        ["openai/a", "openai/b"]
    )
    different: list[Any] = [
        "openai/a",
        {"model": "openai/a", "parameters": {"top_p": 0.9}},
        ["openai/a", "openai/b"],
        ["openai/a", {"model": "openai/b", "parameters": {"top_p": 0.9}}],
        {"mix": ["openai/a", "openai/b"]},
        {"mix": [{"model": "openai/a", "weight": 2}, "openai/b"]},
    ]
    assert len({hash_of(value) for value in different}) == len(different)


def test_the_last_resorts_are_those_that_nobody_stands_in_for() -> None:
    def names(reasoning: Any) -> set[str]:
        return {one.model for one in of(reasoning).last_resorts()}

    assert names("openai/a") == {"openai/a"}
    assert names(["openai/a", "openai/b"]) == {"openai/b"}
    assert names({"mix": ["openai/a", ["openai/b", "openai/c"]]}) == {"openai/a", "openai/c"}
    assert names([{"mix": ["openai/a", "openai/b"]}, "openai/c"]) == {"openai/c"}
