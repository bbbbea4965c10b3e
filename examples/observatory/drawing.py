"""Draws the graph that discovery finds into the README: ``python -m examples.observatory.drawing``."""

from __future__ import annotations

from pathlib import Path

from envs.discovery import Discovery, discover
from examples.observatory.domain import ObservatoryDomain
from tools.drawing import to_mermaid

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- graph: made by `python -m examples.observatory.drawing` -->", "<!-- end of graph -->"


def drawn(text: str, found: Discovery) -> str:
    """The README's text with the graph that was found in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n```mermaid\n{to_mermaid(found.graph())}```\n\n{END}{after}"


def main() -> None:
    """Bring the README up to date."""
    README.write_text(drawn(README.read_text(encoding="utf-8"), discover(ObservatoryDomain())), encoding="utf-8")


if __name__ == "__main__":
    main()
