"""The domain ``bfcl``: which worlds it draws, that they are pure functions of their calls, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError

import pytest

pytest.importorskip("bfcl_eval")

from envs.bfcl import BfclDomain
from envs.bfcl.classes import CLASSES, INSTALL, shipped_configurations
from envs.domain import UnknownWorldError
from tools.call import ToolCall


def call(identifier, name, **arguments):
    return ToolCall(id=identifier, name=name, arguments=arguments)


def run(script, **environment):
    path = os.pathsep.join(item for item in sys.path if item)
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_seed_draws_one_world_of_one_to_three_classes():
    domain = BfclDomain()
    assert domain.draw(7) == BfclDomain().draw(7)
    drawn = [domain.draw(seed) for seed in range(800)]
    assert {len(spec.environments) for spec in drawn} == {1, 2, 3}
    counts = Counter(name for spec in drawn for name in spec.environments)
    assert set(counts) == set(CLASSES)
    assert max(counts.values()) < 1.4 * min(counts.values())
    assert all(set(spec.initial_state) == set(spec.environments) for spec in drawn)
    begins = [spec.initial_state["TravelAPI"] for spec in drawn if "TravelAPI" in spec.environments]
    assert 0.35 < sum(not state for state in begins) / len(begins) < 0.65


@pytest.mark.parametrize("kind", ["shipped", "blank"])
def test_configurations_are_shipped_ones_or_blank(kind):
    domain = BfclDomain(environments=["TicketAPI", "MathAPI"], configurations=kind)
    for seed in range(20):
        spec = domain.draw(seed)
        assert spec.environments == ("TicketAPI", "MathAPI")
        assert spec.initial_state["MathAPI"] == {}
        assert (spec.initial_state["TicketAPI"] in shipped_configurations("TicketAPI")) is (kind == "shipped")


def test_all_eight_classes_fit_in_one_world():
    domain = BfclDomain(environments=CLASSES)
    assert len(domain.open(domain.draw(1)).specs()) == 127


def test_two_worlds_do_not_influence_one_another():
    domain = BfclDomain(environments=["TwitterAPI", "MathAPI", "TravelAPI"], configurations="blank")
    spec = domain.draw(3)
    calls = [
        call("1", "authenticate_twitter", username="john", password="john123"),
        call("2", "post_tweet", content="Hello"),
        call("3", "mention", tweet_id=0, mentioned_usernames=["alice"]),
        call("4", "logarithm", value=7, base=3, precision=4),
        call("5", "square_root", number=7, precision=20),
    ]
    alone = domain.open(spec)
    expected = alone.replay(calls)
    assert not any(observation.failed for observation in expected)
    first, second = domain.open(spec), domain.open(spec)
    interleaved = [(first.execute(item), second.execute(item)) for item in calls]
    assert [pair[0] for pair in interleaved] == [pair[1] for pair in interleaved] == list(expected)
    assert first.replay_hash() == second.replay_hash() == alone.replay_hash()


def test_swapped_independent_calls_look_the_same():
    domain = BfclDomain(environments=["MessageAPI"], configurations="blank")
    spec = domain.draw(1)
    login = call("0", "message_login", user_id="USR001")
    add, send = (
        call("1", "add_contact", user_name="Priya"),
        call("2", "send_message", receiver_id="USR002", message="Hi"),
    )
    one, other = domain.open(spec), domain.open(spec)
    one.replay([login, add, send])
    other.replay([login, send, add])
    assert one.public_hash() == other.public_hash()
    other.execute(call("3", "send_message", receiver_id="USR002", message="Hi"))
    assert one.public_hash() != other.public_hash()


SCRIPT = """
import json, random
from envs.bfcl import BfclDomain
from tools.base import digest
from tools.call import ToolCall

domain, seen = BfclDomain(), []
for seed in range(12):
    world, rng = domain.open(domain.draw(seed)), random.Random(seed)
    for step in range(25):
        known = {}
        for item in world.known_values():
            known.setdefault(item.parameter, []).append(item.value)
        tool = rng.choice(world.specs())
        arguments = {key: rng.choice(known.get(f"{tool.name}.{key}") or ["?"]) for key in tool.required}
        seen.append(world.execute(ToolCall(id=str(step), name=tool.name, arguments=arguments)).plain())
    seen += [world.replay_hash(), world.public_hash()]

from envs.bfcl.environment import BfclEnvironment
from envs.environment import ToolFailure

travel, ticket = BfclEnvironment("TravelAPI"), BfclEnvironment("TicketAPI")
travel.reset({"access_token": "t", "credit_card_list": {"c": {"balance": 1}}})
ticket.reset({"ticket_queue": [{"id": 1}]})
flight = dict(access_token="t", card_id="c", travel_date="2026-01-01", travel_from="SFO", travel_to="LAX")
for environment, tool, arguments in [
    (travel, "book_flight", {**flight, "travel_class": "luxury"}),
    (ticket, "edit_ticket", {"ticket_id": 1, "updates": {name: 1 for name in "alpha beta gamma delta".split()}}),
]:
    try:
        environment.call(tool, arguments)
    except ToolFailure as failure:
        seen.append(failure.message)
        print(failure.message)
print(digest(seen))
"""


def test_everything_is_the_same_under_another_hash_seed_and_time_zone():
    first = run(SCRIPT, PYTHONHASHSEED="1", TZ="UTC")
    assert first == run(SCRIPT, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert "Must be one of {'business', 'economy', 'first'}" in first
    assert "Invalid fields for update: alpha, beta, delta, gamma" in first


def test_another_version_is_refused():
    domain = BfclDomain(configurations="blank")
    spec = domain.draw(1).model_copy(update={"version": "bfcl-eval-2020.1.1"})
    with pytest.raises(ValueError, match=r"bfcl-eval-2020\.1\.1.*installed"):
        domain.open(spec)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"environments": ["Travel"]}, "no environment 'Travel'. It has: GorillaFileSystem"),
        ({"environments": []}, "at least one"),
        ({"environments": ["MathAPI", "MathAPI"]}, "each once"),
        ({"environments": "MathAPI"}, "list of names"),
        ({"configurations": "some"}, "shipped, blank, mixed"),
        ({"max_environments": 0}, "1 to 8"),
    ],
)
def test_wrong_options_are_named(options, text):
    with pytest.raises(UnknownWorldError, match=text.replace(".", r"\.")):
        BfclDomain(**options)


@pytest.mark.parametrize("missing", ["bfcl_eval", "mpmath"])
def test_without_the_package_only_its_use_fails_and_names_the_commands(missing):
    script = f"""
import sys
sys.modules[{missing!r}] = None
from envs.bfcl import BfclDomain
from envs.domain import UnknownWorldError
try:
    domain = BfclDomain(environments=["MathAPI"])
    domain.open(domain.draw(1))
except UnknownWorldError as error:
    print(error)
"""
    shown = run(script)
    assert all(command in shown for command in INSTALL)
    assert missing in shown


def test_without_its_metadata_the_commands_are_named(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("envs.bfcl.classes.version", absent)
    with pytest.raises(UnknownWorldError, match="no-deps bfcl-eval"):
        BfclDomain()
