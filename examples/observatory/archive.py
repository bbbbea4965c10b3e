"""Tools that take exposures and make images of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from examples.observatory.catalogue import Filter
from examples.observatory.results import Exposure, ExposureEntry, Exposures, FlatField, Image, Release
from examples.observatory.state import ObservatoryState

_SECONDS_A_MINUTE = 60


class ArchiveTools(ObservatoryState):
    """The camera, and the archive that keeps what it took."""

    @tool(effect="write")
    def take_exposure(
        self, programme_id: str, filter_name: Filter, exposure_seconds: Annotated[int, Field(ge=10, le=900)]
    ) -> Exposure:
        """Take an exposure of what the telescope points at. Somebody must be signed in, the dome open and the camera
        cold; the time is taken from the programme.

        Args:
            programme_id: ID of the observing programme.
            filter_name: Filter to observe in.
            exposure_seconds: Exposure time in seconds.
        """
        self.check_signed_in()
        programme = self.entry("programmes", programme_id, "programme")
        if self.data["pointed_at"] is None:
            raise self.fail("The telescope points at nothing.", "not_pointed")
        self.check_dome_open()
        self.check_cold()
        minutes = -(-exposure_seconds // _SECONDS_A_MINUTE)
        if programme["minutes_left"] < minutes:
            raise self.fail(f"The programme has only {programme['minutes_left']} minutes left.", "used_up")
        programme["minutes_left"] -= minutes
        exposure_id = self.new_id("EX")
        self.data["exposures"][exposure_id] = {
            "target": self.data["pointed_at"],
            "filter_name": filter_name,
            "seconds": exposure_seconds,
        }
        return {"exposure_id": exposure_id}

    @tool(effect="read")
    def list_exposures(self) -> Exposures:
        """List the exposures of the archive, those of earlier nights included."""
        return {
            "exposures": [
                ExposureEntry(exposure_id=exposure_id, filter_name=item["filter_name"], seconds=item["seconds"])
                for exposure_id, item in sorted(self.data["exposures"].items())
            ]
        }

    @tool(effect="write")
    def take_flat_field(self, filter_name: Filter) -> FlatField:
        """Take a flat field, which shows the dust in front of the camera. The camera must be cold.

        Args:
            filter_name: Filter to take the flat field in.
        """
        self.check_cold()
        flat_id = self.new_id("FF")
        self.data["flats"][flat_id] = {"filter_name": filter_name}
        return {"flat_id": flat_id}

    @tool(effect="write")
    def reduce_exposure(self, exposure_id: str, flat_id: str) -> Image:
        """Make an image of an exposure, with a flat field to take the dust out.

        Args:
            exposure_id: ID of the exposure.
            flat_id: ID of the flat field.
        """
        exposure = self.entry("exposures", exposure_id, "exposure")
        self.entry("flats", flat_id, "flat field")
        image_id = self.new_id("IM")
        self.data["images"][image_id] = {"target": exposure["target"], "released": False}
        return {"image_id": image_id}

    @tool(effect="write")
    def release_image(self, image_id: str) -> Release:
        """Release an image to the public. Somebody must be signed in, and an image is released only once.

        Args:
            image_id: ID of the image.
        """
        self.check_signed_in()
        image = self.entry("images", image_id, "image")
        if image["released"]:
            raise self.fail(f"Image {image_id} is public already.", "wrong_state")
        image["released"] = True
        return {"released": True}
