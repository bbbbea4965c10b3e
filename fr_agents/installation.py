"""Guards the four packages against folders of the same common names elsewhere on the import path."""

from __future__ import annotations

from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

SIBLINGS = ("tools", "envs", "graphs")


def check_installation(home: Path) -> None:
    """Make sure that ``tools``, ``envs`` and ``graphs`` are those beside ``fr_agents`` in ``home``.

    Raises:
        ImportError: another folder or file shadows one of them, or it is missing; the text names it.
    """
    for name in SIBLINGS:
        found = _location(_spec(name))
        if found is None:
            raise ImportError(f"fr_agents in {home} lacks its package {name!r}: install fr-agents again.", name=name)
        if found != home / name:
            raise ImportError(
                f"{found} shadows fr-agents' own package {name!r}, which is in {home / name}. "
                f"Start Python in another folder, take {found.parent} off PYTHONPATH, or rename it.",
                name=name,
                path=str(found),
            )


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ValueError:  # a module that was put into sys.modules by hand has no specification
        return None


def _location(spec: ModuleSpec | None) -> Path | None:
    """The folder of a package, or the file of a plain module."""
    if spec is None:
        return None
    folders = list(spec.submodule_search_locations or ())
    if folders:
        return Path(folders[0]).resolve()
    return Path(spec.origin).resolve() if spec.origin else None
