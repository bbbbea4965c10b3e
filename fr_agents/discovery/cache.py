"""Discovered graphs on the disk: one file for each world with its options and settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from envs.discovery import Discovery, DiscoverySettings
from envs.domain import Domain
from fr_agents.discovery.sources import probing_sources, sources
from fr_agents.files import write_atomically
from tools.base import Json, JsonObject, digest

# Raise it when the file's form changes, or what is found does for another reason than the code of tools/ and envs/.
SCHEMA_VERSION = 1

_FOLDER_VARIABLE = "FR_AGENTS_CACHE"
_LONGEST_NAME = 60


def cache_folder() -> Path:
    """Where discovered graphs are kept: ``$FR_AGENTS_CACHE``, or ``fr-agents`` in the user's folder for caches.

    Raises:
        OSError: nothing says where the user's folder is.
    """
    own = os.environ.get(_FOLDER_VARIABLE)
    if own:
        return Path(own).expanduser()
    caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not caches.is_absolute():  # a relative one is to be ignored, says the XDG specification
        try:
            caches = Path.home() / ".cache"
        except RuntimeError as error:
            raise OSError(f"{error} Name a folder in {_FOLDER_VARIABLE}.") from error
    return caches / "fr-agents"


class GraphCache:
    """The place of one graph. It is found again for the same options and settings, and holds as long as the world's
    version, the code that it is written in, and the code that discovers stay the same.

    Attributes:
        path: The file of the graph.
        lock_path: The file that is locked by whoever is about to make it.
    """

    def __init__(self, domain: Domain, options: Mapping[str, Json], settings: DiscoverySettings) -> None:
        # Of options only a digest is written: anything may stand in them, also a secret.
        asked: JsonObject = {"world": domain.name, "options": digest(dict(options)), "settings": settings.plain()}
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", domain.name)[:_LONGEST_NAME] + f"-{digest(asked)[:16]}"
        self.path = cache_folder() / "graphs" / f"{name}.json"
        self.lock_path = cache_folder() / "locks" / f"{name}.lock"
        self._identity: JsonObject = {
            "schema_version": SCHEMA_VERSION,
            **asked,
            "version": domain.version,
            "code": digest(dict(probing_sources(domain))),
            "source": digest(dict(sources(domain))),
        }

    def load(self) -> Discovery | None:
        """The graph; none where there is no file, or an older or damaged one."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(content, dict) or content.get("identity") != self._identity:
                return None
            return Discovery.model_validate(content.get("discovery"))
        except (OSError, ValueError, RecursionError, ValidationError):
            return None

    def store(self, discovery: Discovery) -> None:
        """Keep a graph in the place of what was there. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"identity": self._identity, "discovery": discovery.plain()})
        # Two processes may discover the same world, and each needs a file of its own to write to.
        own = self.path.with_suffix(f".{os.getpid()}.json")
        write_atomically(own, text)
        own.replace(self.path)
