"""Values that the classes' own code lists: the names a look-up knows, read from its source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from tools.base import Json


@cache
def literal_keys(method: Callable[..., Any], variable: str) -> tuple[Json | tuple[Json, ...], ...]:
    """The keys of the dict literal that ``method`` assigns to ``variable``, in order; empty where there is none."""
    for node in ast.walk(_tree(method)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == variable for target in targets):
                return tuple(ast.literal_eval(key) for key in node.value.keys if key is not None)
    return ()


@cache
def compared_values(method: Callable[..., Any], parameter: str) -> tuple[Json, ...]:
    """The constants that ``method`` compares ``parameter`` with for equality, in order."""
    found = (constant for node in ast.walk(_tree(method)) for constant in _compared(node, parameter))
    return tuple(dict.fromkeys(found))


def _compared(node: ast.AST, parameter: str) -> Iterator[Json]:
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=value)]):
            if name == parameter:
                yield value


def _tree(method: Callable[..., Any]) -> ast.Module:
    return ast.parse(textwrap.dedent(inspect.getsource(method)))
