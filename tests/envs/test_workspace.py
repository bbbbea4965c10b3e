"""The workspace: chains, what breaks them again, refusals, determinism, and what its hashes tell apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envs.domain import load_domain
from envs.workspace import WorkspaceDomain
from envs.world import World
from tools.base import canonical_json
from tools.call import Observation, ToolCall
from tools.paths import leaf_values

DOMAIN = WorkspaceDomain()
SEEDS = st.integers(0, 10_000)
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Clerk:
    """Makes calls in a world and remembers them, so that they can be made again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[ToolCall] = []

    def observe(self, name: str, /, **arguments: Any) -> Observation:
        self.calls.append(ToolCall(id=f"call_{len(self.calls)}", name=name, arguments=arguments))
        return self.world.execute(self.calls[-1])

    def do(self, name: str, /, **arguments: Any) -> Any:
        observation = self.observe(name, **arguments)
        assert not observation.failed, observation.text()
        return observation.content

    def refused(self, name: str, /, **arguments: Any) -> str:
        """The words of a refusal, which must leave no trace in the state."""
        before = self.world.replay_hash()
        observation = self.observe(name, **arguments)
        assert observation.error is not None, observation.text()
        assert self.world.replay_hash() == before
        return f"{observation.error.kind}: {observation.error.message}"

    def known(self, parameter: str) -> list[Any]:
        return [item.value for item in self.world.known_values() if item.parameter == parameter]

    def sign_in(self) -> Any:
        return self.do("sign_in_mail", user_name=self.known("user_name")[0], password=self.known("password")[0])

    def session(self) -> str:
        opened = self.do("open_ticket_session", user_name=self.known("user_name")[0], pin=self.known("pin")[0])
        return str(opened["session_token"])

    def contact(self, number: int = 0) -> str:
        return str(self.do("find_contact", name=self.known("find_contact.name")[number])["contact_id"])

    def employee_number(self, number: int = 0) -> str:
        card = self.do("get_contact", contact_id=self.contact(number))
        return str(card["employment"]["employee_number"])

    def file(self) -> str:
        return str(self.do("search_files", keyword=self.known("keyword")[0])["files"][0]["file_id"])

    def plan(self) -> dict[str, Any]:
        """What an event that can be created is created with."""
        return {
            "title": self.known("create_event.title")[0],
            "date": self.known("create_event.date")[-1],
            "start_time": "08:00",
            "room_code": self.do("get_room_code", room_name=self.known("room_name")[0])["room_code"],
        }

    def event(self) -> str:
        return str(self.do("create_event", **self.plan())["event_id"])

    def ticket(self) -> dict[str, str]:
        """A session and a new ticket, as the arguments that other tools take."""
        token = self.session()
        title = self.known("create_ticket.title")[0]
        ticket_id = self.do("create_ticket", session_token=token, title=title, priority="high")["ticket_id"]
        return {"session_token": token, "ticket_id": ticket_id}


@pytest.fixture
def clerk() -> Clerk:
    return Clerk(DOMAIN.open(DOMAIN.draw(7)))


# --- chains, and what breaks them ---


