"""Drawings of an API graph: Mermaid for documents, DOT for Graphviz, and one HTML page to read a large graph in."""

from tools.drawing.dot import to_dot
from tools.drawing.mermaid import to_mermaid
from tools.drawing.page import to_html

__all__ = ["to_dot", "to_html", "to_mermaid"]
