"""How the three phases behave: the part of a configuration that the state machines read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from graphs.records.attempt import Validator

Policy = Literal["purposeful", "directed", "random", "paper"]
Share = Annotated[float, Field(ge=0, le=1)]


def _as_tuple(value: Any) -> Any:
    """A list of a file: sections that a profile fills in are no strict JSON any more when they get here."""
    return tuple(value) if isinstance(value, list) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]


class Settings(BaseModel):
    """A section of a configuration: frozen, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GoOnShares(Settings):
    """How often a turn goes on after its target was called (rule 2); in the rest of the cases it stops there.

    Attributes:
        use: With a tool that uses what the target returned.
        second: With the same chain for a second instance, to compare both.
        elsewhere: With something about the same entity in another environment.
    """

    use: Share = 0.35
    second: Share = 0.15
    elsewhere: Share = 0.15

    @model_validator(mode="after")
    def _at_most_one(self) -> GoOnShares:
        if self.use + self.second + self.elsewhere > 1:
            raise ValueError("the shares must not come to more than 1")
        return self


class RelationShares(Settings):
    """How later turns go on with earlier ones (rule 7), as weights: only their proportions count.

    Attributes:
        follow_up: The turn uses what an earlier one made or found.
        correction: It changes or takes back what an earlier one did.
        drill_down: It reads more of something that an earlier one showed.
        same_entity: It is about somebody or something that an earlier one was about, said again.
        new_topic: It has nothing to do with them.
    """

    follow_up: Share = 0.35
    correction: Share = 0.1
    drill_down: Share = 0.2
    same_entity: Share = 0.15
    new_topic: Share = 0.2

    @model_validator(mode="after")
    def _any(self) -> RelationShares:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError("at least one share must be above 0")
        return self


class DepthSettings(Settings):
    """What a turn must have at least: ``calls`` that are needed, and a dependency ``path`` of so many calls."""

    calls: Annotated[int, Field(ge=1, le=30)] = 1
    path: Annotated[int, Field(ge=1, le=30)] = 1


class SamplerSettings(Settings):
    """Phase I.

    Attributes:
        policy: ``purposeful`` keeps the rules below. The others are baselines without them: ``directed`` (eq. 2, stops
            at the target), ``random`` (any legal call), ``paper`` (eq. 2, and any legal call after the target).
        graph: The API graph that is walked on: ``discovered`` by trial calls before the run begins, or ``declared``,
            which calls nothing: what the world's author wrote down, and what fits by schema.
        calls_per_turn: The most calls that a turn may have (M); length is no goal.
        implicit: Rule 1. How often a value that a user could know is taken from a tool instead, where one gives it.
        optional: How often an optional parameter is given.
        go_on: Rule 2. What a turn does after its target.
        connected: Rule 3. All calls hang together by values, entities or state, and are about one principal.
        needed_only: Rule 4. A call whose removal changes nothing that matters is dropped.
        no_undo: Rule 5. No call undoes another one of its turn.
        observed_numbers: Rule 6. How often a number that the user says follows from what was seen (a price near the
            quote), where something like it was seen.
        relations: Rule 7. How later turns go on with earlier ones.
        depth: What a turn must have at least.
        error_share: How many turns have a call that fails, and the recovery from it.
        max_targets: Targets that are tried for a turn before its job is rejected.
        max_trials: Calls that are tried out for a turn before its job is rejected, so that no search is endless.
    """

    policy: Policy = "purposeful"
    graph: Literal["discovered", "declared"] = "discovered"
    calls_per_turn: Annotated[int, Field(ge=1, le=30)] = 8
    implicit: Share = 0.6
    optional: Share = 0.3
    go_on: GoOnShares = GoOnShares()
    connected: bool = True
    needed_only: bool = True
    no_undo: bool = True
    observed_numbers: Share = 0.8
    relations: RelationShares = RelationShares()
    depth: DepthSettings = DepthSettings()
    error_share: Share = 0.1
    max_targets: Annotated[int, Field(ge=1, le=1000)] = 60
    max_trials: Annotated[int, Field(ge=1, le=100_000)] = 4000


class NoiseSettings(Settings):
    """How often each operator makes a request less plain (ε). They compose; one that does not fit a turn does nothing.

    Attributes:
        persona: Somebody in particular speaks.
        style: It is terse, chatty, formal, ...
        language: It is in one of ``languages``. Only a judging role can tell whether such a query asks for its tasks.
        indirect: It tells what is needed, or why, rather than what to do.
        describe: An identifier is replaced by a description that is unique; the read that resolves it is inserted.
        refer_back: What an earlier turn showed is referred to, and not said again.
        fuse: Several goals are asked for in one breath.
        distractor: A sentence stands in it that asks for nothing.
        languages: For ``language``.
    """

    persona: Share = 0.2
    style: Share = 0.3
    language: Share = 0.0
    indirect: Share = 0.2
    describe: Share = 0.3
    refer_back: Share = 0.3
    fuse: Share = 0.3
    distractor: Share = 0.1
    languages: Names = ("German", "French", "Spanish")


class AuthorSettings(Settings):
    """Phase II.

    Attributes:
        max_drafts: Drafts that the querying role may make for one turn.
        noise: How requests are made less plain.
        rubrics: What the judging role is asked about each query, where there is such a role.
    """

    max_drafts: Annotated[int, Field(ge=1, le=20)] = 3
    noise: NoiseSettings = NoiseSettings()
    rubrics: Names = ("complete", "natural")


class ProbeSettings(Settings):
    """Blind attempts, without any hint: they tell how hard a query really is. After the first, further ones are made
    only where none passed yet, and only by a model (rules say the same each time); where several agree on another
    outcome than gold, the query is ambiguous."""

    attempts: Annotated[int, Field(ge=0, le=20)] = 2


class RefinerSettings(Settings):
    """Phase III.

    Attributes:
        probe: The blind attempts. With none, the first attempt has the advanced tool's decomposition already, as in the
            method as published.
        mode: ``interactive``: message by message, each with the results of the calls before it in view; ``plan``: all
            calls at once, in which a call may refer to the result of an earlier one.
        max_attempts: The hinted attempts (K_max), after the blind ones.
        require: The weakest validation that accepts an attempt.
        calls_factor: An attempt may make ``calls_factor`` x gold + 4 calls.
        allow_recovery: Whether an accepted attempt may hold calls that failed and were mended, where gold has none.
        clean: Where the published thoughts of a turn that took hints come from: ``rewrite`` has those of the accepted
            calls written anew, without hints; ``solve`` asks for one more blind attempt, which has to pass.
    """

    probe: ProbeSettings = ProbeSettings()
    mode: Literal["interactive", "plan"] = "interactive"
    max_attempts: Annotated[int, Field(ge=0, le=20)] = 3
    require: Validator = "equivalent"
    calls_factor: Annotated[int, Field(ge=1, le=10)] = 2
    allow_recovery: bool = False
    clean: Literal["rewrite", "solve"] = "rewrite"

    @model_validator(mode="after")
    def _any_attempt(self) -> RefinerSettings:
        if not self.probe.attempts and not self.max_attempts:
            told = "max_attempts must be 1 or more where probe.attempts is 0: there would be no attempt at all"
            raise ValueError(told)
        return self
