"""Configurations: what is accepted, what a person is told otherwise, and what decides records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from fr_agents.config import (
    ROLE_NAMES,
    ConfigError,
    RunConfig,
    WorldSettings,
    configuration_hash,
    load_config,
    resolved,
)
from graphs.settings import RefinerSettings

MakeConfig = Callable[..., RunConfig]
ConfigFile = Callable[..., Path]


def refusal(source: object, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(source, overrides)  # type: ignore[arg-type]
    return str(caught.value)


def test_plain_values_stand_for_sections(tiny_world: str) -> None:
    config = load_config(
        {"name": "a", "count": 2, "world": tiny_world, "turns": 3, "models": {"reasoning": "openai/gpt-x"}}
    )
    assert (config.turns.min, config.turns.max) == (3, 3)
    assert config.world.name == tiny_world
    assert config.models.for_role("reasoning").model == "openai/gpt-x"
    assert config.models.for_role("querying").offline
    assert config.max_jobs == 40


def test_a_role_of_its_own_does_not_inherit_the_defaults_server(make_config: MakeConfig) -> None:
    config = make_config(models={"default": {"model": "openai/a", "base_url": "http://h/v1"}, "critiquing": "openai/b"})
    assert config.models.for_role("tooling").base_url == "http://h/v1"
    assert config.models.for_role("critiquing").base_url is None


def test_the_sampling_role_has_a_model_only_where_it_is_named(make_config: MakeConfig) -> None:
    default = make_config(models={"default": "openai/a"})
    assert default.models.for_role("sampling").offline
    assert default.models.described() == "roles openai/a"
    named = make_config(models={"sampling": "openai/b"})
    assert named.models.for_role("sampling").model == "openai/b"
    assert not named.models.offline
    others = "tooling querying reasoning critiquing rewriting"
    assert named.models.described() == f"roles openai/b (sampling), offline ({others})"
    assert make_config(models={"sampling": "offline"}).models.offline


def test_the_judging_role_has_a_model_only_where_it_is_named(make_config: MakeConfig) -> None:
    assert make_config(models={"default": "openai/a"}).models.for_role("judging").offline
    assert make_config(models={"judging": "openai/b"}).models.for_role("judging").model == "openai/b"


def test_thoughts_are_written_anew_by_the_model_that_had_them_unless_another_is_named(make_config: MakeConfig) -> None:
    models = {"default": "openai/a", "reasoning": "openai/b"}
    assert make_config(models=models).models.for_role("rewriting").model == "openai/b"
    assert make_config(models={"default": "openai/a"}).models.for_role("rewriting").model == "openai/a"
    own = make_config(models={**models, "rewriting": "openai/c"})
    assert own.models.for_role("rewriting").model == "openai/c"


def test_a_rubric_that_there_is_not_is_told_before_the_run(tiny_world: str) -> None:
    base = {"name": "a", "count": 2, "world": tiny_world}
    told = refusal({**base, "author": {"rubrics": ["natural", "compleat"]}})
    assert "author.rubrics: 'compleat' is no rubric. Did you mean complete?" in told
    assert "(rubrics: answerable, complete, natural)" in told
    assert load_config({**base, "author": {"rubrics": ["answerable"]}}).author.rubrics == ("answerable",)
    assert load_config({**base, "author": {"rubrics": []}}).author.rubrics == ()


def test_noise_of_another_language_needs_a_judge(tiny_world: str) -> None:
    base = {"name": "a", "count": 2, "world": tiny_world, "author": {"noise": {"language": 0.1}}}
    told = refusal({**base, "models": {"default": "openai/a"}})
    assert "author.noise.language needs a model" in told
    assert "name one in models.judging, or set it to 0" in told
    assert load_config({**base, "models": {"judging": "openai/a"}}).author.noise.language == 0.1


@pytest.mark.parametrize("changes", [{"sampler": {"policy": "directed"}}, {"profile": "paper"}])
def test_a_sampling_role_that_nobody_would_ask_is_refused(tiny_world: str, changes: dict[str, object]) -> None:
    base = {"name": "a", "count": 2, "world": tiny_world, "models": {"sampling": "openai/b"}}
    assert "models.sampling is asked by sampler.policy purposeful alone, and not by" in refusal({**base, **changes})


def settings_of_paper(config: RunConfig) -> tuple[object, ...]:
    sampler, refiner = config.sampler, config.refiner
    return sampler.policy, sampler.error_share, refiner.probe.attempts, refiner.require


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), ("purposeful", 0.1, 2, "equivalent")),
        (("profile: paper",), ("paper", 0, 0, "exact")),
        (("profile: paper", "sampler: {policy: directed}"), ("directed", 0, 0, "exact")),
        (("refiner: {probe: {attempts: 1}, max_attempts: 0}", "profile: paper"), ("paper", 0, 1, "exact")),
        (("profile: null",), ("purposeful", 0.1, 2, "equivalent")),
    ],
)
def test_a_profile_fills_in_what_is_not_set(
    config_file: ConfigFile, lines: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    config = load_config(config_file(*lines))
    assert settings_of_paper(config) == expected
    assert load_config(yaml.safe_load(yaml.safe_dump(resolved(config)))) == config


def test_a_profile_and_its_keys_can_be_set_from_outside(config_file: ConfigFile) -> None:
    config = load_config(config_file("sampler: {implicit: 0.2}"), ["profile=paper", "refiner.require=ordered"])
    assert settings_of_paper(config) == ("paper", 0, 0, "ordered")
    assert config.sampler.implicit == 0.2


def test_a_profile_fills_in_finished_settings_too(make_config: MakeConfig) -> None:
    config = make_config(profile="paper", refiner=RefinerSettings(require="ordered"))
    assert settings_of_paper(config) == ("paper", 0, 0, "ordered")


def test_a_profile_counts_by_what_it_sets(make_config: MakeConfig) -> None:
    by_hand = {
        "sampler": {"policy": "paper", "error_share": 0},
        "author": {"noise": {"describe": 0, "refer_back": 0}},
        "refiner": {"probe": {"attempts": 0}, "mode": "plan", "require": "exact"},
    }
    assert configuration_hash(make_config(profile="paper")) == configuration_hash(make_config(**by_hand))
    assert configuration_hash(make_config(profile="paper")) != configuration_hash(make_config())


def test_overrides_go_on_top_in_order_and_through_plain_values(config_file: ConfigFile) -> None:
    path = config_file("turns: 2", "models: {default: openai/local}")
    config = load_config(
        path, ["turns.max=5", "seed=1", "seed=2", "models.default.base_url=http://h:1/v1", "sampler.implicit=1e-1"]
    )
    assert (config.turns.min, config.turns.max, config.seed) == (2, 5, 2)
    assert config.models.default.model == "openai/local"
    assert config.models.default.base_url == "http://h:1/v1"
    assert config.sampler.implicit == 0.1


def test_overrides_leave_a_mapping_as_it_was(tiny_world: str) -> None:
    data = {"name": "a", "count": 2, "world": tiny_world, "turns": {"min": 1, "max": 2}}
    load_config(data, ["turns.max=3"])
    assert data["turns"] == {"min": 1, "max": 2}


def test_a_finished_configuration_can_be_loaded_again(tiny_world: str) -> None:
    config = load_config({"name": "a", "count": 2, "world": tiny_world})
    assert load_config(config) == config
    assert load_config(config, ["count=9"]).count == 9


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "refiner: {max_attemps: 3}",
            (
                "refiner.max_attemps is not a key. Did you mean refiner.max_attempts? "
                "(keys: allow_recovery, calls_factor, clean, max_attempts, mode, probe, require)"
            ),
        ),
        (
            "sampler: {policy: dirceted}",
            (
                "sampler.policy: 'dirceted' is not allowed. Did you mean directed? "
                "(allowed: purposeful, directed, random, paper)"
            ),
        ),
        ("profile: papr", "profile: 'papr' is not allowed. Did you mean paper? (allowed: paper)"),
        ("profile: 1", "profile: 1 is not allowed. (allowed: paper)"),
        (
            "refiner: {probe: {attempts: 0}, max_attempts: 0}",
            "refiner: max_attempts must be 1 or more where probe.attempts is 0: there would be no attempt at all.",
        ),
        ("seed: abc", "seed must be a whole number; it is 'abc'."),
        ("seed: yes", "seed must be a whole number; it is true."),
        ("turns: 17", "turns.min must be 16 or less; it is 17."),
        ("turns: {min: 3, max: 2}", "turns: min (3) must not be above max (2)."),
        ("limits: {concurrency: 9, window: 8}", "limits: window (8) must not be below concurrency (9)."),
        ("limits: {max_jobs: 2}", "limits.max_jobs (2) must not be below count (3)."),
        (
            "limits: 3",
            (
                "limits must be a section. "
                "(keys: budget_usd, concurrency, max_calls, max_jobs, max_tokens, outage, tool_seconds, window)"
            ),
        ),
        (
            "models: {default: gpt-4}",
            (
                "models.default.model: must be offline, openai/NAME, package.module:Class, provider:NAME, "
                "scripted/FILE.py:function or scripted/FILE.jsonl."
            ),
        ),
        ("offline: {mistakes: 2}", "offline.mistakes must be 1.0 or less; it is 2."),
        ("targets: most", "targets: must be all, a list of tools, or a mapping of tools to weights."),
        (
            "targets: [pay, 3]",
            "targets: must be all, a list of tools, or a mapping of tools to weights; 3 is no name of a tool.",
        ),
        ("targets: []", "targets: names no tool: leave it out, or write all."),
        ("targets: {pay: -1}", "targets: the weight of pay must be 0 or more; it is -1."),
        ("targets: {pay: yes}", "targets: the weight of pay must be a number; it is True."),
        ("quotas: {per_tool: -1}", "quotas.per_tool must be 0 or more; it is -1."),
        (
            "quotas: {per_tol: 1}",
            "quotas.per_tol is not a key. Did you mean quotas.per_tool? (keys: per_edge, per_tool)",
        ),
        (
            "tools_shown: needed",
            ("tools_shown: must be all, or needed+K with a number of distractors, such as needed+5; it is 'needed'."),
        ),
        ("tools_shown: 5", "tools_shown must be text; it is 5."),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(config_file: ConfigFile, line: str, expected: str) -> None:
    path = config_file(line)
    lines = refusal(path).splitlines()
    assert lines[0] == f"{path}: {expected}"


@pytest.mark.parametrize(
    ("lines", "targets"),
    [
        ((), "all"),
        (("targets: [pay, look, pay]",), ("pay", "look")),
        (("targets: {pay: 2, look: 0.5}",), {"pay": 2.0, "look": 0.5}),
    ],
)
def test_targets_are_written_in_three_ways_and_kept(
    config_file: ConfigFile, lines: tuple[str, ...], targets: object
) -> None:
    config = load_config(config_file(*lines, "quotas: {per_edge: 2}", "tools_shown: needed+5"))
    assert (config.targets, config.quotas.per_edge, config.tools_shown) == (targets, 2, "needed+5")
    assert load_config(yaml.safe_load(yaml.safe_dump(resolved(config)))) == config


def test_one_weight_can_be_changed(config_file: ConfigFile) -> None:
    path = config_file("targets: {pay: 2, look: 0.5}")
    assert load_config(path, ["targets.pay=3"]).targets == {"pay": 3.0, "look": 0.5}


def test_every_problem_has_a_line(config_file: ConfigFile) -> None:
    path = config_file("sed: 1", "sampler: {implicit: 2, optional: x}")
    lines = refusal(path).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{path}: ") for line in lines)


def test_missing_keys_are_named() -> None:
    assert refusal({"name": "a"}).splitlines() == ["count is missing.", "world is missing."]


def test_an_unknown_world_is_told_with_those_that_are_installed(config_file: ConfigFile) -> None:
    path = config_file(world="libary")
    text = refusal(path)
    assert text.startswith(f"{path}: world: 'libary' not found. Installed: ")
    assert "package.module:name" in text
    assert "world.name: world" not in refusal({"name": "a", "count": 1, "world": {"name": "libary"}})


def test_wrong_options_of_a_world_are_told(tiny_world: str) -> None:
    base = {"name": "a", "count": 1}
    text = refusal({**base, "world": {"name": tiny_world, "options": {"sise": 1}}})
    assert "world.name" in text
    assert "sise" in text
    assert "size must be 1 or more" in refusal({**base, "world": {"name": tiny_world, "options": {"size": 0}}})


@pytest.mark.parametrize("options", [{}, {"size": 3}])
def test_a_world_that_needs_an_option_is_refused(tiny_world: str, options: dict[str, int]) -> None:
    sized = tiny_world.replace("TinyDomain", "SizedDomain")
    text = refusal({"name": "a", "count": 1, "world": {"name": sized, "options": options}})
    assert text.startswith(f"world.name: {sized!r} cannot be made without options: ")
    assert "'size'" in text
    assert "Records are opened without them" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\nname: b\n", "line 2: name is given twice."),
        ("turns: {min: 1,\n", "line 2: this is no YAML"),
        ("- a\n- b\n", "must be a mapping of keys to values."),
        ("", "must be a mapping of keys to values."),
        ("name: !!python/object/apply:os.getcwd []\n", "this is no YAML"),
    ],
)
def test_files_that_are_no_configuration(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert expected in refusal(path)
    assert refusal(path).startswith(f"{path}: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == f"{tmp_path / 'none.yaml'}: there is no such file."
    assert "folder" in refusal(tmp_path)
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refusal(tmp_path / "binary.yaml")


@pytest.mark.parametrize("text", ["seed", "=3", "a..b=3", "seed=[1", "seed.x=3"])
def test_overrides_that_mean_nothing(config_file: ConfigFile, text: str) -> None:
    assert f"--set {text}: " in refusal(config_file("seed: 1"), text)


SECRET = "sk-veryverysecret"


@pytest.mark.parametrize(
    "models",
    [
        {"default": {"model": "openai/a", "api_key": SECRET}},
        {"default": {"model": "openai/a", "api_key_env": SECRET}},
        {"default": {"model": "openai/a", "base_url": f"http://user:{SECRET}@host/v1"}},
        {"default": {"model": "openai/a", "base_url": f"http://host/v1?key={SECRET}"}},
    ],
)
def test_a_secret_is_refused_and_not_repeated(tiny_world: str, models: dict[str, object]) -> None:
    text = refusal({"name": "a", "count": 1, "world": tiny_world, "models": models})
    assert SECRET not in text
    assert "models.default" in text


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"auth": {"api_key": SECRET}}, "auth.api_key"),
        ({"servers": [{"url": "http://h"}, {"apiKey": SECRET}]}, "servers.1.apiKey"),
        ({"API-Key": [SECRET, SECRET]}, "API-Key"),
        ({"headers": {"Authorization": f"Bearer {SECRET}"}}, "headers.Authorization"),
        ({"access_token": SECRET}, "access_token"),
        ({"bearer": SECRET}, "bearer"),
        ({"dbCredentials": SECRET}, "dbCredentials"),
        ({"credential": SECRET}, "credential"),
        ({"OPENAI_APIKEY": SECRET}, "OPENAI_APIKEY"),
    ],
)
def test_a_secret_among_the_options_of_a_world_is_refused(tiny_world: str, options: object, key: str) -> None:
    text = refusal({"name": "a", "count": 1, "world": {"name": tiny_world, "options": options}})
    assert f"world.options: {key}: a secret must not stand in a configuration" in text
    assert SECRET not in text


def test_options_that_only_speak_of_secrets_are_none() -> None:
    options = {"token_env": "MY_TOKEN", "max_tokens": 5, "password": "", "tokens": ["a"], "credentials": {"user": "a"}}
    assert WorldSettings(name="tiny", options=options).options == options


def test_only_what_decides_records_is_in_the_hash(make_config: MakeConfig) -> None:
    base = configuration_hash(make_config())
    model = {"api_key_env": "OTHER", "timeout": 3, "retries": 0}
    for neutral in (
        {"name": "other"},
        {"count": 9},
        {"limits": {"concurrency": 1}},
        {"checkpoint": "memory"},
        {"models": {"default": model}},
        {"models": dict.fromkeys(ROLE_NAMES, "offline")},
        {"turns": {"min": 2, "max": 2}},
    ):
        assert configuration_hash(make_config(**neutral)) == base
    for deciding in (
        {"seed": 8},
        {"turns": 3},
        {"world": "other"},
        {"world": {"name": "tiny", "options": {"size": 2}}},
        {"sampler": {"policy": "random"}},
        {"refiner": {"require": "exact"}},
        {"targets": ["pay"]},
        {"quotas": {"per_tool": 1}},
        {"tools_shown": "needed+5"},
        {"offline": {"mistakes": 0}},
        {"models": {"critiquing": "openai/a"}},
        {"models": {"sampling": "openai/a"}},
        {"models": {"default": {"temperature": 0.5}}},
    ):
        assert configuration_hash(make_config(**deciding)) != base


def test_the_resolved_configuration_is_whole_and_loads_to_the_same(tiny_world: str) -> None:
    config = load_config({"name": "a", "count": 2, "world": tiny_world, "models": {"reasoning": "openai/x"}})
    text = yaml.safe_dump(resolved(config))
    assert load_config(yaml.safe_load(text)) == config
    assert "max_drafts" in text


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../a", "a b", "x" * 65])
def test_a_name_must_be_a_folders_name(tiny_world: str, name: str) -> None:
    assert "name: must be a folder's name" in refusal({"name": name, "count": 1, "world": tiny_world})


@pytest.mark.parametrize("path", sorted(Path("configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_configurations_have_only_known_keys(path: Path, tiny_world: str) -> None:
    config = load_config(path, [f"world={tiny_world}"])
    assert config.name == path.stem
