"""What ends a run from outside is told in words."""

from __future__ import annotations

import pytest

from envs.pool import ReplayError
from envs.world import ToolDefectError
from fr_agents.errors import ConfigError, InfrastructureError
from fr_agents.failures import infrastructure_errors
from tools.call import ToolCall

BROKEN = ToolDefectError(ToolCall(id="c", name="pay", arguments={"sum": 3}), KeyError("card"))


def told(error: Exception) -> str:
    with pytest.raises(InfrastructureError) as caught, infrastructure_errors():
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BROKEN, "ended by a world: the tool 'pay' broke on the arguments {\"sum\":3}: KeyError: 'card'."),
        (ReplayError("world 'bank' came out different"), "ended by a world: world 'bank' came out different"),
        (OSError(28, "No space left on device"), "A file cannot be read or written: [Errno 28] No space left"),
    ],
)
def test_a_failure_is_told(error: Exception, words: str) -> None:
    assert words in told(error)


def test_several_failures_are_told_once_each() -> None:
    inner = ExceptionGroup("several", [ReplayError("a"), InfrastructureError("the server is gone.")])
    text = told(ExceptionGroup("several jobs failed", [BROKEN, inner, ReplayError("a")]))
    assert [line.split(":")[0] for line in text.splitlines()] == [
        "The run was ended by a world",
        "The run was ended by a world",
        "the server is gone.",
    ]


@pytest.mark.parametrize(
    "error", [ConfigError("x"), AssertionError("x"), ExceptionGroup("x", [BROKEN, AssertionError("x")])]
)
def test_what_is_told_already_and_what_nobody_foresaw_come_out_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, infrastructure_errors():
        raise error
    assert caught.value is error
