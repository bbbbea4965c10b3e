"""Jobs from their numbers, and records from the states that jobs end in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import fr_agents
from envs.environment import WorldSpec
from fr_agents.config import RunConfig, configuration_hash
from fr_agents.planning import Schedule
from fr_agents.prompts.asked import prompts_asked
from fr_agents.store import Outcome
from graphs.records import Job, Lineage, Rejection, Trajectory, Turn
from graphs.records.flags import flags_of
from tools.base import derive_seed, generator
from tools.spec import ToolSpec


def plan_job(config: RunConfig, number: int, schedule: Schedule | None = None) -> Job:
    """Job ``number`` of a run: a pure function of the configuration, the API graph behind the ``schedule``, and the
    number. Without a schedule nothing is asked of its turns."""
    if schedule is not None:
        return schedule.job(number)
    seed = derive_seed("job", config.seed, number)
    turns = generator(seed, "turns").randint(config.turns.min, config.turns.max)
    return Job(number=number, seed=seed, turns=turns)


class RecordMaker:
    """Makes the record of a finished job.

    Args:
        config: The run's.
        models: By role what answers for it: one model, or all that may.
    """

    def __init__(self, config: RunConfig, models: dict[str, str]) -> None:
        self._config = config
        self._models = models
        self._prompts = prompts_asked(config)
        self._configuration = configuration_hash(config)

    def outcome(self, job: Job, state: Any, world: WorldSpec, tools: tuple[ToolSpec, ...]) -> Outcome:
        """The trajectory of an accepted job, or the rejection of one that was not."""
        if state["status"] == "rejected":
            rejected = state["rejection"]
            hints = tuple(len(turn["hints"]) for turn in state["turns"])
            return Rejection(job=job.number, turns=len(hints), hints=hints, **rejected)
        turns = tuple(Turn.model_validate(turn) for turn in state["turns"])
        return Trajectory(
            id="",
            world=world,
            tools=tuple(spec.openai() for spec in tools),
            messages=tuple(state["messages"]),
            turns=turns,
            flags=flags_of(turns),
            lineage=Lineage(
                run=self._config.name,
                job=job.number,
                seed=self._config.seed,
                models=self._answering(state.get("answered") or {}),
                prompts=self._prompts,
                configuration=self._configuration,
                package_version=fr_agents.__version__,
            ),
        ).identified()

    def _answering(self, answered: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """By role the models that answered in a job, as far as that is told apart from those that could have."""
        return {role: ", ".join(answered.get(role, ())) or model for role, model in self._models.items()}
