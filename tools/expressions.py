"""Arithmetic over named numbers and dates, as the origin of a derived argument tells it: ``round(a * b, 2)``.

An expression is parsed and worked out here, never evaluated as code: there are numbers, names, ``+ - * /``, a sign,
``round``, and dates, to which days are added and whose distance is a number of days.
"""

from __future__ import annotations

import ast
import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence

from tools.base import Json, is_number

_LONGEST = 200
_MOST_DIGITS = 15
_PLAIN = re.compile(r"[\w\s.,+*/()-]+", re.ASCII)
_Value = int | float | datetime.date


class ExpressionError(ValueError):
    """An expression that says nothing: it is malformed, uses what there is not, or has no result."""


def calculate(expression: str, values: Mapping[str, Json]) -> int | float | str:
    """The result of an expression: a number, or a date in ISO's way.

    Args:
        expression: What is to be worked out.
        values: The numbers and dates (as ISO texts) that its names stand for.

    Raises:
        ExpressionError: it cannot be worked out; the text says why.
    """
    if len(expression) > _LONGEST:
        raise ExpressionError(f"an expression has at most {_LONGEST} characters, and this one has {len(expression)}")
    if not _PLAIN.fullmatch(expression):
        raise ExpressionError(f"{expression!r} holds more than numbers, names, + - * / and round")
    try:
        tree = ast.parse(expression, mode="eval").body
        result = _worth(tree, values)
    except (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError, ZeroDivisionError) as error:
        reason = str(error) if isinstance(error, ExpressionError) else type(error).__name__
        raise ExpressionError(f"{expression!r} cannot be worked out: {reason}") from error
    return result.isoformat() if isinstance(result, datetime.date) else result


def same_result(result: Json, value: Json) -> bool:
    """Whether a value is what an expression gave, apart from the last digits of a float."""
    if is_number(result) and is_number(value):
        return math.isclose(result, value, rel_tol=1e-9, abs_tol=1e-9)
    return isinstance(result, str) and result == value


def _worth(node: ast.expr, values: Mapping[str, Json]) -> _Value:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and is_number(node.value):
        return _finite(node.value)
    if isinstance(node, ast.Name):
        return _named(node.id, values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        number = _number(_worth(node.operand, values))
        return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.BinOp):
        return _combined(node.op, _worth(node.left, values), _worth(node.right, values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round" and not node.keywords:
        return _rounded([_number(_worth(item, values)) for item in node.args])
    raise ExpressionError(f"{ast.unparse(node)!r} is no arithmetic")


def _named(name: str, values: Mapping[str, Json]) -> _Value:
    if name not in values:
        raise ExpressionError(f"{name!r} stands for nothing")
    value = values[name]
    if is_number(value):
        return _finite(value)
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ExpressionError(f"{name!r} stands for {value!r}, which is neither a number nor a date") from error


def _combined(operator: ast.operator, left: _Value, right: _Value) -> _Value:
    if isinstance(left, datetime.date):
        return _from_date(operator, left, right)
    return _finite(_arithmetic(operator)(left, _number(right)))


def _from_date(operator: ast.operator, day: datetime.date, other: _Value) -> _Value:
    if isinstance(operator, ast.Sub) and isinstance(other, datetime.date):
        return (day - other).days
    days = datetime.timedelta(days=_number(other))
    if isinstance(operator, ast.Add):
        return day + days
    if isinstance(operator, ast.Sub):
        return day - days
    raise ExpressionError("days are added to a date, or taken from it")


def _arithmetic(operator: ast.operator) -> Callable[[float, float], float]:
    table: dict[type[ast.operator], Callable[[float, float], float]] = {
        ast.Add: lambda a, b: a + b,
        ast.Sub: lambda a, b: a - b,
        ast.Mult: lambda a, b: a * b,
        ast.Div: lambda a, b: a / b,
    }
    if type(operator) not in table:
        raise ExpressionError("only + - * / combine numbers")
    return table[type(operator)]


def _rounded(arguments: Sequence[float]) -> float:
    if not 1 <= len(arguments) <= 2:
        raise ExpressionError("round takes a number, and how many digits are kept")
    number, digits = arguments[0], arguments[1] if len(arguments) == 2 else None
    if digits is None:
        return round(number)
    if not isinstance(digits, int) or abs(digits) > _MOST_DIGITS:
        raise ExpressionError(f"round keeps a whole number of digits, {_MOST_DIGITS} at most")
    return round(number, digits)


def _number(value: _Value) -> int | float:
    if isinstance(value, datetime.date):
        raise ExpressionError("a date stands where a number is needed")
    return value


def _finite(value: float) -> int | float:
    if not math.isfinite(value):
        raise ExpressionError("it is not finite")
    return value
