"""Which model answers for which role. No secret is ever part of it: a key is named, not written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator

from fr_agents.config.model_checks import check_model
from fr_agents.config.model_names import OFFLINE, ModelKind, model_kind
from fr_agents.config.shorthand import longhand
from graphs.settings import Settings
from tools.base import Json, canonical_json

RoleName = Literal["sampling", "tooling", "querying", "judging", "reasoning", "critiquing", "rewriting"]
ROLE_NAMES: tuple[RoleName, ...] = get_args(RoleName)
# A model plays them only where it is named: no rules would take its place.
OPTIONAL_ROLES: frozenset[RoleName] = frozenset({"sampling", "judging"})

_OPENAI_KEY = "OPENAI_API_KEY"
_OPENAI_HOST = "api.openai.com"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _as_tuple(value: Any) -> Any:
    """A list of a file: what stands for a section is no strict JSON any more when it gets here."""
    return tuple(value) if isinstance(value, list) else value


class Price(Settings):
    """What a million tokens cost, in USD. Tokens that the server had cached cost ``cached``, or what others cost."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]
    cached: Annotated[float, Field(ge=0)] | None = None

    def of(self, prompt_tokens: int, cached_tokens: int, completion_tokens: int) -> float:
        """What a call cost. ``cached_tokens`` are among the ``prompt_tokens``."""
        cached = self.prompt if self.cached is None else self.cached
        tokens = (prompt_tokens - cached_tokens) * self.prompt + cached_tokens * cached
        return (tokens + completion_tokens * self.completion) / 1e6


class ModelSettings(Settings):
    """One model, and how it is asked. A plain string stands for its ``model``, a list for a model and its fallbacks.

    Attributes:
        model: ``offline`` for roles by rules, ``openai/NAME`` for any server that speaks OpenAI's chat interface,
            ``package.module:Class`` for a chat model of LangChain, ``provider:NAME`` for what its ``init_chat_model``
            takes, ``scripted/FILE.py:function`` and ``scripted/FILE.jsonl`` for answers of one's own, with the path
            taken from the working directory, and ``mix`` where there is a ``mix``.
        base_url: The server's address, up to ``/v1``; none is OpenAI itself, or where LangChain's class finds it.
        api_key_env: The environment variable that holds the key; ``OPENAI_API_KEY`` for OpenAI itself, and none for any
            other server unless it is named here, so that no server gets a key that was meant for another.
        temperature: None leaves it to the server.
        max_tokens: The most tokens of one answer.
        timeout: Seconds for one call.
        output: How structured answers are asked for; ``text`` suits servers without either of the others.
        tools: ``native`` uses the interface's tool calls; ``text`` describes the tools in the prompt.
        parameters: What else goes to the server with each request, such as ``top_p``, or to LangChain's class.
        retries: Further tries after a call that failed on the way.
        price: What it costs in USD; without it a run knows no money.
        requests_per_minute: The most requests that its server takes in a minute, where that is known.
        tokens_per_minute: The most tokens, read and written, that its server takes in a minute, where that is known.
        fallbacks: The models that are asked in its place, in this order, for a job that it gave up on.
        mix: The models of which one answers for a job. Which one follows from the job's number alone.
        weight: How often it is the one of its mix, compared with the other members.
    """

    model: str = OFFLINE
    base_url: str | None = None
    api_key_env: str | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = 2048
    timeout: Annotated[float, Field(gt=0)] = 120.0
    output: Literal["json_schema", "function_calling", "text"] = "json_schema"
    tools: Literal["native", "text"] = "native"
    parameters: dict[str, Json] = Field(default_factory=dict)
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    price: Price | None = None
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    fallbacks: Annotated[tuple[ModelSettings, ...], BeforeValidator(_as_tuple)] = ()
    mix: Annotated[tuple[ModelSettings, ...], BeforeValidator(_as_tuple)] = ()
    weight: Annotated[float, Field(gt=0)] = 1.0

    def __hash__(self) -> int:
        # Of its own, because parameters are a mapping: backends are found by the settings that they were made from.
        return hash(canonical_json(self.model_dump(mode="json")))

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        return longhand("models.default", value)

    @field_validator("model")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        model_kind(value)
        return value

    @field_validator("base_url")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
            raise ValueError("must hold no user, password or query: name the variable of the key in api_key_env")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://127.0.0.1:8000/v1")
        return value

    @field_validator("api_key_env")
    @classmethod
    def _variable_name(cls, value: str | None) -> str | None:
        if value is not None and not _VARIABLE.fullmatch(value):
            raise ValueError("must be the name of an environment variable, not the key itself")
        return value

    @model_validator(mode="after")
    def _usable(self) -> ModelSettings:
        check_model(self)
        return self

    @property
    def kind(self) -> ModelKind:
        """What kind of model it is."""
        return model_kind(self.model)

    @property
    def key_variable(self) -> str | None:
        """The environment variable that the server's key is taken from; none where it gets no key from us."""
        if self.api_key_env is not None or self.kind != "openai":
            return self.api_key_env
        at_openai = self.base_url is None or urlsplit(self.base_url).hostname == _OPENAI_HOST
        return _OPENAI_KEY if at_openai else None

    @property
    def offline(self) -> bool:
        """Whether rules answer and no model is called."""
        return self.model == OFFLINE

    @property
    def title(self) -> str:
        """The model's name with its fallbacks, or what is mixed and how often: for a person, and for a lineage."""
        name = self.model
        if self.mix:
            whole = sum(member.weight for member in self.mix)
            parts = [f"{member.title} ({member.weight / whole:.0%})" for member in self.mix]
            name = f"mix of {' and '.join(parts)}"
        return ", else ".join([name, *(fallback.title for fallback in self.fallbacks)])

    def every(self) -> Iterator[ModelSettings]:
        """Each single model that may be asked: itself or the members of its mix, and then its fallbacks, in their order
        and without anything that only tells when it is asked."""
        if self.mix:
            for member in self.mix:
                yield from member.every()
        else:
            yield self.alone()
        for fallback in self.fallbacks:
            yield from fallback.every()

    def last_resorts(self) -> frozenset[ModelSettings]:
        """Those of ``every`` that no other model stands in for."""
        if self.fallbacks:
            return self.fallbacks[-1].last_resorts()
        if self.mix:
            return frozenset().union(*(member.last_resorts() for member in self.mix))
        return frozenset({self.alone()})

    def alone(self) -> ModelSettings:
        """This one model, without fallbacks and without a weight."""
        return self.model_copy(update={"fallbacks": (), "weight": 1.0})


