"""The command ``doctor``: what the models of a configuration can do."""

from __future__ import annotations

import json

import typer

from fr_agents.cli.common import INTERRUPTED, WRONG_INPUT, fail, output_console, readable_errors, say, tell
from fr_agents.cli.interrupt import Stoppable
from fr_agents.cli.options import ConfigPath, JsonOption, SetOption, overrides
from fr_agents.config import load_config


def doctor(config: ConfigPath, set_: SetOption = None, as_json: JsonOption = False) -> None:
    """Find out what the models of a configuration can do; nothing is written."""
    from fr_agents.doctor import Diagnosis, Doctor  # noqa: PLC0415 - loads the client, which others do without
    from fr_agents.doctor_advice import advice  # noqa: PLC0415
    from fr_agents.doctor_models import subjects  # noqa: PLC0415
    from fr_agents.doctor_shown import finding_line, plain_diagnoses, render_diagnoses  # noqa: PLC0415

    with readable_errors():
        loaded = load_config(config, overrides(set_))
        doctor = Doctor(on_finding=lambda subject, finding: tell(finding_line(subject.settings.model, finding)))
        with Stoppable[list[Diagnosis]](on_stop=lambda: None) as stoppable:
            found = stoppable.run(lambda: doctor.examine_all(subjects(loaded)))
        if found is None:
            fail("stopped.", INTERRUPTED)
        told = advice(loaded, found)
        if as_json:
            say(json.dumps(plain_diagnoses(found, told), ensure_ascii=False, indent=2))
        else:
            output_console().print(render_diagnoses(found, told, loaded.refiner.mode))
        if any(item.needed for item in told):
            raise typer.Exit(WRONG_INPUT)
