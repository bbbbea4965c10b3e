"""What the doctor found out, as a person and as a program read it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fr_agents.doctor import Diagnosis
from fr_agents.doctor_advice import Advice, configured
from fr_agents.doctor_probes import Finding
from tools.base import JsonObject

_MARKS = {True: ("yes", "green"), False: ("no", "red"), None: ("?", "yellow")}
_LABELS = {
    "native tools": "tools: native",
    "text tools": "tools: text",
    "json_schema": "output: json_schema",
    "function_calling": "output: function_calling",
    "text": "output: text",
    "usage": "tells its usage",
    "cut-off": "tells a cut-off",
}


def render_diagnoses(diagnoses: Sequence[Diagnosis], told: Sequence[Advice], mode: str) -> RenderableType:
    """A table for each model, then what to change."""
    parts: list[RenderableType] = []
    for diagnosis in diagnoses:
        parts += [Text(diagnosis.subject.told(), style="bold"), _table(diagnosis, mode), Text("")]
    return Group(*parts, *(Text(line) for line in _conclusion(diagnoses, told)))


def finding_line(name: str, finding: Finding) -> str:
    """A finding in one line, for whoever waits."""
    return f"{name} · {_label(finding)}: {_MARKS[finding.works][0]} ({finding.told})"


def plain_diagnoses(diagnoses: Sequence[Diagnosis], told: Sequence[Advice]) -> JsonObject:
    """The same for a program."""
    models = [
        {
            "model": diagnosis.subject.settings.model,
            "base_url": diagnosis.subject.settings.base_url,
            "uses": {use.key: list(use.roles) for use in diagnosis.subject.uses},
            "findings": {item.check: {"works": item.works, "told": item.told} for item in diagnosis.findings},
        }
        for diagnosis in diagnoses
    ]
    return {"works": not any(item.needed for item in told), "models": models, "advice": [item.plain() for item in told]}


def _table(diagnosis: Diagnosis, mode: str) -> Table:
    wanted = configured(diagnosis, mode)
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for use in diagnosis.subject.uses:
        table.add_row(Text(f"  {use.key}"), Text(""), Text(", ".join(use.roles)))
    for finding in diagnosis.findings:
        mark, colour = _MARKS[finding.works]
        chosen = finding.check in wanted and finding.check in _LABELS
        label = f"  {_label(finding)}{' *' if chosen else ''}"
        table.add_row(Text(label), Text(mark, style=colour), Text(finding.told))
    return table


def _label(finding: Finding) -> str:
    return _LABELS.get(finding.check, finding.check)


def _conclusion(diagnoses: Sequence[Diagnosis], told: Sequence[Advice]) -> list[str]:
    if not diagnoses:
        return ["No role calls a model that could be examined."]
    lines = [item.text for item in told]
    if not any(item.needed for item in told):
        lines.append("Everything that the configuration asks for (*) works.")
    return lines
