"""Who answers in a whole run: a script in place of a server, several models by turns, one in another one's place."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import fr_agents
from benchmarks import rule_model
from fr_agents.backends.pacing.endpoint import Endpoints
from fr_agents.config.run import LimitsSettings
from fr_agents.errors import InfrastructureError, PreflightError

VARIABLE, SECRET = "KEY_OF_THE_TEST", "sk-known-by-sight-8461"
SCRIPT = f"scripted/{rule_model.__file__}:answer"
ASKED_BY_ROLES = ("tooling", "reasoning", "critiquing")


@pytest.fixture(autouse=True)
def _nobody_waits(fake_time: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def endpoints(limits: LimitsSettings) -> Endpoints:
        return Endpoints(limits.concurrency, limits.outage, fake_time.timing())

    monkeypatch.setattr("fr_agents.run_models.endpoints_for", endpoints)


def whoever_answers(records: list[Any]) -> list[Any]:
    """Records without what follows from the name of their model."""
    named = {"models", "configuration"}
    return [
        {
            **{key: value for key, value in record.items() if key != "id"},
            "lineage": {key: value for key, value in record["lineage"].items() if key not in named},
        }
        for record in records
    ]


def played_by(plain: Any, settings: dict[str, Any], **limits: Any) -> dict[str, Any]:
    """The run with other models in place of its own."""
    models = dict.fromkeys(ASKED_BY_ROLES, settings)
    return {**plain.with_limits(**limits), "models": {**models, "rewriting": "offline"}}


async def test_a_script_in_place_of_a_server_gives_the_same_records(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    await fr_agents.synthesize(played_by(plain, {"model": SCRIPT}), tmp_path / "run")
    scripted, served = plain.lines(tmp_path / "run"), plain.lines(plain.folder)
    assert whoever_answers(scripted) == whoever_answers(served)
    assert {record["lineage"]["models"]["reasoning"] for record in scripted} == {SCRIPT}
    assert plain.lines(tmp_path / "run", "rejections.jsonl") == plain.lines(plain.folder, "rejections.jsonl")
    assert ruled_server.count == 0
    assert plain.ledger(tmp_path / "run").total.calls == plain.calls


async def test_two_models_share_the_jobs_and_a_resumed_job_keeps_its_own(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    """Each of them signs what it says to the user."""
    ruled = ruled_server.script

    def signing(number: int, body: dict[str, Any]) -> Any:
        reply = ruled(number, body)
        if not body.get("tools"):
            return reply
        signed = reply.body.replace('"reasoning_content": "', f'"reasoning_content": "({body["model"]}) ')
        return ruled_server.Reply(body=signed)

    ruled_server.script = signing
    member = plain.configuration["models"]["reasoning"]
    mix = {"mix": [{**member, "model": "openai/ann"}, {**member, "model": "openai/bob", "weight": 2}]}
    await fr_agents.synthesize(played_by(plain, mix), tmp_path / "whole")
    asked = Counter(f"openai/{body['model']}" for body in ruled_server.bodies if not plain.is_try(body))
    paid = plain.ledger(tmp_path / "whole").by_model
    assert set(asked) == {"openai/ann", "openai/bob"}
    assert {model: counts.calls for model, counts in paid.items()} == asked
    signatures = [signed_by(record) for record in plain.lines(tmp_path / "whole")]
    assert all(len(names) == 1 for names in signatures), "a job is one model's"

    ruled_server.bodies.clear()
    with pytest.raises(InfrastructureError, match="max_calls"):
        await fr_agents.synthesize(played_by(plain, mix, max_calls=15), tmp_path / "stopped")
    await fr_agents.resume(tmp_path / "stopped", limits={"max_calls": None})
    assert plain.records(tmp_path / "stopped") == plain.records(tmp_path / "whole")
    assert Counter(f"openai/{body['model']}" for body in ruled_server.bodies if not plain.is_try(body)) == asked


def signed_by(record: dict[str, Any]) -> set[str]:
    """Whose signature the thoughts of a record have."""
    thoughts = [
        message["content"]
        for turn in record["turns"]
        for attempt in turn["attempts"]
        for message in attempt["messages"]
        if message["role"] == "assistant"
    ]
    return {name for thought in thoughts for name in ("ann", "bob") if f"({name})" in thought}


async def test_another_model_goes_on_where_the_first_one_lost_its_key(
    ruled_server: Any, plain: Any, tmp_path: Path
) -> None:
    ruled = ruled_server.script
    refused: list[int] = []

    def revoking(number: int, body: dict[str, Any]) -> Any:
        if body["model"] == "first" and number >= 20:
            refused.append(number)
            return ruled_server.failed(401, "this key was revoked")
        return ruled(number, body)

    ruled_server.script = revoking
    second = plain.configuration["models"]["reasoning"]
    first = {**second, "model": "openai/first", "fallbacks": [second]}
    await fr_agents.synthesize(played_by(plain, first), tmp_path / "run")
    assert whoever_answers(plain.lines(tmp_path / "run")) == whoever_answers(plain.lines(plain.folder))
    paid = plain.ledger(tmp_path / "run").by_model
    assert set(paid) == {"openai/first", "openai/rules"}
    assert sum(counts.calls for counts in paid.values()) == plain.calls
    assert 1 <= len(refused) <= 4 * len(ASKED_BY_ROLES), "once for each job, and each model of a role"
    tried_before_it_began = 2
    assert ruled_server.count == plain.calls + len(refused) + tried_before_it_began
    names = [record["lineage"]["models"]["reasoning"] for record in plain.lines(tmp_path / "run")]
    assert any("openai/rules" in name for name in names)


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "Incorrect API key provided: {key}"), (400, "bad request with Authorization: Bearer {key}")],
)
async def test_a_key_that_a_server_repeats_is_in_no_error_and_no_file(
    ruled_server: Any, plain: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, message: str
) -> None:
    monkeypatch.setenv(VARIABLE, SECRET)
    ruled = ruled_server.script
    failure = ruled_server.failed(status, message.format(key=SECRET))
    ruled_server.script = lambda number, body: ruled(number, body) if number < 20 else failure
    with pytest.raises(InfrastructureError) as caught:
        await fr_agents.synthesize(plain.with_model(api_key_env=VARIABLE), tmp_path / "run")
    assert f"Bearer {SECRET}" in ruled_server.authorizations
    with pytest.raises(PreflightError) as again:
        await fr_agents.resume(tmp_path / "run")
    assert [text for text in (*told(caught.value), *told(again.value)) if SECRET in text] == []
    assert any("***" in text for text in told(caught.value))
    files = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    assert [name for name, content in files.items() if SECRET.encode() in content] == []
    assert {"run.yaml", "journal.sqlite", "checkpoints.sqlite"} <= set(files)


def told(error: BaseException | None) -> list[str]:
    """The texts of an error and of those behind it."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error)]
        error = error.__cause__ or error.__context__
    return texts
