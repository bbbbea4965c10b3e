"""The state of the observatory and the checks that several of its tools make."""

from __future__ import annotations

from envs.toolkit import ToolkitEnvironment
from tools.base import JsonObject

COLD_ENOUGH = -20


class ObservatoryState(ToolkitEnvironment):
    """A dome, a telescope, a camera and an archive, in one JSON object."""

    name = "observatory"

    def check_signed_in(self) -> None:
        if self.data["signed_in"] is None:
            raise self.fail("Nobody is signed in at the console.", "not_signed_in")

    def check_dome_open(self) -> None:
        if self.data["opening"] == "closed":
            raise self.fail("The dome is closed.", "dome_closed")

    def check_unparked(self) -> None:
        if self.data["parked"]:
            raise self.fail("The telescope is parked.", "parked")

    def check_cold(self) -> None:
        if self.data["temperature"] > COLD_ENOUGH:
            raise self.fail(f"The camera is too warm: it must be at {COLD_ENOUGH} degrees or below.", "too_warm")

    def object(self, designation: str) -> JsonObject:
        """The object of a designation."""
        for item in self.data["objects"].values():
            if item["designation"] == designation:
                return dict(item)
        raise self.fail(f"The catalogue has no object {designation!r}.", "not_found")

    def entry(self, table: str, key: str, thing: str) -> JsonObject:
        """An entry of a table, itself, not a copy."""
        found: JsonObject | None = self.data[table].get(key)
        if found is None:
            raise self.fail(f"There is no {thing} {key!r}.", "not_found")
        return found
