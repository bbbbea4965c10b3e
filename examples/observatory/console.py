"""Tools at the console: signing in, observing programmes, and the catalogue of objects."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from examples.observatory.catalogue import Filter
from examples.observatory.results import CelestialObject, Estimate, Granted, Programme, Programmes, Signed
from examples.observatory.state import ObservatoryState

_MINUTES_GRANTED = 120
_SECONDS = {"luminance": 60, "red": 120, "h-alpha": 300}


class ConsoleTools(ObservatoryState):
    """What an observer does before the dome opens."""

    @tool(effect="write")
    def sign_in(self, observer_name: str, passphrase: str) -> Signed:
        """Sign in at the console of the observatory.

        Args:
            observer_name: Name of the observer.
            passphrase: Passphrase of the observer.
        """
        if self.data["_passphrases"].get(observer_name) != passphrase:
            raise self.fail("The name and the passphrase do not match.", "denied")
        self.data["signed_in"] = observer_name
        return {"observer": observer_name}

    @tool(effect="write")
    def sign_out(self) -> Signed:
        """Sign out at the console of the observatory."""
        self.check_signed_in()
        observer, self.data["signed_in"] = self.data["signed_in"], None
        return {"observer": observer}

    @tool(effect="read")
    def list_programmes(self) -> Programmes:
        """List the observing programmes that have telescope time, by their ids."""
        self.check_signed_in()
        return {
            programme_id: Programme(title=item["title"], minutes_left=item["minutes_left"])
            for programme_id, item in sorted(self.data["programmes"].items())
        }

    @tool(effect="write")
    def apply_for_time(self, title: Annotated[str, Field(min_length=3)]) -> Granted:
        """Apply for telescope time for a new observing programme. No two programmes may have the same title.

        Args:
            title: Title of the new programme.
        """
        self.check_signed_in()
        if any(item["title"] == title for item in self.data["programmes"].values()):
            raise self.fail(f"There is a programme {title!r} already.", "conflict")
        programme_id = self.new_id("OP")
        self.data["programmes"][programme_id] = {"title": title, "minutes_left": _MINUTES_GRANTED}
        return {"programme_id": programme_id, "minutes_left": _MINUTES_GRANTED}

    @tool(effect="read")
    def find_object(self, object_name: str) -> CelestialObject:
        """Find an object of the night sky in the catalogue.

        Args:
            object_name: Common name of the object.
        """
        item = self.entry("objects", object_name, "object called")
        return {"designation": item["designation"], "constellation": item["constellation"]}

    @tool(effect="read")
    def estimate_exposure(self, designation: str, filter_name: Filter) -> Estimate:
        """Estimate how long an object has to be exposed.

        Args:
            designation: Designation of the object.
            filter_name: Filter to observe in.
        """
        magnitude = self.object(designation)["magnitude"]
        return {"exposure_seconds": _SECONDS[filter_name] + 10 * magnitude}
