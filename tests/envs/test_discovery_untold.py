"""A world as people write them in an afternoon: results without a schema, names that fit nothing, users and passwords
in the state, and nobody who says what could be said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from envs.toolkit import ToolkitEnvironment, tool
from tools.base import JsonObject


class Clinic(ToolkitEnvironment):
    name = "clinic"

    @tool(effect="write")
    def login(self, username: str, password: str) -> dict[str, Any]:
        """Log a receptionist in.

        Args:
            username: Name of the user.
            password: Password of the user.
        """
        user = self.data["staff"].get(username)
        if not user or user["password"] != password:
            raise self.fail("Wrong user name or password.")
        token = self.new_id("T", 8)
        self.data["tokens"][token] = username
        return {"auth": {"token": token, "role": "reception"}}

    @tool(effect="write")
    def logout(self, token: str) -> dict[str, Any]:
        """Log out.

        Args:
            token: Token of the session.
        """
        if token not in self.data["tokens"]:
            raise self.fail("Not logged in.")
        del self.data["tokens"][token]
        return {"ok": True}

    @tool(effect="read")
    def search_patients(self, query: str, token: str) -> list[dict[str, Any]]:
        """Search patients by name.

        Args:
            query: Part of the name.
            token: Token of the session.
        """
        self._auth(token)
        patients = self.data["patients"].items()
        return [{"pid": key, **row} for key, row in patients if query.lower() in row["full_name"].lower()]

    @tool(effect="read")
    def free_slots(self, doctor: str) -> list[str]:
        """List the free slots of a doctor.

        Args:
            doctor: Surname of the doctor.
        """
        if doctor not in self.data["slots"]:
            raise self.fail("Unknown doctor.")
        return list(self.data["slots"][doctor])

    @tool(effect="write")
    def book(self, token: str, patient: str, slot: str) -> dict[str, Any]:
        """Book a slot for a patient.

        Args:
            token: Token of the session.
            patient: The patient.
            slot: The slot.
        """
        self._auth(token)
        if patient not in self.data["patients"]:
            raise self.fail("No such patient.")
        for doctor, slots in self.data["slots"].items():
            if slot in slots:
                slots.remove(slot)
                appointment = self.new_id("A")
                self.data["appointments"][appointment] = {"patient": patient, "doctor": doctor, "confirmed": False}
                return {"appointment": appointment}
        raise self.fail("The slot is not free.")

    @tool(effect="write")
    def confirm(self, token: str, appointment: str) -> dict[str, Any]:
        """Confirm an appointment.

        Args:
            token: Token of the session.
            appointment: The appointment.
        """
        self._auth(token)
        self._appointment(appointment)["confirmed"] = True
        return {"ok": True}

    @tool(effect="write")
    def check_in(self, appointment: str) -> dict[str, Any]:
        """Check a patient in at the desk.

        Args:
            appointment: The appointment.
        """
        entry = self._appointment(appointment)
        if not entry["confirmed"]:
            raise self.fail("The appointment was not confirmed.")
        entry["here"] = True
        return {"room": "R7"}

    @tool(effect="write")
    def cancel(self, token: str, appointment: str) -> dict[str, Any]:
        """Cancel an appointment.

        Args:
            token: Token of the session.
            appointment: The appointment.
        """
        self._auth(token)
        self._appointment(appointment)
        del self.data["appointments"][appointment]
        return {"ok": True}

    def _auth(self, token: str) -> None:
        if token not in self.data["tokens"]:
            raise self.fail("Please log in.")

    def _appointment(self, key: str) -> JsonObject:
        if key not in self.data["appointments"]:
            raise self.fail("No such appointment.")
        return self.data["appointments"][key]


def clinic_state(numbers: Sequence[int]) -> JsonObject:
    names = ("Ada Byron", "Grace Hopper", "Mary Shelley")
    return {
        "staff": {"rosa": {"password": f"pw{numbers[0]}"}},
        "patients": {f"P{number}": {"full_name": name} for number, name in zip(numbers[1:4], names, strict=True)},
        "slots": {"Weiss": [f"S{number}" for number in numbers[4:8]]},
        "appointments": {},
        "tokens": {},
    }


@pytest.fixture(scope="module")
def clinic(explored: Any) -> Any:
    return explored(Clinic, clinic_state)


def test_every_value_that_only_a_tool_gives_is_traced(clinic: Any) -> None:
    assert clinic.sources == {
        ("logout", "token"): {"login"},
        ("search_patients", "token"): {"login"},
        ("book", "token"): {"login"},
        ("book", "patient"): {"search_patients"},
        ("book", "slot"): {"free_slots"},
        ("confirm", "token"): {"login"},
        ("confirm", "appointment"): {"book"},
        ("check_in", "appointment"): {"book"},
        ("cancel", "token"): {"login"},
        ("cancel", "appointment"): {"book"},
    }


def test_the_only_state_is_that_an_appointment_was_confirmed(clinic: Any) -> None:
    assert clinic.state == {"check_in": {frozenset({"confirm"})}}


def test_what_ends_a_session_or_an_appointment_is_found_and_nothing_is_amiss(clinic: Any) -> None:
    assert {("logout", "book"), ("logout", "confirm"), ("cancel", "check_in"), ("cancel", "confirm")} <= clinic.breaks
    assert clinic.warned == set()
