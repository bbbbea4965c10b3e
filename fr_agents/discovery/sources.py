"""The code that decides what is found of a domain: who tries out a world of one's own seldom raises its version."""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import resolve_name
from pathlib import Path

from envs.domain import Domain

_OURS = frozenset({"envs", "fr_agents", "graphs", "tools"})
# Of ours, what probes and what worlds are made of. No module of these imports one of the others.
_PROBING = frozenset({"envs", "tools"})
_PROBER = "envs.discovery"
_LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")


def sources(domain: Domain) -> dict[str, str]:
    """The modules of a domain with their texts: its own, and all that it imports anywhere, directly or through others.

    Modules of the standard library and of installed packages are left out, except for the package that the domain is
    in; so are modules that are looked up by a name that is only known when the program runs. Nothing is imported.
    """
    roots = _roots(domain)
    domestic = {root.partition(".")[0] for root in roots}
    return _reached(roots, lambda spec: spec.name.partition(".")[0] not in _OURS and _is_own(spec, domestic))


def probing_sources(domain: Domain) -> dict[str, str]:
    """The modules of ``envs`` and ``tools`` that discovery or the domain imports, directly or through others, with
    their texts: what a change to the rest, such as to how runs walk on a graph, does not make old."""
    return dict(_probing(_roots(domain)))


@cache  # what this process has loaded stays as it is
def _probing(roots: tuple[str, ...]) -> dict[str, str]:
    domestic = {root.partition(".")[0] for root in roots}

    def wanted(spec: ModuleSpec) -> bool:
        top = spec.name.partition(".")[0]
        return top in _PROBING if top in _OURS else _is_own(spec, domestic)

    found = _reached((*roots, _PROBER), wanted)
    return {name: text for name, text in found.items() if name.partition(".")[0] in _PROBING}


def _roots(domain: Domain) -> tuple[str, str]:
    return type(domain).__module__, domain.name.partition(":")[0]


def _reached(roots: Iterable[str], wanted: Callable[[ModuleSpec], bool]) -> dict[str, str]:
    """The modules that are wanted, from the roots on, as far as imports of wanted ones lead."""
    found: dict[str, str] = {}
    waiting = deque(roots)
    while waiting:
        name = waiting.popleft()
        spec = None if name in found else _spec(name)
        if spec is not None and wanted(spec):
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
    try:
        return PathFinder.find_spec(name, package.submodule_search_locations if package else None)
    except KeyError:  # a namespace inside of a package that is not imported cannot be looked into
        return None


def _is_own(spec: ModuleSpec, domestic: set[str]) -> bool:
    if spec.origin is None or not spec.origin.endswith(".py"):
        return False
    if spec.name.partition(".")[0] in domestic:
        return True
    libraries = (*_libraries(), site.getusersitepackages())
    return not any(Path(spec.origin).is_relative_to(library) for library in libraries)


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(sysconfig.get_path(kind) for kind in _LIBRARIES)


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
