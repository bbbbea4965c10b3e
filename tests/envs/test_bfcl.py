"""The environments of the world ``bfcl``: state, failures, schemas, known values."""

from __future__ import annotations

import asyncio
import decimal
import random
from collections import defaultdict
from datetime import date

import jsonschema
import pytest

pytest.importorskip("bfcl_eval")

import mpmath

from envs.bfcl.classes import CLASSES, load_class, shipped_configurations
from envs.bfcl.environment import BfclEnvironment
from envs.environment import ToolFailure
from tools.base import canonical_json, digest


def begun(name, configuration=None):
    environment = BfclEnvironment(name)
    environment.reset(configuration or {})
    return environment


def failure(environment, tool, **arguments):
    with pytest.raises(ToolFailure) as caught:
        environment.call(tool, arguments)
    return caught.value


@pytest.fixture
def travel():
    environment = begun("TravelAPI")
    environment.call(
        "authenticate_travel",
        {
            "client_id": "client-1",
            "client_secret": "secret",
            "refresh_token": "refresh",
            "grant_type": "read_write",
            "user_first_name": "Nora",
            "user_last_name": "Lindqvist",
        },
    )
    return environment


@pytest.fixture
def twitter():
    environment = begun("TwitterAPI")
    environment.call("authenticate_twitter", {"username": "john", "password": "john123"})
    return environment


# ---- specifications


def test_127_tools_have_sound_schemas_and_different_names():
    specs = [spec for name in CLASSES for spec in begun(name).specs()]
    assert len(specs) == len({spec.name for spec in specs}) == 127
    for spec in specs:
        jsonschema.Draft202012Validator.check_schema(spec.parameters)
        jsonschema.Draft202012Validator.check_schema(spec.returns)
        assert spec.parameters["additionalProperties"] is False
        assert set(spec.required) <= set(spec.properties)
        assert "This tool belongs to" not in spec.description
        assert '"None"' not in canonical_json([item.get("default") for item in spec.properties.values()])
        for schema in spec.properties.values():
            assert jsonschema.Draft202012Validator(schema).is_valid(schema["default"]) if "default" in schema else True


def test_enums_are_read_from_descriptions():
    found = {spec.name: spec.properties for name in CLASSES for spec in begun(name).specs()}
    assert found["get_flight_cost"]["travel_class"]["enum"] == ["economy", "business", "first"]
    assert found["authenticate_travel"]["grant_type"]["enum"] == ["read_write", "read", "write"]
    assert found["lockDoors"]["door"]["items"]["enum"] == ["driver", "passenger", "rear_left", "rear_right"]
    assert "enum" not in found["lockDoors"]["door"]
    assert len(found["get_nearest_airport_by_city"]["location"]["enum"]) == 23
    assert "enum" not in found["find"]["name"]


def test_mappings_keyed_by_ids_have_no_named_fields():
    returns = {spec.name: spec.returns for spec in begun("TravelAPI").specs()}
    history = returns["get_booking_history"]["properties"]["booking_history"]
    assert "properties" not in history
    assert "transaction_id" in history["additionalProperties"]["properties"]
    assert returns["list_all_airports"]["type"] == "array"


# ---- state


def test_snapshots_and_forks_are_independent(travel):
    before, snapshot = travel.state(), travel.snapshot()
    token = travel.public_state()["access_token"]
    twin = travel.fork()
    twin.call("set_budget_limit", {"access_token": token, "budget_limit": 100.0})
    assert travel.state() == before != twin.state()
    for _ in range(2):
        travel.call("set_budget_limit", {"access_token": token, "budget_limit": 500.0})
        travel.restore(snapshot)
        assert travel.state() == before
    with pytest.raises(TypeError, match="snapshot"):
        travel.restore("something else")


def test_the_generator_belongs_to_the_state():
    vehicle = begun("VehicleControlAPI")
    snapshot, public, whole = vehicle.snapshot(), vehicle.public_state(), vehicle.state()
    first = vehicle.call("get_current_speed", {})
    assert vehicle.public_state() == public
    assert vehicle.state() != whole
    second = vehicle.call("get_current_speed", {})
    vehicle.restore(snapshot)
    assert [vehicle.call("get_current_speed", {}) for _ in range(2)] == [first, second]


