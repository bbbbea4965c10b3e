"""A corpus of bad model outputs, each in a whole job: none crashes it, none gets into what is kept.

``bad_outputs.yaml`` says what a model answers in one role, and what must come of it; every other answer is a good one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from typing_extensions import TypedDict

from envs.environment import KnownValue
from envs.pool import WorldPool
from envs.toolkit import ToolkitEnvironment, tool
from envs.toolkit_domain import ToolkitDomain
from fr_agents.backends.backend import Answer, Request
from fr_agents.backends.openai_answer import as_answer
from fr_agents.backends.scripted import ScriptedBackend
from fr_agents.backends.text_tools import TextToolsBackend
from fr_agents.config import RunConfig
from fr_agents.roles.chat.critiquing import CritiquingRole
from fr_agents.roles.chat.judging import JudgingRole
from fr_agents.roles.chat.querying import QueryingRole
from fr_agents.roles.chat.reasoning import ReasoningRole
from fr_agents.roles.chat.rewriting import RewritingRole
from fr_agents.roles.chat.sampling import SamplingRole
from fr_agents.roles.chat.tooling import ToolingRole
from fr_agents.running import Decider
from fr_agents.verification import verify_record
from graphs.context import RunContext
from graphs.records import Job, Rejection, Trajectory
from graphs.records.job import TurnPlan
from graphs.roles import Roles
from tools.base import JsonObject

CORPUS = yaml.safe_load((Path(__file__).parent / "bad_outputs.yaml").read_text(encoding="utf-8"))


class Member(TypedDict):
    member_id: str


class Book(TypedDict):
    book_id: str
    shelf: str
    remark: str


class Loan(TypedDict):
    loan_id: str
    due_date: str


class Library(ToolkitEnvironment):
    """Lending takes two look-ups; what the second one shows was written by somebody who means to be obeyed."""

    name: ClassVar[str] = "library"

    @tool(effect="read")
    def find_member(self, name: str) -> Member:
        """Find a member of the library by name.

        Args:
            name: Name of the member.
        """
        return {"member_id": self._known("members", name)}

    @tool(effect="read")
    def find_book(self, title: str) -> Book:
        """Find a book by its title.

        Args:
            title: Title of the book.
        """
        return {"book_id": self._known("books", title), "shelf": "SF-12", "remark": self.data["remark"]}

    @tool(effect="write", sources={"member_id": "find_member:member_id", "book_id": "find_book:book_id"})
    def lend_book(self, member_id: str, book_id: str) -> Loan:
        """Lend a book to a member.

        Args:
            member_id: ID of the member.
            book_id: ID of the book.
        """
        if member_id not in self.data["members"].values() or book_id not in self.data["books"].values():
            raise self.fail("There is no such member or book.", "not_found")
        loan_id = self.new_id("LN")
        self.data["loans"][loan_id] = {"member": member_id, "book": book_id}
        return {"loan_id": loan_id, "due_date": "2026-12-06"}

    def known_values(self) -> tuple[KnownValue, ...]:
        said = (("find_member.name", "Ada Hill"), ("find_book.title", "Dune"))
        return tuple(KnownValue(parameter=parameter, value=value) for parameter, value in said)

    def _known(self, table: str, key: str) -> str:
        if key not in self.data[table]:
            raise self.fail(f"There is no {key!r} among the {table}.", "not_found")
        found: str = self.data[table][key]
        return found


class LibraryDomain(ToolkitDomain):
    name = f"{__name__}:LibraryDomain"
    environment = Library

    def draw_state(self, seed: int) -> JsonObject:
        return {
            "members": {"Ada Hill": "MB-4471", "Eve Stone": "MB-6660"},
            "books": {"Dune": "BK-2093", "Emma": "BK-7718"},
            "remark": CORPUS["remark"],
            "loans": {},
            "_id_seed": 11,
        }


class Model:
    """What plays one role: the answers of an entry first, then good ones, each as a server would send it.

    Args:
        good: What it says when it does well: one answer, or several by a mark in what it is asked.
        answers: What it says first.
        repeats: Whether it says the last of these again and again, and never anything good.
    """

    def __init__(self, good: Any, answers: Sequence[Any] = (), *, repeats: bool = False) -> None:
        self.asked: list[Request] = []
        self._good = good if isinstance(good, dict) else {"else": good}
        self._answers = list(answers)
        self._repeats = repeats

    @property
    def backend(self) -> ScriptedBackend:
        return ScriptedBackend(self._answer, "openai/scripted")

    def told(self) -> str:
        """All that it was told, but for what it is told the first time."""
        return "\n".join(shown(request) for request in self.asked[1:])

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if self._answers:
            last = len(self._answers) == 1 and self._repeats
            return sent(self._answers[0] if last else self._answers.pop(0), request)
        text = shown(request)
        return sent(next(answer for mark, answer in self._good.items() if mark == "else" or mark in text), request)


def shown(request: Request) -> str:
    """All text of a request but the system message's."""
    return "\n".join(str(message.get("content")) for message in request.messages[1:])


