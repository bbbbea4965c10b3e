"""One trajectory as a page: whole, without scripts, escaped, and every link leads somewhere."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fr_agents.query_marks import query_pieces
from fr_agents.show_html import page_of
from graphs.records import Mention, Trajectory, Turn
from tools.origin import ArgumentOrigin

Make = Callable[..., Trajectory]
VOID = {"meta", "br", "link"}
SLY = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """Reads a page and fails where its elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.tags: set[str] = set()
        self.marked: dict[str, str] = {}
        self.words: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.links += [values["href"]] if "href" in values else []
        self.anchors += [values["id"]] if "id" in values else []
        if tag not in VOID:
            self._open.append((tag, values.get("title", "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "mark":
            self.marked[data] = self._open[-1][1]
        if self._open and self._open[-1][0] != "style":
            self.words.append(data)


def changed(trajectory: Trajectory, **fields: Any) -> Trajectory:
    turn = trajectory.turns[-1].model_copy(update=fields)
    return trajectory.model_copy(update={"turns": (*trajectory.turns[:-1], turn)})


def taking(turn: Turn, **origins: ArgumentOrigin) -> Turn:
    """The turn, whose last call takes its arguments from elsewhere, in gold and in the last attempt."""

    def other(steps: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*steps[:-1], steps[-1].model_copy(update={"origins": {**steps[-1].origins, **origins}}))

    last = turn.attempts[-1].model_copy(update={"steps": other(turn.attempts[-1].steps)})
    return turn.model_copy(update={"gold_steps": other(turn.gold_steps), "attempts": (*turn.attempts[:-1], last)})


def test_it_is_one_file_whose_links_all_lead_somewhere(make_trajectory: Make) -> None:
    text = page_of(make_trajectory(0, attempts=(1, 3)))
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert page.links
    assert {link.removeprefix("#") for link in page.links} <= set(page.anchors)
    assert len(page.anchors) == len(set(page.anchors))
    assert "prefers-color-scheme: dark" in text


def test_arguments_link_to_what_they_come_from(make_trajectory: Make) -> None:
    trajectory = make_trajectory(0, attempts=(1, 2))
    system = {"role": "system", "content": "Card: c-88."}
    origins = {
        "card_id": ArgumentOrigin(kind="profile"),
        "note": ArgumentOrigin(
            kind="composed",
            parts=(
                ArgumentOrigin(kind="query", span=(14, 18)),
                ArgumentOrigin(kind="earlier_turn", source="t1c2", path="paid"),
                ArgumentOrigin(kind="earlier_turn", turn=1),
            ),
        ),
    }
    turn = taking(trajectory.turns[1], **origins)
    trajectory = trajectory.model_copy(update={"turns": (trajectory.turns[0], turn), "messages": (system,)})
    page = Page(page_of(trajectory))
    assert {"#system", "#t2-query-14", "#t1-a0-t1c2", "#t1-query", "#t2-a0-t2c1"} <= set(page.links)
    assert {link.removeprefix("#") for link in page.links} <= set(page.anchors)
    assert page.marked["rent"] == "gives note of pay"


def test_attempts_stand_side_by_side_with_hints_verdicts_and_errors(make_trajectory: Make) -> None:
    words = Page(page_of(make_trajectory(0, attempts=(2,)))).words
    titles = [word for word in words if word in ("gold", "blind", "hint 1 · published")]
    assert titles == ["gold", "blind", "hint 1 · published"]
    assert "Look at the labels (1)." in words
    assert "failed: a value was used before it was seen" in words
    assert "✗ equivalent" in words
    assert "✓ equivalent" in words


def test_rewritten_thoughts_stand_beside_the_original_ones(make_trajectory: Make) -> None:
    trajectory = make_trajectory(0, attempts=(2,))
    solved = trajectory.turns[0].attempts[-1]
    messages = tuple(
        {**message, "content": message["content"].replace("Now I need", "First comes")} for message in solved.messages
    )
    again = solved.model_copy(update={"index": 2, "hints": 0, "rewritten": True, "messages": messages})
    words = Page(page_of(changed(trajectory, attempts=(*trajectory.turns[0].attempts, again)))).words
    cells = words[words.index("thoughts: as solved with hints, and as published") :]
    told = [cell for cell in cells if cell.startswith(("Now I need", "First comes"))]
    assert told == ["Now I need list_cards.", "First comes list_cards.", "Now I need pay.", "First comes pay."]
    assert "rewritten · published" in words
    assert "thoughts: as solved with hints, and as published" not in Page(page_of(trajectory)).words


def test_whatever_stands_in_a_record_is_text(make_trajectory: Make) -> None:
    trajectory = make_trajectory(0, attempts=(2,))
    turn = trajectory.turns[0]
    tool = {"type": "function", "function": {"name": SLY, "description": SLY, "parameters": {SLY: SLY}}}
    messages = tuple({**message, "content": SLY} for message in turn.attempts[0].messages)
    failed = turn.attempts[0].model_copy(update={"messages": messages, "reply": SLY})
    query = turn.hard_query.model_copy(update={"mentions": (Mention(of=SLY, span=SLY, start=0),)})
    sly = changed(trajectory, query=SLY, hints=(SLY,), attempts=(failed, turn.attempts[1]), hard_query=query)
    system = {"role": "system", "content": SLY}
    sly = sly.model_copy(update={"id": SLY, "tools": (tool,), "messages": (system,)})
    text = page_of(sly)
    assert "<script" not in text
    assert "script" not in Page(text).tags
    assert Page(text).marked[SLY] == f"says: {SLY}"


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pieces_of_a_query_are_the_query(make_trajectory: Make, data: st.DataObject) -> None:
    turn = make_trajectory(0).turns[0]
    places = st.integers(-2, len(turn.query) + 2)
    starts = data.draw(st.lists(st.tuples(places, st.text(max_size=9)), max_size=4))
    span = data.draw(st.none() | st.tuples(places, places))
    mentions = tuple(Mention(of="x", span=text, start=start) for start, text in starts)
    query = turn.hard_query.model_copy(update={"mentions": mentions})
    turn = taking(turn.model_copy(update={"hard_query": query}), note=ArgumentOrigin(kind="query", span=span))
    pieces = query_pieces(turn)
    assert "".join(piece.text for piece in pieces) == turn.query
    assert all(turn.query[piece.start :].startswith(piece.text) for piece in pieces)
    if span and 0 <= span[0] < span[1] <= len(turn.query):
        said = "".join(piece.text for piece in pieces if "gives note of pay" in piece.says)
        assert said == turn.query[span[0] : span[1]]


@pytest.mark.parametrize("query", ["", "x"])
def test_a_query_without_marks_is_one_piece(make_trajectory: Make, query: str) -> None:
    turn = make_trajectory(0).turns[0].model_copy(update={"query": query})
    assert [piece.text for piece in query_pieces(turn)] == ([query] if query else [])