def test_working_directory_and_tree_survive_a_fork():
    files = begun("GorillaFileSystem")
    files.call("mkdir", {"dir_name": "drafts"})
    files.call("cd", {"folder": "drafts"})
    twin = files.fork()
    twin.call("touch", {"file_name": "plan.txt"})
    twin.call("cd", {"folder": ".."})
    assert files.public_state()["working_directory"].endswith("/drafts")
    assert files.call("ls", {}) == {"current_directory_content": []}
    assert twin.public_state()["root"]["contents"]["drafts"]["contents"]["plan.txt"] == {"type": "file", "content": ""}


def test_a_directory_copied_into_itself_is_still_a_state():
    files = begun("GorillaFileSystem")
    files.call("mkdir", {"dir_name": "loop"})
    files.call("cp", {"source": "loop", "destination": "loop"})
    assert digest(files.fork().state()) == digest(files.state())
    assert failure(files, "du").message == "RecursionError: maximum recursion depth exceeded"


def test_a_reset_copies_its_configuration_and_leaves_nothing_behind():
    for name in CLASSES:
        for configuration in shipped_configurations(name)[:3]:
            text = canonical_json(configuration)
            environment = begun(name, configuration)
            fresh = environment.state()
            pools, rng = known(environment), random.Random(1)
            for spec in environment.specs():
                arguments = choose(spec, pools, rng)
                if arguments is not None:
                    attempt(environment, spec.name, arguments)
            assert canonical_json(configuration) == text
            environment.reset(configuration)
            assert environment.state() == fresh
            assert environment.made_ids() == ()


def test_answers_and_arguments_are_copies(twitter):
    tags = ["#one"]
    tweet = twitter.call("post_tweet", {"content": "Hello", "tags": tags})
    before = twitter.state()
    tags.append("#two")
    tweet["mentions"].append("@nobody")
    assert twitter.state() == before


def test_tweets_share_no_default_lists(twitter):
    first = twitter.call("post_tweet", {"content": "Hello"})
    twitter.call("mention", {"tweet_id": first["id"], "mentioned_usernames": ["alice"]})
    other = begun("TwitterAPI")
    other.call("authenticate_twitter", {"username": "john", "password": "john123"})
    assert other.call("post_tweet", {"content": "Later"})["mentions"] == []
    assert twitter.call("post_tweet", {"content": "Later"})["mentions"] == []


def test_numeric_and_textual_keys_stay_apart():
    configuration = {
        "authenticated": True,
        "tweets": {"0": {"id": 0, "username": "john", "content": "Hi", "tags": [], "mentions": []}},
        "comments": {"0": [{"username": "bob", "content": "First"}]},
    }
    environment = begun("TwitterAPI", configuration)
    environment.call("comment", {"tweet_id": 0, "comment_content": "Second"})
    comments = environment.public_state()["comments"]
    assert [entry["content"] for entries in comments.values() for entry in entries] == ["First", "Second"]


# ---- numbers


def test_precision_of_the_process_is_left_alone():
    maths = begun("MathAPI")
    before = mpmath.mp.dps, decimal.getcontext().prec
    with decimal.localcontext(prec=3):
        assert maths.call("square_root", {"number": 2, "precision": 10}) == {"result": 1.414213562}
    assert maths.call("logarithm", {"value": 8, "base": 2, "precision": 40}) == {"result": 3.0}
    assert (mpmath.mp.dps, decimal.getcontext().prec) == before


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("power", {"base": 9, "exponent": 10**9}),
        ("power", {"base": -8, "exponent": 0.5}),
        ("power", {"base": 9.5, "exponent": 10**6}),
        ("multiply", {"a": 1e308, "b": 1e308}),
        ("logarithm", {"value": -1, "base": 2, "precision": 5}),
        ("logarithm", {"value": 8, "base": 1, "precision": 5}),
        ("logarithm", {"value": 8, "base": 2, "precision": 10**9}),
        ("square_root", {"number": 2, "precision": 0}),
        ("square_root", {"number": 2, "precision": 10**30}),
        ("round_number", {"number": 5, "decimal_places": -(10**9)}),
        ("divide", {"a": 1, "b": 0}),
    ],
)
def test_numbers_that_are_none_fail_quickly(tool, arguments):
    assert failure(begun("MathAPI"), tool, **arguments).message


