"""What the observatory's tools answer with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

# pydantic needs this TypedDict rather than typing's before Python 3.12.
from typing_extensions import TypedDict


class Signed(TypedDict):
    observer: Annotated[str, Field(description="Observer who is signed in.")]


class Programme(TypedDict):
    title: Annotated[str, Field(description="Title of the observing programme.")]
    minutes_left: Annotated[int, Field(description="Minutes of telescope time that are left.")]


# Keyed by the ids of the programmes.
Programmes = dict[str, Programme]


class Granted(TypedDict):
    programme_id: Annotated[str, Field(description="ID of the observing programme.")]
    minutes_left: Annotated[int, Field(description="Minutes of telescope time that are left.")]


class CelestialObject(TypedDict):
    designation: Annotated[str, Field(description="Designation of the object in the catalogue.")]
    constellation: Annotated[str, Field(description="Constellation that the object is in.")]


class Estimate(TypedDict):
    exposure_seconds: Annotated[int, Field(description="Recommended exposure time in seconds.")]


class Opening(TypedDict):
    opening: Annotated[str, Field(description="What of the dome is open now.")]


class Mount(TypedDict):
    parked: Annotated[bool, Field(description="Whether the telescope is parked.")]


class Pointing(TypedDict):
    altitude: Annotated[int, Field(description="Altitude above the horizon in degrees.")]


class Camera(TypedDict):
    temperature: Annotated[int, Field(description="Temperature of the camera in degrees Celsius.")]


class Exposure(TypedDict):
    exposure_id: Annotated[str, Field(description="ID of the exposure.")]


class ExposureEntry(TypedDict):
    exposure_id: Annotated[str, Field(description="ID of the exposure.")]
    filter_name: Annotated[str, Field(description="Filter of the exposure.")]
    seconds: Annotated[int, Field(description="Exposure time in seconds.")]


class Exposures(TypedDict):
    exposures: Annotated[list[ExposureEntry], Field(description="The exposures of the archive.")]


class FlatField(TypedDict):
    flat_id: Annotated[str, Field(description="ID of the flat field.")]


class Image(TypedDict):
    image_id: Annotated[str, Field(description="ID of the reduced image.")]


class Release(TypedDict):
    released: Annotated[bool, Field(description="Whether the image is public now.")]
