"""Measures discovery: what it finds of the dependencies that are known, in how many calls and seconds.

    python -m benchmarks.graph [WORLD ...] [--json FILE] [--write]

Without names it measures travel, workspace, the example and the eight classes of bfcl. ``--write`` brings the tables in
docs/benchmarks.md up to date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from envs.discovery import Discovery, DiscoverySettings, discover
from envs.domain import Domain, UnknownWorldError, load_domain
from tools.base import JsonObject
from tools.graph import Edge

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "examples" / "observatory" / "needs.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- graph: made by `make bench-graph` -->", "<!-- end of graph -->"
EXAMPLE = "examples.observatory:ObservatoryDomain"
BFCL = "bfcl"
BUILT_IN = ("travel", "workspace")
SETTINGS = DiscoverySettings(declared=False)

# A tool that needs something, the parameter whose value it is (none for a state), and a tool that gives it.
Need = tuple[str, str | None, str]


def declared_needs(domain: Domain) -> set[Need]:
    """What a domain's author declared."""
    return {_need(edge) for edge in domain.open(domain.draw(0)).declared_edges() if edge.kind == "enables"}


def table_needs(path: Path) -> set[Need]:
    """The needs that a table tells, which says for each tool under ``state`` and ``params`` what it needs of others."""
    table = json.loads(path.read_text(encoding="utf-8"))
    state = {(tool, None, name) for tool, row in table.items() for need in row.get("state", ()) for name in need}
    values = {
        (tool, parameter, name)
        for tool, row in table.items()
        for parameter, names in row.get("params", {}).items()
        for name in names
    }
    return state | values


def measured(name: str, found: Discovery, needed: set[Need] | None) -> JsonObject:
    """One row: what was found, compared with what is known where something is."""
    named = {_need(edge) for edge in found.edges if edge.kind == "enables"}
    row: JsonObject = {
        "world": name,
        "tools": len(found.specs),
        "edges": dict(sorted(Counter(edge.kind for edge in found.edges).items())),
        "warnings": [f"{warning.tool}: {warning.reason}" for warning in found.warnings],
        "calls": found.calls,
        "seconds": found.seconds,
    }
    if needed is not None:
        row |= {
            "needs": len(needed),
            "precision": _share(len(needed & named), len(named)),
            "recall": _share(len(needed & named), len(needed)),
            "wrong": _listed(named - needed),
            "missing": _listed(needed - named),
        }
    return row


def rows(names: Sequence[str]) -> Iterator[JsonObject]:
    """The measurements of the worlds ``names``, one after the other; for bfcl one for each class."""
    for name in names:
        if name == BFCL:
            yield from _bfcl_rows()
        else:
            domain = load_domain(name)
            needed = table_needs(TABLE) if name == EXAMPLE else declared_needs(domain)
            yield measured(name, discover(domain, SETTINGS), needed)


def tables(measurements: Sequence[JsonObject]) -> str:
    """The measurements as two Markdown tables: with known needs, and without."""
    known = [_known_cells(row) for row in measurements if "needs" in row]
    others = [_other_cells(row) for row in measurements if "needs" not in row]
    parts = [
        _table(("world", "tools", "known needs", "precision", "recall", "calls", "seconds"), known),
        _table(("world", "tools", "enables", "offers", "breaks", "warnings", "calls", "seconds"), others),
    ]
    return "\n\n".join(part for part, cells in zip(parts, (known, others), strict=True) if cells)


def write(text: str, document: Path = DOCUMENT) -> None:
    """Put the tables between their marks in a document.

    Raises:
        SystemExit: the document lacks the marks.
    """
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{document.name} lacks its marks {BEGIN!r} and {END!r}.")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print what came out, and keep it where it is asked for."""
    parser = argparse.ArgumentParser(description="Measure discovery.")
    parser.add_argument("worlds", nargs="*", help=f"{', '.join(BUILT_IN)}, {EXAMPLE}, {BFCL}; all unless named")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    given = parser.parse_args(arguments)
    names = given.worlds or [*BUILT_IN, EXAMPLE, BFCL]
    measurements = []
    try:
        for row in rows(names):
            measurements.append(row)
            _say(_summary(row))
    except UnknownWorldError as error:
        parser.error(str(error))
    _say(f"\n{tables(measurements)}")
    if given.json:
        given.json.write_text(json.dumps(measurements, indent=2) + "\n", encoding="utf-8")
    if given.write:
        write(tables(measurements))
    return 0


def _bfcl_rows() -> Iterator[JsonObject]:
    try:
        classes = list(load_domain(BFCL).catalogue())
    except UnknownWorldError as error:
        _say(f"{BFCL} is left out: {error}")
        return
    for name in classes:
        domain = load_domain(BFCL, {"environments": [name]})
        yield measured(f"{BFCL} {name}", discover(domain, SETTINGS), None)


def _need(edge: Edge) -> Need:
    return edge.consumer, edge.parameter, edge.producer


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def _listed(found: set[Need]) -> list[str]:
    return sorted(f"{tool}{f'.{parameter}' if parameter else ''} <- {name}" for tool, parameter, name in found)


def _summary(row: Mapping[str, object]) -> str:
    lines = [f"{row['world']}: {row['calls']} calls, {row['seconds']} s, edges {row['edges']}"]
    if "needs" in row:
        lines[0] += f", precision {row['precision']}, recall {row['recall']}"
    for what in ("missing", "wrong", "warnings"):
        items = row.get(what, [])
        lines += [f"  {what}: {item}" for item in items] if isinstance(items, list) else []
    return "\n".join(lines)


def _known_cells(row: JsonObject) -> list[str]:
    shares = [f"{row[name]:.2f}" for name in ("precision", "recall")]
    return [f"`{row['world']}`", str(row["tools"]), str(row["needs"]), *shares, *_effort(row)]


def _other_cells(row: JsonObject) -> list[str]:
    edges = [str(row["edges"].get(kind, 0)) for kind in ("enables", "offers", "breaks")]
    return [f"`{row['world']}`", str(row["tools"]), *edges, ", ".join(row["warnings"]) or "none", *_effort(row)]


def _effort(row: JsonObject) -> list[str]:
    return [f"{row['calls']:,}", f"{row['seconds']:.0f}"]


def _table(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *cells))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
