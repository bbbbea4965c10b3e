"""Tool calls printed in forms that are no plain JSON: the tags of Llama, Qwen and DeepSeek, and Python."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping

from fr_agents.backends.backend import AnswerCall
from tools.base import Json, JsonObject, canonical_json, json_safe

Printed = tuple[list[AnswerCall], str]

# <function=NAME>{...}</function>; with <parameter=KEY> in place of JSON by models that were trained to write code.
_FUNCTION = re.compile(r"<function=([\w.-]+)>(.*?)(?:</function>|(?=<function=)|\Z)", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([\w.-]+)>\n?(.*?)\n?(?:</parameter>|(?=<parameter=)|\Z)", re.DOTALL)
# DeepSeek's bars and blocks are no ASCII. V3 writes a type before the name and a fence around the JSON; V3.1 does not.
_BAR, _GAP = "\uff5c", "\u2581"
_DEEPSEEK = re.compile(
    rf"<{_BAR}tool{_GAP}call{_GAP}begin{_BAR}>(?:function<{_BAR}tool{_GAP}sep{_BAR}>)?([\w.-]+)"
    rf"(?:<{_BAR}tool{_GAP}sep{_BAR}>)?\s*(.*?)(?:<{_BAR}tool{_GAP}call{_GAP}end{_BAR}>"
    rf"|(?=<{_BAR}tool{_GAP}call)|\Z)",
    re.DOTALL,
)
_TOKENS = re.compile(rf"</?tool_calls?>|<{_BAR}tool{_GAP}calls?{_GAP}(?:begin|end){_BAR}>", re.IGNORECASE)
_FENCED = re.compile(r"^```\w*\s*(.*?)\s*(?:```)?$", re.DOTALL)
_PYTHON = re.compile(r"^(?:```\w*\s*\n)?\s*\[?\s*[A-Za-z_][\w.]*\(", re.MULTILINE)
_LONGEST_PYTHON = 8000
_CONSTANTS: Mapping[str, Json] = {"true": True, "false": False, "null": None}


def dialect_calls(text: str, parameters: Mapping[str, JsonObject]) -> Printed:
    """The calls of a text that are written in a dialect, and the rest of the text; no calls where there are none.

    Args:
        text: What the model wrote.
        parameters: The schema of the parameters of each tool, by name.
    """
    for dialect in (_functions, _deepseek, _python):
        calls, rest = dialect(text, parameters)
        if calls:
            return calls, _TOKENS.sub("", rest).strip()
    return [], text


def _functions(text: str, parameters: Mapping[str, JsonObject]) -> Printed:
    calls = [_tagged(name, inner, parameters.get(name, {})) for name, inner in _FUNCTION.findall(text)]
    return calls, _FUNCTION.sub("", text)


def _tagged(name: str, inner: str, schema: JsonObject) -> AnswerCall:
    """A call whose arguments are JSON, or a tag for each of them."""
    given = dict(_PARAMETER.findall(inner))
    if not given:
        return AnswerCall.parse(name, inner)
    properties = schema.get("properties", {})
    return AnswerCall.parse(
        name, canonical_json({key: _typed(text, properties.get(key)) for key, text in given.items()})
    )


def _typed(text: str, schema: Json) -> Json:
    """The value that a tag holds: as it is where a text is asked for, else what it says as JSON."""
    if isinstance(schema, dict) and schema.get("type") == "string":
        return text
    try:
        return json_safe(json.loads(text))
    except (ValueError, RecursionError):
        return text


def _deepseek(text: str, parameters: Mapping[str, JsonObject]) -> Printed:
    calls = [AnswerCall.parse(name, _FENCED.sub(r"\1", inner.strip())) for name, inner in _DEEPSEEK.findall(text)]
    return calls, _DEEPSEEK.sub("", text)


def _python(text: str, parameters: Mapping[str, JsonObject]) -> Printed:
    """Calls in Python that end a text, each of a tool that there is; they are read and never run."""
    begin = _PYTHON.search(text)
    if begin is None or len(text) - begin.start() > _LONGEST_PYTHON:
        return [], text
    try:
        code = _FENCED.sub(r"\1", text[begin.start() :].strip())
        calls = [_read(node, parameters) for node in _nodes(ast.parse(code))]
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return [], text
    return calls, text[: begin.start()]


def _nodes(tree: ast.Module) -> Iterator[ast.expr]:
    """The expressions of a program, those of a list or of a line with commas one by one."""
    for line in tree.body:
        if not isinstance(line, ast.Expr):
            raise ValueError("this is a program, no list of calls")
        yield from line.value.elts if isinstance(line.value, ast.List | ast.Tuple) else [line.value]


def _read(node: ast.expr, parameters: Mapping[str, JsonObject]) -> AnswerCall:
    """One call. Raises ValueError for what is none of a known tool, or has arguments that are no plain values."""
    name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or name not in parameters:
        raise ValueError("this is no call of a tool")
    known = list(parameters[name].get("properties", {}))
    given = dict(zip(known, map(_value, node.args), strict=False))
    if len(node.args) > len(known) or any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("arguments without names")
    given |= {str(keyword.arg): _value(keyword.value) for keyword in node.keywords}
    return AnswerCall.parse(name, canonical_json(given))


def _value(node: ast.expr) -> Json:
    if isinstance(node, ast.Name) and node.id in _CONSTANTS:
        return _CONSTANTS[node.id]
    return json_safe(ast.literal_eval(node))
