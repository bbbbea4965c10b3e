"""Tools that move things: the dome, the telescope, and the camera's cooler."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from examples.observatory.results import Camera, Mount, Opening, Pointing
from examples.observatory.state import ObservatoryState
from tools.base import derive_seed


class TelescopeTools(ObservatoryState):
    """The dome may be opened as a whole or by its slit; the telescope sees the sky either way."""

    @tool(effect="write")
    def open_dome(self) -> Opening:
        """Open both shutters of the dome. Nothing of it may be open yet."""
        return self._opened("shutters")

    @tool(effect="write")
    def open_slit(self) -> Opening:
        """Open only the slit of the dome, as in strong wind. Nothing of it may be open yet."""
        return self._opened("slit")

    @tool(effect="write")
    def close_dome(self) -> Opening:
        """Close the dome, whatever of it is open."""
        self.check_dome_open()
        self.data["opening"] = "closed"
        return {"opening": "closed"}

    @tool(effect="write")
    def unpark_telescope(self) -> Mount:
        """Release the telescope from its parking position."""
        if not self.data["parked"]:
            raise self.fail("The telescope is not parked.", "wrong_state")
        self.data["parked"] = False
        return {"parked": False}

    @tool(effect="write")
    def park_telescope(self) -> Mount:
        """Lock the telescope in its parking position. It points at nothing then."""
        self.check_unparked()
        self.data["parked"] = True
        self.data["pointed_at"] = None
        return {"parked": True}

    @tool(effect="write")
    def point_telescope(self, designation: str) -> Pointing:
        """Point the telescope at an object of the catalogue. The telescope must be unparked and the dome open.

        Args:
            designation: Designation of the object.
        """
        item = self.object(designation)
        self.check_unparked()
        self.check_dome_open()
        self.data["pointed_at"] = item["designation"]
        return {"altitude": 25 + derive_seed("altitude", designation) % 60}

    @tool(effect="write")
    def cool_camera(self, temperature: Annotated[int, Field(ge=-40, le=15)]) -> Camera:
        """Bring the camera to a temperature. Exposures need -20 degrees or less.

        Args:
            temperature: Temperature in degrees Celsius.
        """
        self.data["temperature"] = temperature
        return {"temperature": temperature}

    def _opened(self, opening: str) -> Opening:
        if self.data["opening"] != "closed":
            raise self.fail("The dome is open already.", "wrong_state")
        self.data["opening"] = opening
        return {"opening": opening}