# ---- failures


@pytest.mark.parametrize(
    ("name", "tool", "arguments", "kind", "message"),
    [
        ("GorillaFileSystem", "cat", {"file_name": "no.txt"}, "failed", "No such file"),
        ("TicketAPI", "get_user_tickets", {}, "failed", "not authenticated"),
        ("TradingBot", "get_watchlist", {}, "failed", "not authenticated"),
        ("TradingBot", "get_symbol_by_name", {"name": "Nowhere Inc"}, "not_found", "Nowhere Inc"),
        ("TradingBot", "get_available_stocks", {"sector": "Fishing"}, "not_found", "Fishing"),
        ("TradingBot", "add_to_watchlist", {"stock": "ZZZZ"}, "not_found", "ZZZZ"),
        ("TradingBot", "trading_logout", {}, "no_change", "No user is currently logged in"),
        ("TwitterAPI", "authenticate_twitter", {"username": "john", "password": "x"}, "refused", "authentication"),
        ("MessageAPI", "message_login", {"user_id": "USR999"}, "refused", "not found"),
        ("VehicleControlAPI", "get_zipcode_based_on_city", {"city": "Atlantis"}, "not_found", "Atlantis"),
        (
            "TravelAPI",
            "compute_exchange_rate",
            {"base_currency": "EUR", "target_currency": "JPY", "value": 1},
            "exception",
            "No available",
        ),
        ("TravelAPI", "cancel_booking", {"access_token": "1", "booking_id": "2"}, "failed", "Invalid access token"),
        ("VehicleControlAPI", "lockDoors", {"unlock": False, "door": ["boot"]}, "exception", "KeyError: 'boot'"),
        ("VehicleControlAPI", "swim", {}, "unknown_tool", "swim"),
    ],
)
def test_every_form_of_failure_is_one(name, tool, arguments, kind, message):
    found = failure(begun(name), tool, **arguments)
    assert found.kind == kind
    assert message in found.message


def test_a_false_login_status_and_an_empty_search_are_answers(twitter):
    assert begun("TicketAPI").call("ticket_get_login_status", {}) == {"login_status": False}
    assert begun("TravelAPI").call("travel_get_login_status", {}) == {"status": False}
    assert twitter.call("search_tweets", {"keyword": "nothing"}) == []
    assert begun("VehicleControlAPI").call("estimate_drive_feasibility_by_mileage", {"distance": 5}) == {
        "canDrive": False
    }


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_cancellation_is_no_failure(monkeypatch, interruption):
    environment = begun("MessageAPI")

    def interrupted(self):
        raise interruption

    monkeypatch.setattr(load_class("MessageAPI"), "list_users", interrupted)
    with pytest.raises(interruption):
        environment.call("list_users", {})


def test_a_traveller_comes_of_age_on_the_pinned_day(travel):
    person = {"first_name": "Nora", "last_name": "Lindqvist", "passport_number": "US1"}
    assert travel.call("verify_traveler_information", {**person, "date_of_birth": "2008-01-01"}) == {
        "verification_status": True
    }
    assert "18 years" in failure(travel, "verify_traveler_information", **person, date_of_birth="2008-01-02").message
    assert load_class("TravelAPI").verify_traveler_information.__globals__["datetime"].__module__ == "datetime"


# ---- identifiers


def test_made_ids_are_what_calls_made(travel):
    token = travel.public_state()["access_token"]
    assert travel.made_ids() == (token,)
    card = {"expiration_date": "08/2028", "cardholder_name": "Nora", "card_verification_number": 314}
    snapshot = travel.snapshot()
    made = travel.call("register_credit_card", {"access_token": token, "card_number": "4111", **card})
    twin = travel.fork()
    travel.call("get_all_credit_cards", {})
    assert travel.made_ids() == twin.made_ids() == (token, made["card_id"])
    travel.restore(snapshot)
    assert travel.made_ids() == (token,)


