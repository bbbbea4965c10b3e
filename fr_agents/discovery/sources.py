"""The code that a domain is written in: who tries out a world of one's own seldom raises its version."""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from collections import deque
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import resolve_name
from pathlib import Path

from envs.domain import Domain

# Their code decides what is found of any world, and is looked at apart.
_OURS = frozenset({"envs", "fr_agents", "graphs", "tools"})
_LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")


def sources(domain: Domain) -> dict[str, str]:
    """The modules of a domain with their texts: its own, and all that it imports anywhere, directly or through others.

    Modules of the standard library and of installed packages are left out, except for the package that the domain is
    in; so are modules that are looked up by a name that is only known when the program runs. Nothing is imported.
    """
    roots = (type(domain).__module__, domain.name.partition(":")[0])
    domestic = {root.partition(".")[0] for root in roots}
    found: dict[str, str] = {}
    waiting = deque(roots)
    while waiting:
        name = waiting.popleft()
        spec = None if name in found or name.partition(".")[0] in _OURS else _spec(name)
        if spec is not None and _is_own(spec, domestic):
            found[name] = source_text(Path(str(spec.origin)))
            waiting.extend(_imported(found[name], spec))
    return dict(sorted(found.items()))


def source_text(path: Path) -> str:
    """What stands in a file; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _spec(name: str) -> ModuleSpec | None:
    """Where a module is, without importing it: as it was imported before, or as the import path has it."""
    loaded = getattr(sys.modules.get(name), "__spec__", None)
    if isinstance(loaded, ModuleSpec):
        return loaded
    parent, _, _ = name.rpartition(".")
    package = _spec(parent) if parent else None
    if parent and (package is None or package.submodule_search_locations is None):
        return None
    return PathFinder.find_spec(name, package.submodule_search_locations if package else None)


def _is_own(spec: ModuleSpec, domestic: set[str]) -> bool:
    if spec.origin is None or not spec.origin.endswith(".py"):
        return False
    if spec.name.partition(".")[0] in domestic:
        return True
    libraries = [sysconfig.get_path(kind) for kind in _LIBRARIES] + [site.getusersitepackages()]
    return not any(Path(spec.origin).is_relative_to(library) for library in libraries)


def _imported(text: str, spec: ModuleSpec) -> Iterator[str]:
    """The modules that a source may import; of ``from a import b`` both, since b can be one."""
    package = spec.name if spec.submodule_search_locations is not None else spec.name.rpartition(".")[0]
    for node in ast.walk(_parsed(text)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)] if base else []
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    try:
        return resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:  # it reaches beyond the top: whoever imports it is told
        return ""


def _parsed(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])