class ModelsSettings(Settings):
    """A model for each role; a role that is not named takes ``default``.

    Two roles are optional, and the ``default`` does not switch them on: without ``sampling`` rules choose what turns
    are for, and without ``judging`` a query is as good as code can tell. ``rewriting`` takes the model of
    ``reasoning``, whose thoughts it writes anew.
    """

    default: ModelSettings = ModelSettings()
    sampling: ModelSettings | None = None
    tooling: ModelSettings | None = None
    querying: ModelSettings | None = None
    judging: ModelSettings | None = None
    reasoning: ModelSettings | None = None
    critiquing: ModelSettings | None = None
    rewriting: ModelSettings | None = None

    @model_validator(mode="after")
    def _no_weights(self) -> ModelsSettings:
        weighed = [role for role in ("default", *ROLE_NAMES) if (own := getattr(self, role)) and own.weight != 1]
        if weighed:
            raise ValueError(f"{weighed[0]}.weight: only a member of a mix has one")
        return self

    def for_role(self, role: RoleName) -> ModelSettings:
        """The settings that hold for ``role``."""
        own: ModelSettings | None = getattr(self, role)
        if own is not None:
            return own
        if role in OPTIONAL_ROLES:
            return ModelSettings()
        return self.for_role("reasoning") if role == "rewriting" else self.default

    @property
    def offline(self) -> bool:
        """Whether no role calls a model."""
        return all(self.for_role(role).offline for role in ROLE_NAMES)

    def described(self) -> str:
        """What answers, for a person: ``roles offline (templated language)``, or each model with its roles."""
        if self.offline:
            return "roles offline (templated language)"
        roles: dict[str, list[str]] = {}
        for role in ROLE_NAMES:
            if role not in OPTIONAL_ROLES or not self.for_role(role).offline:
                roles.setdefault(self.for_role(role).title, []).append(role)
        if len(roles) == 1:
            return f"roles {next(iter(roles))}"
        return "roles " + ", ".join(f"{model} ({' '.join(names)})" for model, names in roles.items())


class OfflineSettings(Settings):
    """The offline reasoning role: the seed of its mistakes, and how often it makes one."""

    seed: int = 0
    mistakes: Annotated[float, Field(ge=0, le=1)] = 0.15