@given(seed=SEEDS)
@quick
def test_a_ticket_is_assigned_estimated_and_begun(seed: int) -> None:
    clerk = Clerk(DOMAIN.open(DOMAIN.draw(seed)))
    ticket = clerk.ticket()
    assert clerk.do("assign_ticket", **ticket, employee_number=clerk.employee_number()) == {"open_tickets": 1}
    hours = clerk.do("suggest_estimate", **ticket)["hours"]
    days = clerk.do("set_estimate", **ticket, hours=hours)["working_days"]
    due = clerk.do("start_work", **ticket)["due_date"]
    assert days == -(-hours // 6)
    assert due >= clerk.known("create_event.date")[0]
    rows = clerk.do("list_tickets", session_token=ticket["session_token"])["tickets"]
    assert [row["ticket_id"] for row in rows if row["status"] == "in progress"] == [ticket["ticket_id"]]
    assert "has started already" in clerk.refused("start_work", **ticket)


@pytest.mark.parametrize("missing", ["assign_ticket", "set_estimate"])
def test_work_starts_only_when_both_was_done(clerk: Clerk, missing: str) -> None:
    ticket, person = clerk.ticket(), clerk.employee_number()
    steps = {"assign_ticket": {"employee_number": person}, "set_estimate": {"hours": 8}}
    for name, more in steps.items():
        if name != missing:
            clerk.do(name, **ticket, **more)
    assert clerk.refused("start_work", **ticket).startswith("wrong_state: The ticket")
    clerk.do(missing, **ticket, **steps[missing])
    clerk.do("start_work", **ticket)


def test_a_closed_session_makes_its_token_worthless(clerk: Clerk) -> None:
    ticket = clerk.ticket()
    assert clerk.session() == ticket["session_token"]
    clerk.do("close_ticket_session", session_token=ticket["session_token"])
    assert clerk.refused("set_estimate", **ticket, hours=3).startswith("no_session")
    assert clerk.refused("close_ticket_session", session_token=ticket["session_token"]).startswith("no_session")
    again = clerk.session()
    assert again != ticket["session_token"]
    clerk.do("set_estimate", session_token=again, ticket_id=ticket["ticket_id"], hours=3)


@pytest.mark.parametrize("opening", ["share_file", "publish_file"])
def test_a_file_that_is_open_goes_out_as_a_link_until_it_is_locked(clerk: Clerk, opening: str) -> None:
    clerk.sign_in()
    addressed = {"file_id": clerk.file(), "contact_id": clerk.contact()}
    assert "neither shared nor published" in clerk.refused("send_file_link", **addressed)
    clerk.do(opening, file_id=addressed["file_id"])
    message_id = clerk.do("send_file_link", **addressed)["message_id"]
    assert clerk.do("read_message", message_id=message_id)["file_ids"] == [addressed["file_id"]]
    assert clerk.do("lock_file", file_id=addressed["file_id"]) == {"readers": 1}
    assert "is private" in clerk.refused("send_file_link", **addressed)
    assert "is private" in clerk.refused("lock_file", file_id=addressed["file_id"])


def test_a_file_that_is_published_stays_open_to_all_when_it_is_shared(clerk: Clerk) -> None:
    file_id = clerk.file()
    shared = clerk.do("share_file", file_id=file_id, right="edit")["readers"]
    published = clerk.do("publish_file", file_id=file_id)["readers"]
    assert shared < published == clerk.do("share_file", file_id=file_id)["readers"]
    found = clerk.do("search_files", keyword=clerk.known("keyword")[0])["files"]
    assert {row["file_id"]: row["access"] for row in found}[file_id] == "company"


def test_the_mailbox_opens_and_closes(clerk: Clerk) -> None:
    assert clerk.refused("list_messages") == "not_signed_in: You are not signed in to the mailbox."
    signed_in = clerk.sign_in()
    inbox = clerk.do("list_messages")["messages"]
    assert signed_in["waiting"] == len(inbox) == 4
    texts = [clerk.do("read_message", message_id=row["message_id"]) for row in inbox]
    assert [text["subject_line"] for text in texts] == [row["subject_line"] for row in inbox]
    assert any(text["file_ids"] for text in texts)
    sent = clerk.do("send_message", contact_id=clerk.contact(), subject="A short update", text="All is well.")
    assert [row["message_id"] for row in clerk.do("list_messages", folder="sent")["messages"]] == [sent["message_id"]]
    clerk.do("sign_out_mail")
    for name, more in (("read_message", sent), ("sign_out_mail", {}), ("list_messages", {})):
        assert clerk.refused(name, **more).startswith("not_signed_in")


def test_an_event_takes_its_room_and_its_guests_once(clerk: Clerk) -> None:
    event_id, guests = clerk.event(), [clerk.contact(1), clerk.contact(2)]
    assert clerk.do("invite_to_event", event_id=event_id, contact_ids=guests) == {"invited": 2}
    answers = clerk.do("list_attendees", event_id=event_id)["attendees"]
    assert answers == dict.fromkeys(sorted(guests), "no answer yet")
    assert "twice" in clerk.refused("invite_to_event", event_id=event_id, contact_ids=guests[:1])
    assert "twice" in clerk.refused("invite_to_event", event_id=event_id, contact_ids=[clerk.contact()] * 2)
    own = [row for row in clerk.do("list_events")["events"] if row["event_id"] == event_id]
    assert clerk.do("list_events", date=own[0]["date"])["events"][:1] == own


# --- refusals ---


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("find_contact", {"name": "Nobody"}, "not_found: There is no colleague named 'Nobody'."),
        ("get_contact", {"contact_id": "CT-0"}, "not_found: There is no contact 'CT-0'."),
        ("get_room_code", {"room_name": "Cellar"}, "not_found: There is no meeting room named 'Cellar'."),
        ("invite_to_event", {"event_id": "EV-0", "contact_ids": ["CT-0"]}, "not_found: There is no event"),
        ("invite_to_event", {"event_id": "EV-0", "contact_ids": []}, "invalid_arguments"),
        ("list_attendees", {"event_id": "EV-0"}, "not_found"),
        ("search_files", {"keyword": "zebra"}, "not_found: No file has 'zebra' in its name."),
        ("share_file", {"file_id": "FILE-0"}, "not_found: There is no file 'FILE-0'."),
        ("publish_file", {"file_id": "FILE-0"}, "not_found"),
        ("lock_file", {"file_id": "FILE-0"}, "not_found"),
        ("sign_in_mail", {"user_name": "me", "password": "guess"}, "denied: The user name or the password is wrong."),
        ("open_ticket_session", {"user_name": "me", "pin": "000000"}, "denied: The user name or the PIN is wrong."),
        ("list_tickets", {"session_token": "TS-00000000"}, "no_session: This session token is not valid"),
        ("list_tickets", {"session_token": "TS-00000000", "priority": "none"}, "invalid_arguments"),
    ],
)
def test_what_does_not_exist_is_refused(clerk: Clerk, name: str, arguments: Any, words: str) -> None:
    assert clerk.refused(name, **arguments).startswith(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"room_code": "Z000"}, "not_found: No meeting room has the code 'Z000'."),
        ({"date": "1999-01-01"}, "out_of_range: '1999-01-01' is not a working day"),
        ({"start_time": "07:45"}, "out_of_range: Events cannot begin at '07:45'."),
        ({}, "conflict: The room"),
    ],
)
def test_an_event_must_be_possible(clerk: Clerk, change: dict[str, str], words: str) -> None:
    plan = clerk.plan()
    clerk.do("create_event", **plan)
    assert clerk.refused("create_event", **{**plan, **change}).startswith(words)


