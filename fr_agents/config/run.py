"""The configuration of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from fr_agents.config.models import ModelsSettings, OfflineSettings
from fr_agents.config.problems import did_you_mean
from fr_agents.config.profiles import ProfileName, with_profile
from fr_agents.config.prompt_files import checked
from fr_agents.config.shorthand import longhand
from fr_agents.config.targets import QuotaSettings, Targets, ToolsShown
from fr_agents.prompts.prompt import PromptFile
from fr_agents.prompts.rubrics import rubric_names
from graphs.aside import TOOL_SECONDS
from graphs.settings import AuthorSettings, RefinerSettings, SamplerSettings, Settings
from tools.base import Json

MAX_TURNS = 16
JOBS_PER_RECORD = 20

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SECRET_KEY = re.compile(
    r"(apikey|secret|secretkey|privatekey|token|password|passwd|passphrase|authorization|bearer|credentials?)$"
)


class WorldSettings(Settings):
    """Where calls run: an installed world or ``package.module:Name``, and what it is made with.

    Attributes:
        name: What the world is found by.
        options: What its domain is made with.
        allow_outside_effects: Whether the API graph may be discovered by trial calls although they have effects outside
            of the process; asked for only by worlds that say so.
    """

    name: str
    options: dict[str, Json] = Field(default_factory=dict)
    allow_outside_effects: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return longhand("world", value)

    @field_validator("options")
    @classmethod
    def _no_secrets(cls, value: dict[str, Json]) -> dict[str, Json]:
        found = secret_keys(value)
        if found:
            raise ValueError(f"{', '.join(found)}: a secret must not stand in a configuration")
        return value


class TurnsSettings(Settings):
    """How many turns a trajectory has; drawn for each job. A plain number stands for both ends."""

    min: Annotated[int, Field(ge=1, le=MAX_TURNS)] = 2
    max: Annotated[int, Field(ge=1, le=MAX_TURNS)] = 4

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return longhand("turns", value)

    @model_validator(mode="after")
    def _ordered(self) -> TurnsSettings:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) must not be above max ({self.max})")
        return self


class LimitsSettings(Settings):
    """How much runs at the same time, and when a run gives up. Nothing here changes a record, but for ``tool_seconds``
    where a tool needs longer: its job is rejected.

    Attributes:
        concurrency: Jobs that are worked on at the same time.
        window: Jobs that may run ahead of the first undecided one.
        max_jobs: Ends a run that accepts too little; 20 for each wanted trajectory unless set.
        budget_usd: Stops the run before its models have cost more, by the prices that the models are given.
        max_tokens: Stops the run before its models have read and written more tokens.
        max_calls: Stops the run before it has made more calls of models.
        outage: Seconds for which a run waits for a server that does not answer, before it is given up until resumed.
        tool_seconds: How long one call of a tool may take; none for as long as it likes. A world that says that its
            tools are quick has no limit.
    """

    concurrency: Annotated[int, Field(ge=1, le=4096)] = 8
    window: Annotated[int, Field(ge=1, le=65536)] = 32
    max_jobs: Annotated[int, Field(ge=1)] | None = None
    budget_usd: Annotated[float, Field(gt=0)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_calls: Annotated[int, Field(ge=1)] | None = None
    outage: Annotated[float, Field(ge=0)] = 3600.0
    tool_seconds: Annotated[float, Field(gt=0)] | None = TOOL_SECONDS

    @model_validator(mode="after")
    def _window_holds_all(self) -> LimitsSettings:
        if self.window < self.concurrency:
            raise ValueError(f"window ({self.window}) must not be below concurrency ({self.concurrency})")
        return self


class RunConfig(Settings):
    """Everything that a run is made from.

    Attributes:
        name: The run's name, and the folder below ``runs/`` that it is kept in.
        profile: ``paper`` fills in what makes the method as published, wherever a key is not set otherwise.
        seed: Everything that is drawn follows from it.
        count: Accepted trajectories that are wanted.
        targets: The tools that turns are for: ``all`` that can be reached, a list of names, or names with weights.
        quotas: How many turns ask for each target, and for each edge into one, at least.
        tools_shown: ``all``, or ``needed+K``: those that the planned turns need, and K distractors.
        prompts: Files in the place of prompts, by the prompt's name; a path is taken from the configuration's folder.
        checkpoint: ``memory`` is faster, and a run that is killed begins its unfinished jobs anew.
        journal: The file of paid answers; several runs may share one, and none of them buys what is in it. Unless set
            it is ``journal.sqlite`` in the run's folder.
        log: What goes to ``log.jsonl`` in the run's folder: this level and what is graver.
    """

    name: str
    profile: ProfileName | None = None
    seed: int = 7
    count: Annotated[int, Field(ge=1)]
    world: WorldSettings
    turns: TurnsSettings = TurnsSettings()
    targets: Targets = "all"
    quotas: QuotaSettings = QuotaSettings()
    tools_shown: ToolsShown = "all"
    sampler: SamplerSettings = Field(default=SamplerSettings(), validate_default=True)
    author: AuthorSettings = Field(default=AuthorSettings(), validate_default=True)
    refiner: RefinerSettings = Field(default=RefinerSettings(), validate_default=True)
    models: ModelsSettings = ModelsSettings()
    prompts: dict[str, PromptFile] = Field(default_factory=dict)
    offline: OfflineSettings = OfflineSettings()
    limits: LimitsSettings = LimitsSettings()
    checkpoint: Literal["sqlite", "memory"] = "sqlite"
    journal: str | None = None
    log: Literal["debug", "info", "warning"] = "info"

    @field_validator("name")
    @classmethod
    def _folder_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("must be a folder's name: letters, digits, '.', '_' and '-', no more than 64")
        return value

    @field_validator("prompts")
    @classmethod
    def _usable_prompts(cls, value: dict[str, PromptFile]) -> dict[str, PromptFile]:
        return checked(value)

    @field_validator("sampler", "author", "refiner", mode="before")
    @classmethod
    def _filled_in(cls, value: Any, info: ValidationInfo) -> Any:
        # By section and not for the whole: what goes through a validator is no strict JSON any more.
        return with_profile(info.data.get("profile"), str(info.field_name), value)

    @model_validator(mode="after")
    def _proposals_are_used(self) -> RunConfig:
        if not self.models.for_role("sampling").offline and self.sampler.policy != "purposeful":
            policy = self.sampler.policy
            raise ValueError(f"models.sampling is asked by sampler.policy purposeful alone, and not by {policy}")
        return self

    @model_validator(mode="after")
    def _judged(self) -> RunConfig:
        names = rubric_names()
        for rubric in self.author.rubrics:
            if rubric not in names:
                hint = did_you_mean(rubric, list(names))
                raise ValueError(f"author.rubrics: {rubric!r} is no rubric.{hint} (rubrics: {', '.join(names)})")
        if self.author.noise.language and self.models.for_role("judging").offline:
            told = "author.noise.language needs a model that tells whether a query in another language is complete"
            raise ValueError(f"{told}: name one in models.judging, or set it to 0")
        return self

    @model_validator(mode="after")
    def _enough_jobs(self) -> RunConfig:
        if self.max_jobs < self.count:
            raise ValueError(f"limits.max_jobs ({self.max_jobs}) must not be below count ({self.count})")
        return self

    @property
    def max_jobs(self) -> int:
        """Jobs after which the run ends, whatever it has accepted."""
        return self.limits.max_jobs or JOBS_PER_RECORD * self.count


def secret_keys(options: Mapping[str, Json]) -> list[str]:
    """The dotted keys under which ``options`` seem to hold a secret, in any spelling (``apiKey``, ``API-KEY``)."""
    return list(dict.fromkeys(_secret_keys(options, "", named=False)))


def _secret_keys(value: Json, where: str, *, named: bool) -> Iterator[str]:
    """``named``: a key above this value, with nothing but lists between, is one that secrets have."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            plain = re.sub(r"[^a-z0-9]", "", key.lower())
            yield from _secret_keys(item, f"{where}.{key}" if where else key, named=bool(_SECRET_KEY.search(plain)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _secret_keys(item, where if named else f"{where}.{index}", named=named)
    elif named and isinstance(value, str) and value:
        yield where
