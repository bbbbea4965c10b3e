"""The toolkit turns methods into tools, and says what is wrong with those that it cannot turn."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from envs.environment import ToolFailure
from envs.toolkit import ToolkitEnvironment, tool


class Author(TypedDict):
    name: Annotated[str, Field(description="Name of the author.")]


class Book(TypedDict):
    book_id: Annotated[str, Field(description="ID of the book.")]
    title: Annotated[str, Field(description="Title of the book.")]
    authors: list[Author]


class Receipt(BaseModel):
    due: int


class Catalogue(ToolkitEnvironment):
    name = "library"

    @tool(effect="read")
    def find(self, title: str, kind: Literal["novel", "atlas"] | None = None) -> Book:
        """Find a book. Titles are compared
        without their case.

        Args:
            title: Title of the book,
                or its beginning.
            kind: Kind of book.

        Raises:
            ToolFailure: there is none.
        """
        if title != "Emma":
            raise self.fail(f"No book is called {title!r}.", "not_found")
        return {"book_id": "B-1", "title": title, "authors": [{"name": "Jane Austen"}]}

    @tool(effect="read")
    def count(self) -> dict[str, int]:
        """Count the books."""
        return {"books": 1}


class Lending(ToolkitEnvironment):
    name = "library"

    @tool(effect="write", needs=[["register", "count"]], sources={"book_id": "find:book_id elsewhere:id"})
    def lend(self, book_id: str, days: Annotated[int, Field(ge=1)] = 14) -> dict[str, str]:
        """Lend a book.

        Args:
            book_id: ID of the book.
            days: Number of days.
        """
        loan = self.new_id("L")
        self.data.setdefault("loans", {})[loan] = [book_id, days]
        return {"loan_id": loan}


class Library(Catalogue, Lending):
    @tool(effect="write")
    def register(self, reader: str) -> dict[str, str]:
        """Register a reader.

        Args:
            reader: Name of the reader.
        """
        self.data["readers"] = [*self.data.get("readers", []), reader]
        return {"reader": reader}

    @tool(effect="read")
    def find(self, title: str) -> dict[str, str]:
        """Find a book by its title.

        Args:
            title: Title of the book.
        """
        return {"book_id": "B-2"}


class ReadingRoom(Library):
    lend = None  # type: ignore[assignment]


@pytest.fixture
def library() -> Library:
    environment = Library()
    environment.reset({"_id_seed": 4, "loans": {}})
    return environment


def test_a_method_becomes_a_specification() -> None:
    find, count = Catalogue().specs()
    assert find.description == "Find a book. Titles are compared without their case."
    assert find.parameters == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "description": "Title of the book, or its beginning."},
            "kind": {"enum": ["novel", "atlas"], "type": "string", "description": "Kind of book."},
        },
        "required": ["title"],
        "additionalProperties": False,
    }
    assert find.returns["properties"]["title"] == {"type": "string", "description": "Title of the book."}
    author = find.returns["properties"]["authors"]["items"]
    assert author["properties"]["name"]["description"] == "Name of the author."
    assert "$ref" not in str(find.returns)
    assert (find.effect, count.parameters["properties"]) == ("read", {})


def test_defaults_and_constraints_reach_the_schema() -> None:
    (lend,) = Lending().specs()
    assert lend.required == ("book_id",)
    days = {"type": "integer", "minimum": 1, "default": 14, "description": "Number of days."}
    assert lend.properties["days"] == days


def test_tools_of_bases_come_first_and_overrides_keep_their_place() -> None:
    assert [spec.name for spec in Library().specs()] == ["find", "count", "lend", "register"]
    assert Library().specs()[0].description == "Find a book by its title."
    assert Catalogue().specs()[0].description.startswith("Find a book. Titles")


def test_an_override_that_is_no_tool_takes_the_tool_away() -> None:
    assert [spec.name for spec in ReadingRoom().specs()] == ["find", "count", "register"]


def test_marks_become_edges() -> None:
    edges = {
        (edge.producer, edge.path, edge.consumer, edge.parameter, edge.need) for edge in Lending().declared_edges()
    }
    assert edges == {
        ("register", "", "lend", None, 0),
        ("count", "", "lend", None, 0),
        ("find", "book_id", "lend", "book_id", 0),
        ("elsewhere", "id", "lend", "book_id", 0),
    }


def test_calls_answer_in_json_and_refusals_raise(library: Library) -> None:
    assert library.call("register", {"reader": "Ada"}) == {"reader": "Ada"}
    with pytest.raises(ToolFailure, match="No book is called 'Persuasion'") as caught:
        Catalogue().call("find", {"title": "Persuasion"})
    assert caught.value.kind == "not_found"


@pytest.mark.parametrize("name", ["reset", "_id_seed", "data", "nonsense"])
def test_only_tools_can_be_called(library: Library, name: str) -> None:
    with pytest.raises(ToolFailure, match=f"no tool named '{name}'"):
        library.call(name, {})


def test_state_is_copied_in_and_out(library: Library) -> None:
    given = {"loans": {}, "readers": ["Ada"]}
    library.reset(given)
    snapshot, twin = library.snapshot(), library.fork()
    library.call("lend", {"book_id": "B-1"})
    assert given == {"loans": {}, "readers": ["Ada"]} == twin.state()
    library.restore(snapshot)
    library.call("register", {"reader": "Grace"})
    library.restore(snapshot)
    assert library.state() == given
    with pytest.raises(TypeError, match="snapshot"):
        library.restore("something else")


def test_hidden_state_is_not_public(library: Library) -> None:
    library.call("lend", {"book_id": "B-1", "days": 3})
    assert set(library.public_state()) == {"loans"}
    assert {"_id_seed", "_made_ids"} < set(library.state())
    assert list(library.made_ids()) == list(library.public_state()["loans"])


def test_new_ids_depend_on_the_seed_and_what_was_made_alone() -> None:
    def ids(seed: int, count: int) -> list[str]:
        environment = Library()
        environment.reset({"_id_seed": seed})
        return [environment.call("lend", {"book_id": "B"})["loan_id"] for _ in range(count)]

    assert ids(1, 20) == ids(1, 20)
    assert ids(1, 20)[:5] == ids(1, 5)
    assert ids(1, 20) != ids(2, 20)
    numbers = [int(text.removeprefix("L-")) for text in ids(1, 20)]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    assert len(steps) > 10, "an arithmetic sequence could be guessed"


def test_a_new_id_stands_nowhere_yet(library: Library) -> None:
    library.reset({"_id_seed": 4, "loans": {f"X-{digit}": [] for digit in range(9)}})
    assert library.new_id("X", digits=1) == "X-9"
    library.reset({"_id_seed": 4, "shelf": [{"of": f"X-{digit}"} for digit in range(1, 10)]})
    assert library.new_id("X", digits=1) == "X-0"


def without_docstring(self: Any) -> int:
    return 1


def without_description(self: Any, reader: str) -> int:
    """Count the loans of a reader."""
    return 1


def without_annotation(self: Any, reader) -> int:  # type: ignore[no-untyped-def]
    """Count the loans of a reader.

    Args:
        reader: Name of the reader.
    """
    return 1


def without_result(self: Any):  # type: ignore[no-untyped-def]
    """Count the loans."""


def with_stray_description(self: Any) -> int:
    """Count the loans.

    Args:
        reader: Name of the reader.
    """
    return 1


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (without_docstring, "tool 'broken' has no docstring"),
        (without_description, "tool 'broken': parameter 'reader' is not described under Args"),
        (without_annotation, "tool 'broken': parameter 'reader' has no annotation"),
        (without_result, "tool 'broken' has no annotation of what it returns"),
        (with_stray_description, "tool 'broken': Args describes 'reader', which is no parameter of it"),
    ],
)
def test_a_faulty_tool_is_named_with_its_fault(method: Callable[..., Any], words: str) -> None:
    broken = type("Broken", (ToolkitEnvironment,), {"name": "broken", "broken": tool(effect="read")(method)})
    with pytest.raises(TypeError, match=words):
        broken().specs()


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({"reader": "find:book_id"}, "sources names 'reader', which is no parameter"),
        ({"book_id": "find:isbn"}, "the source of 'book_id' is 'isbn' of 'find', which returns no such field"),
    ],
)
def test_a_source_that_cannot_be_is_refused(sources: dict[str, str], words: str) -> None:
    class Broken(Catalogue):
        @tool(effect="write", sources=sources)
        def give_back(self, book_id: str) -> dict[str, str]:
            """Give a book back.

            Args:
                book_id: ID of the book.
            """
            return {}

    with pytest.raises(TypeError, match=words):
        Broken().declared_edges()


def test_results_may_be_models_in_lists() -> None:
    class Till(ToolkitEnvironment):
        name = "till"

        @tool(effect="read")
        def receipts(self) -> list[Receipt]:
            """List the receipts."""
            return [Receipt(due=3)]

    assert Till().specs()[0].returns["items"]["properties"] == {"due": {"type": "integer"}}
    assert Till().call("receipts", {}) == [{"due": 3}]