def test_tickets_and_messages_that_are_not_there_are_refused(clerk: Clerk) -> None:
    ticket = clerk.ticket()
    assert "no ticket 'TCK-0'" in clerk.refused("suggest_estimate", **{**ticket, "ticket_id": "TCK-0"})
    assert "employee number '0'" in clerk.refused("assign_ticket", **ticket, employee_number="0")
    assert clerk.refused("set_estimate", **ticket, hours=81).startswith("invalid_arguments: hours")
    clerk.sign_in()
    assert "no message 'MSG-0'" in clerk.refused("read_message", message_id="MSG-0")
    assert "no contact 'CT-0'" in clerk.refused("send_message", contact_id="CT-0", subject="Hello", text="Hello")


def test_a_file_name_is_taken_once(clerk: Clerk) -> None:
    clerk.do("create_file", name="Plan.docx", text="First version.")
    assert clerk.refused("create_file", name="plan.DOCX", text="Second version.").startswith("conflict")


# --- drawing and opening ---


def test_a_seed_always_draws_the_same_world_and_another_seed_another_one() -> None:
    assert DOMAIN.draw(5) == load_domain("workspace").draw(5)
    assert len({canonical_json(DOMAIN.draw(seed).plain()["initial_state"]) for seed in range(30)}) == 30


