"""The observatory: all of its tools, and what its user could say."""

from __future__ import annotations

from collections.abc import Iterator

from envs.environment import KnownValue
from examples.observatory.archive import ArchiveTools
from examples.observatory.catalogue import EXPOSURE_SECONDS, NEW_TITLES, TEMPERATURES
from examples.observatory.console import ConsoleTools
from examples.observatory.telescope import TelescopeTools
from tools.base import Json


class ObservatoryEnvironment(ConsoleTools, TelescopeTools, ArchiveTools):
    """An observatory that one observer works in for a night."""

    name = "observatory"

    def known_values(self) -> tuple[KnownValue, ...]:
        """Names, times and the observer's own passphrase; designations and ids are for tools to tell."""
        return tuple(KnownValue(parameter=name, value=value) for name, value in self._known())

    def _known(self) -> Iterator[tuple[str, Json]]:
        observer, passphrase = next(iter(self.data["_passphrases"].items()))
        yield "observer_name", observer
        yield "passphrase", passphrase
        yield from (("object_name", name) for name in sorted(self.data["objects"]))
        yield from (("title", title) for title in NEW_TITLES)
        yield from (("exposure_seconds", seconds) for seconds in EXPOSURE_SECONDS)
        yield from (("temperature", degrees) for degrees in TEMPERATURES)
