"""Several models for one role: who is asked for a job, and who stands in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fr_agents.backends.backend import Answer, Backend, Request
from fr_agents.backends.faults import BackendFault, FaultKind, UnanswerableRequest
from fr_agents.backends.metering import MeteredBackend
from fr_agents.backends.mixing import FallbackBackend, MixedBackend, arranged
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.config import ModelSettings
from graphs.usage import metered

ASK = Request(messages=({"role": "user", "content": "hello"},))


class Model:
    """A model that answers, or fails as long as it is told to."""

    def __init__(self, name: str, failing: FaultKind | None = None) -> None:
        self.failing = failing
        self.asked = 0
        self.backend = ScriptedBackend(self._answer, name)

    def _answer(self, request: Request) -> Answer:
        self.asked += 1
        if self.failing is not None:
            raise BackendFault(self.failing, self.backend.name, "is not there.")
        return Answer(text="ready")


async def asked_by(backend: Backend, job: int, role: str = "reasoning") -> Answer:
    """What a job's node gets for a role."""
    answers: list[Answer] = []

    async def node(state: Any) -> dict[str, Any]:
        answers.append(await MeteredBackend(backend, role).complete(ASK))
        return {}

    await metered(node)({"job": {"number": job}})
    return answers[0]


@contextmanager
def failing(model: Model, kind: FaultKind) -> Iterator[None]:
    model.failing = kind
    yield
    model.failing = None


@pytest.mark.parametrize("kind", ["authentication", "permission", "unknown_model", "quota", "timeout", "outage"])
async def test_the_next_is_asked_where_one_gives_up(kind: FaultKind) -> None:
    first, second = Model("openai/a", kind), Model("openai/b")
    backend = FallbackBackend([first.backend, second.backend])
    answer = await asked_by(backend, 1)
    assert (answer.text, answer.model) == ("ready", "openai/b")
    assert backend.name == "openai/a, else openai/b"


async def test_the_first_answers_as_long_as_it_can() -> None:
    first, second = Model("openai/a"), Model("openai/b")
    backend = FallbackBackend([first.backend, second.backend])
    assert [(await asked_by(backend, job)).model for job in (1, 2)] == ["openai/a", "openai/a"]
    assert second.asked == 0


async def test_a_job_stays_with_the_one_that_answered_and_another_job_begins_with_the_first() -> None:
    first, second = Model("openai/a"), Model("openai/b")
    backend = FallbackBackend([first.backend, second.backend])
    with failing(first, "quota"):
        await asked_by(backend, 1)
    assert (await asked_by(backend, 1)).model == "openai/b"
    assert (await asked_by(backend, 2)).model == "openai/a"
    assert first.asked == 2


async def test_where_nobody_is_left_all_are_told_of_and_the_last_can_answer_later() -> None:
    first, second = Model("openai/a", "authentication"), Model("openai/b", "quota")
    backend = FallbackBackend([first.backend, second.backend])
    with pytest.raises(BackendFault) as caught:
        await asked_by(backend, 1)
    assert caught.value.kind == "quota"
    assert str(caught.value) == "openai/b is not there (before it: openai/a is not there)"
    second.failing = None
    assert (await asked_by(backend, 1)).model == "openai/b"


async def test_a_request_that_cannot_be_answered_goes_to_no_other() -> None:
    def too_long(request: Request) -> Answer:
        raise UnanswerableRequest("too long")

    second = Model("openai/b")
    backend = FallbackBackend([ScriptedBackend(too_long, "openai/a"), second.backend])
    with pytest.raises(UnanswerableRequest):
        await asked_by(backend, 1)
    assert second.asked == 0


async def test_calls_outside_of_jobs_begin_with_the_first_each_time() -> None:
    first, second = Model("openai/a", "quota"), Model("openai/b")
    backend = FallbackBackend([first.backend, second.backend])
    for _ in range(2):
        assert (await backend.complete(ASK)).model == "openai/b"
    assert first.asked == 2


def mixed(*weights: float) -> MixedBackend:
    return MixedBackend([Model(f"openai/{index}").backend for index in range(len(weights))], weights)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["tooling", "querying", "reasoning"]))
async def test_the_job_and_the_role_alone_choose_from_a_mix(job: int, role: str) -> None:
    chosen = {(await asked_by(backend, job, role)).model for backend in (mixed(1, 1, 1), mixed(1, 1, 1))}
    assert len(chosen) == 1


async def test_the_weights_tell_how_often() -> None:
    backend = mixed(3, 1)
    counts = Counter([(await asked_by(backend, job)).model for job in range(400)])
    assert 270 < counts["openai/0"] < 330
    assert counts.total() == 400
    assert backend.name == "mix of openai/0 (75%) and openai/1 (25%)"


async def test_roles_choose_on_their_own_but_thoughts_are_written_anew_by_who_had_them() -> None:
    backend = mixed(1, 1)
    chosen = {role: [(await asked_by(backend, job, role)).model for job in range(40)] for role in ROLES}
    assert chosen["reasoning"] == chosen["rewriting"]
    assert chosen["reasoning"] != chosen["querying"]


ROLES = ("reasoning", "rewriting", "querying")


async def test_a_mix_outside_of_jobs_is_its_first() -> None:
    assert (await mixed(1, 9).complete(ASK)).model == "openai/0"


async def test_settings_are_arranged_as_they_are_written() -> None:
    models = {name: Model(name) for name in ("openai/a", "openai/b", "openai/c", "openai/d")}
    written = {"mix": ["openai/a", ["openai/b", "openai/c"]], "fallbacks": ["openai/d"]}
    several = ModelSettings.model_validate(written)
    opened = {single: models[single.model].backend for single in several.every()}
    backend = arranged(several, opened.__getitem__)
    assert backend.name == several.title
    assert {(await asked_by(backend, job)).model for job in range(20)} == {"openai/a", "openai/b"}
    with failing(models["openai/b"], "quota"):
        assert {(await asked_by(backend, job)).model for job in range(20, 40)} == {"openai/a", "openai/c"}
        with failing(models["openai/a"], "quota"), failing(models["openai/c"], "quota"):
            assert {(await asked_by(backend, job)).model for job in range(40, 60)} == {"openai/d"}


def test_one_model_alone_is_left_as_it_is() -> None:
    single = Model("openai/a").backend
    assert arranged(ModelSettings(model="openai/a"), lambda settings: single) is single