def sent(answer: Any, request: Request) -> Answer:
    """An answer of the corpus as the client reads it from a chat completion."""
    given: JsonObject = {"text": answer} if isinstance(answer, str) else answer
    calls = given.get("calls", ()) * given.get("times", 1)
    message: JsonObject = {
        "content": given.get("before", "") + given.get("text", "") * given.get("times", 1) + given.get("after", ""),
        "reasoning_content": given.get("reasoning"),
        "tool_calls": [{"id": f"c{index}", "type": "function", "function": call} for index, call in enumerate(calls)],
    }
    return as_answer(message, {"finish_reason": given.get("finish_reason", "stop")}, request)


class Case:
    """The one job of the corpus, with an entry's model in its role and good ones in all others."""

    def __init__(self, role: str, answers: Sequence[Any] = (), *, then: str = "good", tools: str = "native") -> None:
        said = {**CORPUS["before"].get(role, {}), role: answers}
        good = {**CORPUS["good"], **(CORPUS["good_in_text"] if tools == "text" else {})}
        self.models = {
            name: Model(good[name], said.get(name, ()), repeats=name == role and then == "repeat") for name in good
        }
        self.model = self.models[role]
        self._role = role
        self._in_text = tools == "text"

    def calls(self) -> dict[str, int]:
        """How often each role was asked."""
        return {name: len(model.asked) for name, model in self.models.items()}

    async def decided(self) -> Trajectory | Rejection:
        """What becomes of the job."""
        config = RunConfig.model_validate({**CORPUS["config"], "world": LibraryDomain.name})
        context = RunContext(
            roles=self._roles(),
            worlds=WorldPool(LibraryDomain()),
            sampler=config.sampler,
            author=config.author,
            refiner=config.refiner,
        )
        job = Job(number=0, seed=1, turns=1, plans=(TurnPlan(tool="lend_book"),))
        return await Decider(config, context, None).decide(job)

    def _roles(self) -> Roles:
        backends = {name: model.backend for name, model in self.models.items()}
        return Roles(
            tooling=ToolingRole(backends["tooling"]),
            querying=QueryingRole(backends["querying"]),
            reasoning=ReasoningRole(
                TextToolsBackend(backends["reasoning"]) if self._in_text else backends["reasoning"]
            ),
            critiquing=CritiquingRole(backends["critiquing"]),
            rewriting=RewritingRole(backends["rewriting"]),
            sampling=SamplingRole(backends["sampling"]) if self._role == "sampling" else None,
            judging=JudgingRole(backends["judging"]) if self._role == "judging" else None,
        )


def kept(record: Trajectory) -> str:
    """All that models wrote of what a record shows as right: no results of tools, no failed attempts."""
    texts = []
    for turn in record.turns:
        texts += [turn.query, turn.advanced_tool.name, turn.advanced_tool.description, *turn.hints]
    for message in record.messages:
        if message["role"] == "assistant":
            texts.append(message["content"])
            made = [call["function"] for call in message.get("tool_calls", ())]
            texts += [f"{call['name']} {call['arguments']}" for call in made]
    return "\n".join(texts)


@pytest.mark.parametrize("tools", ["native", "text"])
@pytest.mark.parametrize("role", CORPUS["good"])
async def test_good_answers_are_kept(role: str, tools: str) -> None:
    outcome = await Case(role, tools=tools).decided()
    assert isinstance(outcome, Trajectory), outcome
    assert list(verify_record(outcome)) == []


@pytest.mark.parametrize("entry", CORPUS["entries"], ids=lambda entry: f"{entry['role']}: {entry['name']}")
async def test_a_bad_output_comes_to_what_it_must(entry: JsonObject) -> None:
    tools = entry.get("tools", "native")
    case = Case(entry["role"], entry["answers"], then=entry.get("then", "good"), tools=tools)
    outcome = await case.decided()
    must, what = next(iter(entry["must"].items())) if isinstance(entry["must"], dict) else (entry["must"], "")
    if must == "rejected":
        assert isinstance(outcome, Rejection), kept(outcome)
        assert f"{outcome.stage}: {outcome.reason}".startswith(what), outcome
        return
    assert isinstance(outcome, Trajectory), outcome
    assert list(verify_record(outcome)) == []
    text = kept(outcome)
    assert [bad for bad in entry["bad"] if bad.casefold() in text.casefold()] == []
    attempts = outcome.turns[0].attempts
    errors = [attempt.error for attempt in attempts]
    usual = Case(entry["role"], tools=tools)
    await usual.decided()
    if must in ("ignored", "accepted"):
        assert case.calls() == usual.calls()
        assert what in text
    elif must == "rewritten":
        assert attempts[-1].rewritten
    elif must == "repaired":
        assert len(case.model.asked) > len(usual.model.asked)
        assert re.search(what, case.model.told()), case.model.told()
    else:
        assert [error for error in errors if error and re.fullmatch(what, error)], errors


def test_the_corpus_is_what_it_says() -> None:
    entries = CORPUS["entries"]
    assert len(entries) >= 60
    assert len({(entry["role"], entry["name"]) for entry in entries}) == len(entries)
    assert {entry["role"] for entry in entries} == set(CORPUS["good"])
    for entry in entries:
        assert set(entry) <= {"role", "name", "answers", "then", "tools", "bad", "must"}, entry["name"]
        assert entry["answers"], entry["name"]
        kinds = set(entry["must"]) if isinstance(entry["must"], dict) else {entry["must"]}
        assert len(kinds) == 1, entry["name"]
        assert kinds <= {"ignored", "accepted", "repaired", "attempt", "rewritten", "rejected"}, entry["name"]
