"""Profiles: names for settings that belong together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

ProfileName = Literal["paper"]

# The method as published, the baseline for comparisons: any legal call after the target, no call that fails on purpose,
# noise that changes nothing but words, the decomposition as a hint in the first attempt, all calls at once, and only
# the sampled calls themselves count as right.
_PROFILES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "paper": {
        "sampler": {"policy": "paper", "error_share": 0},
        "author": {"noise": {"describe": 0, "refer_back": 0}},
        "refiner": {"probe": {"attempts": 0}, "mode": "plan", "require": "exact"},
    }
}


def with_profile(profile: str | None, section: str, given: Any) -> Any:
    """What is given for a section, with the profile's settings where it does not set them itself.

    Args:
        profile: The profile's name; none, or one that there is not, adds nothing.
        section: The section's key.
        given: A mapping, or finished settings; anything else comes back as it is, to be refused for what it is.
    """
    preset = _PROFILES.get(profile or "", {}).get(section)
    if preset is None:
        return given
    if isinstance(given, BaseModel):
        given = {name: getattr(given, name) for name in given.model_fields_set}
    return {**preset, **given} if isinstance(given, Mapping) else given