@given(seed=SEEDS)
@quick
def test_the_drawn_state_is_small_json_in_which_nothing_is_done_yet(seed: int) -> None:
    spec = DOMAIN.draw(seed)
    text = json.dumps(spec.plain())
    assert json.loads(text) == spec.plain()
    assert len(text) < 8_000
    state = spec.initial_state["workspace"]
    assert not state["mail_signed_in"]
    assert state["ticket_session"] is None
    assert not any(row["shared"] or row["published"] for row in state["files"].values())
    assert not any(row["assignee"] or row["hours"] or row["started"] for row in state["tickets"].values())
    told_apart = {"files": "name", "events": "title", "tickets": "title", "messages": "sent_on", "contacts": "name"}
    for table, field in told_apart.items():
        assert len({row[field] for row in state[table].values()}) == len(state[table]) > 2
    assert len({row["employee_number"] for row in state["contacts"].values()}) == len(state["contacts"])


@given(seed=SEEDS)
@quick
def test_the_user_knows_the_account_but_nothing_that_only_tools_tell(seed: int) -> None:
    spec = DOMAIN.draw(seed)
    clerk, state = Clerk(DOMAIN.open(spec)), spec.initial_state["workspace"]
    assert clerk.known("password") == [state["_password"]]
    assert clerk.known("pin") == [state["_pin"]]
    tables = [state[table] for table in ("contacts", "files", "events", "messages", "tickets")]
    told = {key for table in tables for key in table}
    told |= {row["employee_number"] for row in state["contacts"].values()}
    told |= {row["room_code"] for row in state["rooms"].values()}
    assert not told.intersection(item.value for item in clerk.world.known_values())


@given(seed=SEEDS)
@quick
def test_results_do_not_depend_on_the_order_of_json_keys(seed: int) -> None:
    spec = DOMAIN.draw(seed)
    reordered = type(spec).model_validate(json.loads(canonical_json(spec.plain())))
    clerks = [Clerk(DOMAIN.open(item)) for item in (spec, reordered)]
    assert clerks[0].world.known_values() == clerks[1].world.known_values()
    for clerk in clerks:
        clerk.sign_in()
        clerk.do("list_tickets", session_token=clerk.session())
        events = [row["event_id"] for row in clerk.do("list_events")["events"]]
        clerk.do("list_attendees", event_id=events[0])
        clerk.do("list_messages")
        for ending in (".docx", ".pdf", ".xlsx"):
            clerk.observe("search_files", keyword=ending)
    replays = [DOMAIN.open(item).replay(clerks[0].calls) for item in (spec, reordered)]
    assert clerks[0].calls == clerks[1].calls
    assert replays[0] == replays[1]


@pytest.mark.parametrize("change", [{"version": "0"}, {"name": "travel"}])
def test_another_version_is_not_opened(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"version 2-[0-9a-f]{8}, which cannot open"):
        DOMAIN.open(DOMAIN.draw(1).model_copy(update=change))


def test_a_world_of_other_environments_is_not_opened() -> None:
    with pytest.raises(ValueError, match="one environment, 'workspace'"):
        DOMAIN.open(DOMAIN.draw(1).model_copy(update={"environments": ("workspace", "travel")}))


# --- replay, forks, hashes ---


