"""What a request refers to without saying it is one certain thing when the request is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest
from typing_extensions import TypedDict

from envs.environment import WorldSpec
from envs.toolkit import ToolkitEnvironment, tool
from envs.world import World
from graphs.execution import Recorder
from graphs.records.query import Mention
from graphs.validation.references import ambiguous_references
from tools.base import JsonObject
from tools.call import ToolCall
from tools.origin import ArgumentOrigin, Selector
from tools.paths import resolve
from tools.trace import Step, Trace


class Book(TypedDict):
    book_id: str
    title: str
    fee: int


class Books(TypedDict):
    books: list[Book]


class Loan(TypedDict):
    loan_id: str


class Done(TypedDict):
    done: bool


class LibraryEnvironment(ToolkitEnvironment):
    """Books with fees; loans are made and ended."""

    name: ClassVar[str] = "library"

    @tool(effect="read")
    def list_books(self) -> Books:
        """List the books that are there."""
        listed = self.data["books"].items()
        return {"books": [{"book_id": key, "title": book["title"], "fee": book["fee"]} for key, book in listed]}

    @tool(effect="write")
    def lend_book(self, book_id: str) -> Loan:
        """Lend a book.

        Args:
            book_id: ID of the book.
        """
        del self.data["books"][book_id]
        loan_id = self.new_id("LO")
        self.data["loans"][loan_id] = book_id
        return {"loan_id": loan_id}

    @tool(effect="write")
    def renew_loan(self, loan_id: str) -> Done:
        """Renew a loan.

        Args:
            loan_id: ID of the loan.
        """
        return {"done": loan_id in self.data["loans"]}


def library(*books: tuple[str, int]) -> World:
    listed = {f"B{number}": {"title": title, "fee": fee} for number, (title, fee) in enumerate(books)}
    state = {"library": {"books": listed, "loans": {}, "_id_seed": 2}}
    spec = WorldSpec(name="library", version="1", seed=1, environments=("library",), initial_state=state)
    world = World(spec, [LibraryEnvironment()])
    world.reset()
    return world


Told = Callable[..., list[str]]


@pytest.fixture
def unclear() -> Told:
    """What is unclear about a trace of ``calls`` (name, arguments, origins) in a world."""

    def told(world: World, calls: Sequence[Any], earlier: Sequence[Step] = (), *mentions: Mention) -> list[str]:
        steps = run(world.fork(), calls)
        trace = Trace(target_tool=steps[-1].call.name, steps=steps, requested=())
        specs = {spec.name: spec for spec in world.specs()}
        found = ambiguous_references(world, trace, earlier, specs, mentions)
        assert {problem.reason for problem in found} <= {"reference is ambiguous"}
        return [problem.text for problem in found]

    return told


def run(world: World, calls: Sequence[Any], turn: str = "g") -> tuple[Step, ...]:
    """Execute calls; an argument with an origin takes its value from the call that the origin names."""
    recorder = Recorder(world)
    steps: list[Step] = []
    for number, (name, arguments, origins) in enumerate(calls):
        contents = {step.call.id: step.observation.content for step in steps}
        found: JsonObject = dict(arguments)
        for parameter, origin in origins.items():
            if origin.source in contents:
                found[parameter] = resolve(contents[origin.source], origin.path or "", origin.selector)
        steps.append(recorder.run(ToolCall(id=f"{turn}{number}", name=name, arguments=found), origins))
    return tuple(steps)


def chosen(**selector: Any) -> list[Any]:
    """Lend the book of a list that a selector names."""
    origin = ArgumentOrigin(
        kind="observation", source="g0", path="books.*.book_id", selector=Selector.model_validate(selector)
    )
    return [("list_books", {}, {}), ("lend_book", {}, {"book_id": origin})]


@pytest.mark.parametrize(
    ("selector", "tied"),
    [
        ({"kind": "min", "field": "fee"}, [("Dune", 1), ("Emma", 1), ("Kim", 3)]),
        ({"kind": "max", "field": "fee"}, [("Dune", 3), ("Emma", 3), ("Kim", 1)]),
        ({"kind": "equals", "field": "title", "value": "Dune"}, [("Dune", 1), ("dune", 2), ("Kim", 3)]),
        ({"kind": "only"}, [("Dune", 1), ("Emma", 2)]),
    ],
)
def test_ties_are_told_and_a_single_best_entry_is_clear(unclear: Told, selector: JsonObject, tied: Any) -> None:
    clear = library(("Dune", 1)) if selector["kind"] == "only" else library(("Dune", 1), ("Emma", 2), ("Kim", 3))
    assert unclear(clear, chosen(**selector)) == []
    # The gold calls were made where it was clear; the request is made where it is not.
    steps = run(clear, chosen(**selector))
    trace = Trace(target_tool="lend_book", steps=steps, requested=())
    world = library(*tied)
    [problem] = ambiguous_references(world, trace, (), {spec.name: spec for spec in world.specs()})
    assert "book_id of lend_book: 2 of the entries that list_books shows are" in problem.text


@pytest.mark.parametrize("selector", [{"kind": "first"}, {"kind": "nearest", "field": "title", "value": "Dunne"}])
def test_the_first_one_and_a_slip_of_one_name_are_clear(unclear: Told, selector: JsonObject) -> None:
    assert unclear(library(("Dune", 1), ("Emma", 1)), chosen(**selector)) == []


def test_what_is_another_thing_when_it_is_looked_up_is_told(unclear: Told) -> None:
    """ "The cheapest one" is what it is before the request's own calls have lent it away."""
    cheapest = ArgumentOrigin(
        kind="observation", source="g1", path="books.*.book_id", selector=Selector(kind="min", field="fee")
    )
    lent = [("lend_book", {"book_id": "B0"}, {}), ("list_books", {}, {}), ("lend_book", {}, {"book_id": cheapest})]
    [told] = unclear(library(("Dune", 1), ("Emma", 2), ("Kim", 3)), lent)
    assert "the one with the lowest fee is another entry" in told
    assert unclear(library(("Dune", 9), ("Emma", 2), ("Kim", 3)), lent) == []


