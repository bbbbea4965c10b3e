"""Draws the state machines into ARCHITECTURE.md; with ``--check`` only tells whether they are drawn as they are."""

from __future__ import annotations

import sys
from pathlib import Path

from graphs.author import build_author
from graphs.refiner import build_refiner
from graphs.sampler import build_sampler
from graphs.synthesis import build_synthesis

DOCUMENT = Path(__file__).resolve().parent.parent / "ARCHITECTURE.md"
BEGIN, END = "<!-- diagrams: made by `make diagrams` -->", "<!-- end of diagrams -->"
GRAPHS = {
    "synthesis: all three phases, turn after turn, one thread for each job": build_synthesis,
    "sampler: phase I, one step of synthesis": build_sampler,
    "author: phase II, whose nodes synthesis uses": build_author,
    "refiner: phase III, whose nodes synthesis uses": build_refiner,
}


def drawn() -> str:
    """All state machines as LangGraph draws them."""
    parts = []
    for title, build in GRAPHS.items():
        mermaid = build().compile().get_graph().draw_mermaid()
        lines = [line.rstrip().replace("\t", "    ") for line in mermaid.strip().splitlines()]
        parts.append("\n".join([f"### {title}", "", "```mermaid", *lines, "```"]))
    return "\n\n".join(parts)


def main(check: bool) -> int:
    """Bring the document up to date; or 1 where it is not and is only to be checked."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{DOCUMENT.name} lacks its marks {BEGIN!r} and {END!r}.")
    fresh = f"{before}{BEGIN}\n\n{drawn()}\n\n{END}{after}"
    if check:
        return int(fresh != text)
    DOCUMENT.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