def _busy_day(clerk: Clerk) -> None:
    """Every kind of write once."""
    clerk.sign_in()
    ticket, contact_id = clerk.ticket(), clerk.contact()
    clerk.do("assign_ticket", **ticket, employee_number=clerk.employee_number(1))
    clerk.do("set_estimate", **ticket, hours=12)
    clerk.do("start_work", **ticket)
    clerk.do("invite_to_event", event_id=clerk.event(), contact_ids=[contact_id])
    file_id = clerk.do("create_file", name="Plan.docx", text="First version.")["file_id"]
    clerk.do("share_file", file_id=file_id)
    clerk.do("publish_file", file_id=file_id)
    clerk.do("send_file_link", file_id=file_id, contact_id=contact_id)
    clerk.do("send_message", contact_id=contact_id, subject="A short update", text="All is well.")
    clerk.do("lock_file", file_id=file_id)
    clerk.do("sign_out_mail")
    clerk.do("close_ticket_session", session_token=ticket["session_token"])


def test_every_write_tool_changes_what_a_user_could_observe_and_no_other_does(clerk: Clerk) -> None:
    _busy_day(clerk)
    world, changed = DOMAIN.open(clerk.world.spec), set()
    for call in clerk.calls:
        before = world.public_hash(), world.replay_hash()
        assert not world.execute(call).failed
        if world.public_hash() != before[0]:
            changed.add(call.name)
        else:
            assert world.replay_hash() == before[1]
    assert changed == {spec.name for spec in world.specs() if spec.effect == "write"}


def test_a_replay_gives_the_same_observations_and_hashes(clerk: Clerk) -> None:
    _busy_day(clerk)
    spec = clerk.world.spec
    first, second = DOMAIN.open(spec), DOMAIN.open(type(spec).model_validate_json(spec.model_dump_json()))
    assert first.replay(clerk.calls) == second.replay(clerk.calls)
    assert first.replay_hash() == second.replay_hash() == clerk.world.replay_hash()


def test_forks_and_snapshots_are_independent(clerk: Clerk) -> None:
    before, snapshot, twin = clerk.world.replay_hash(), clerk.world.snapshot(), clerk.world.fork()
    _busy_day(clerk)
    assert twin.replay_hash() == before != clerk.world.replay_hash()
    _busy_day(Clerk(twin))
    assert twin.replay_hash() == clerk.world.replay_hash()
    clerk.world.restore(snapshot)
    assert clerk.world.replay_hash() == before


def test_the_order_of_independent_writes_does_not_show() -> None:
    hashes = []
    for first, second in ((Clerk.event, Clerk.ticket), (Clerk.ticket, Clerk.event)):
        clerk = Clerk(DOMAIN.open(DOMAIN.draw(11)))
        first(clerk)
        second(clerk)
        hashes.append(clerk.world.public_hash())
    assert hashes[0] == hashes[1] != DOMAIN.open(DOMAIN.draw(11)).public_hash()


def test_no_refusal_gives_an_answer_away(clerk: Clerk) -> None:
    state = clerk.world.spec.initial_state["workspace"]
    secrets = {value for table in ("contacts", "rooms") for _, value in leaf_values(state[table])}
    secrets |= {key for table in ("contacts", "files", "events", "messages", "tickets") for key in state[table]}
    secrets |= {state["_password"], state["_pin"]}
    clerk.sign_in()
    token = clerk.session()
    file_id = clerk.file()
    texts = [
        clerk.refused("find_contact", name="Nobody"),
        clerk.refused("get_room_code", room_name="Cellar"),
        clerk.refused("read_message", message_id="MSG-0"),
        clerk.refused("start_work", session_token=token, ticket_id="TCK-0"),
        clerk.refused(
            "assign_ticket", session_token=token, ticket_id=next(iter(state["tickets"])), employee_number="0"
        ),
        clerk.refused("lock_file", file_id=file_id),
        clerk.refused("sign_in_mail", user_name=clerk.known("user_name")[0], password="guess"),
    ]
    shown = [text for text in texts if any(len(str(secret)) > 3 and str(secret) in text for secret in secrets)]
    assert shown == []