def test_small_numbers_and_existing_ids_are_not_renamed(twitter):
    twitter.call("post_tweet", {"content": "Hello"})
    assert twitter.made_ids() == ()
    trading = begun("TradingBot")
    trading.call("trading_login", {"username": "nora", "password": "x"})
    order = {"order_type": "Buy", "symbol": "ZETA", "price": 20.0, "amount": 1}
    collides = trading.call("place_order", order)["order_id"]
    fresh = trading.call("place_order", order)["order_id"]
    assert trading.made_ids() == (fresh,) == (collides + 1,)


# ---- what a user could say, and what changes by it


def known(environment):
    pools = defaultdict(list)
    for value in environment.known_values():
        pools[value.parameter].append(value.value)
    return pools


def choose(spec, pools, rng):
    """Arguments for a tool out of known values, or none where a required one has no value."""
    arguments = {}
    for name in spec.properties:
        options = pools[f"{spec.name}.{name}"]
        if options and (name in spec.required or rng.random() < 0.5):
            arguments[name] = rng.choice(options)
        elif name in spec.required:
            return None
    return arguments


def attempt(environment, tool, arguments):
    """Whether the call succeeded."""
    try:
        environment.call(tool, arguments)
    except ToolFailure:
        return False
    return True


@pytest.mark.parametrize("name", CLASSES)
def test_known_values_reach_every_tool_and_effects_are_right(name):
    succeeded, changed = set(), set()
    for seed in range(20):
        rng = random.Random(seed)
        environment = begun(name, rng.choice(shipped_configurations(name)) if seed % 3 else None)
        pools = known(environment)
        for step in range(60):
            if step % 15 == 14:
                pools = known(environment)
            spec = rng.choice(environment.specs())
            arguments = choose(spec, pools, rng)
            if arguments is None:
                continue
            before = canonical_json(environment.public_state())
            if not attempt(environment, spec.name, arguments):
                continue
            succeeded.add(spec.name)
            if canonical_json(environment.public_state()) != before:
                changed.add(spec.name)
    specs = BfclEnvironment(name).specs()
    writes = {spec.name for spec in specs if spec.effect == "write"}
    assert changed <= writes
    # What is left needs luck with two values at once, or several calls before it in the right order.
    assert len(succeeded) >= 0.9 * len(specs), {spec.name for spec in specs} - succeeded
    assert writes & succeeded <= changed


def test_every_shipped_configuration_tells_values_that_fit_and_can_be_quoted():
    for name in CLASSES:
        for configuration in ({}, *shipped_configurations(name)):
            environment = begun(name, configuration)
            properties = {
                f"{spec.name}.{key}": value for spec in environment.specs() for key, value in spec.properties.items()
            }
            validators = {key: jsonschema.Draft202012Validator(schema) for key, schema in properties.items()}
            for value in environment.known_values():
                if value.parameter.endswith(".today"):
                    assert date.fromisoformat(value.value)
                    continue
                assert validators[value.parameter].is_valid(value.value), value
                assert not isinstance(value.value, str) or not set(value.value) & set('"\n'), value


def test_ids_and_tokens_are_opaque_and_names_are_not():
    opaque = {value.parameter for value in begun("MessageAPI").known_values() if value.opaque}
    assert opaque == {"send_message.receiver_id", "delete_message.receiver_id", "message_login.user_id"}


@pytest.mark.parametrize(
    ("name", "tool", "count"),
    [
        ("TradingBot", "get_symbol_by_name", 13),
        ("TradingBot", "get_available_stocks", 2),
        ("VehicleControlAPI", "get_zipcode_based_on_city", 11),
        ("TravelAPI", "get_nearest_airport_by_city", 23),
    ],
)
def test_everything_that_a_look_up_knows_is_known(name, tool, count):
    environment = begun(name)
    values = [value for value in environment.known_values() if value.parameter.startswith(f"{tool}.")]
    assert len(values) == count
    assert all(attempt(environment, tool, {value.parameter.partition(".")[2]: value.value}) for value in values)