def test_the_world_before_the_turn_stays_as_it_is(unclear: Told) -> None:
    world = library(("Dune", 1), ("Emma", 2))
    before = world.replay_hash()
    unclear(world, chosen(kind="min", field="fee"))
    assert world.replay_hash() == before


class TestFromBefore:
    def renewing(self, source: str) -> list[Any]:
        origin = ArgumentOrigin(kind="earlier_turn", source=source, path="loan_id")
        return [("renew_loan", {"loan_id": "x"}, {"loan_id": origin})]

    def lent(self, *books: str) -> tuple[World, tuple[Step, ...]]:
        world = library(("Dune", 1), ("Emma", 2), ("Kim", 3))
        calls: list[Any] = [("lend_book", {"book_id": book}, {}) for book in books]
        return world, run(world, calls, "a")

    def test_the_only_one_and_the_latest_one_are_clear(self, unclear: Told) -> None:
        world, earlier = self.lent("B0")
        assert unclear(world, self.renewing("a0"), earlier) == []
        world, earlier = self.lent("B0", "B1")
        assert unclear(world, self.renewing("a1"), earlier) == []

    def test_an_older_one_is_clear_only_by_what_is_said_of_it(self, unclear: Told) -> None:
        world, earlier = self.lent("B0", "B1")
        [told] = unclear(world, self.renewing("a0"), earlier)
        assert "loan_id of renew_loan: lend_book has shown another one since, and nothing tells which of 2" in told
        assert unclear(world, self.renewing("a0"), earlier, Mention(of="loan_id", span="that loan"))
        assert unclear(world, self.renewing("a0"), earlier, Mention(of="loan_id", span="the loan of B1"))
        assert unclear(world, self.renewing("a0"), earlier, Mention(of="loan_id", span="the loan of B0")) == []

    def test_an_entry_that_was_shown_beside_its_like_is_told(self, unclear: Told) -> None:
        world = library(("Dune", 1), ("Emma", 1), ("Kim", 3))
        [listed] = run(world, [("list_books", {}, {})], "a")
        selector = Selector(kind="min", field="fee")
        origin = ArgumentOrigin(kind="earlier_turn", source="a0", path="books.*.book_id", selector=selector)
        [told] = unclear(world, [("lend_book", {"book_id": "B0"}, {"book_id": origin})], [listed])
        assert "2 of the entries that list_books has shown are the one with the lowest fee" in told
        dear = origin.model_copy(update={"selector": Selector(kind="max", field="fee")})
        assert unclear(world, [("lend_book", {"book_id": "B2"}, {"book_id": dear})], [listed]) == []
