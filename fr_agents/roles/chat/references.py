"""References to earlier results of a plan, in whatever form a model writes them."""

from __future__ import annotations

import re

from graphs.plan_mode import PATH, RESULT, reference
from tools.base import Json

# As models abbreviate them: "$result[1].zip", "{{result_1.zip}}", "$1.zip". An amount such as "$5.00" is none.
_STEPS = r"(?:[\w.-]|\[[^\]]*\])*"
_PATH = rf"[A-Za-z_]{_STEPS}"
_NAMED = rf"(?:\$|\{{\{{\s*\$?)results?[_ ]?[\[(.]?(?P<named>\d+)[\])]?(?:\.?(?P<after>{_PATH}|\[[^\]]*\]{_STEPS}))?"
_SHORT = re.compile(rf"(?:{_NAMED}|\$(?P<bare>\d+)\.(?P<at>{_PATH}))(?:\s*\}}\}})?")


def with_references(value: Json) -> Json:
    """The value with all references in it in their one form (``graphs.plan_mode``)."""
    if isinstance(value, str) and (short := _SHORT.fullmatch(value.strip())):
        return reference(int(short["named"] or short["bare"]), short["after"] or short["at"] or "")
    if isinstance(value, list):
        return [with_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    if str(value.get(RESULT, "")).isdecimal() and value.keys() <= {RESULT, PATH}:
        path = value.get(PATH) or ""
        return reference(int(value[RESULT]), ".".join(map(str, path)) if isinstance(path, list) else str(path))
    return {key: with_references(item) for key, item in value.items()}
