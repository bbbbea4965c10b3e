"""Texts that are put together from known values, and taken apart again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.composing import composed, pieces, punctuation_only
from tools.known import Known, Told

words = st.from_regex("[a-z]{3,6}", fullmatch=True)
marks = st.text(alphabet="#:/ {}!-", min_size=1, max_size=3)


@given(texts=st.lists(words, min_size=1, max_size=4), between=st.lists(marks, min_size=5, max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_joins_known_values_comes_apart_into_them(texts: list[str], between: list[str]) -> None:
    text = between[0] + "".join(word + mark for word, mark in zip(texts, between[1:], strict=False))
    known = Known(Told(" and ".join(texts)), (), {})
    origin = composed(text, known)
    assert origin is not None
    assert origin.template is not None
    assert punctuation_only(origin.template)
    assert any(len(way) == len(origin.parts) for way in pieces(origin.template, text))
    assert composed(f"{text} unheard", known) is None


@pytest.mark.parametrize(
    ("template", "text", "found"),
    [
        ("{0}: {1}", "a: b", (("a", "b"),)),
        ("{0}/{1}", "a/b/c", (("a", "b/c"), ("a/b", "c"))),
        ("{{{0}}}", "{a}", (("a",),)),
        ("{0}", "", ()),
        ("{0}!", "a?", ()),
        ("{1}: {0}", "a: b", ()),
        ("{0}{0}", "aa", ()),
    ],
)
def test_a_text_is_taken_apart_as_its_template_says(
    template: str, text: str, found: tuple[tuple[str, ...], ...]
) -> None:
    assert pieces(template, text) == found


def test_a_text_without_words_or_a_very_long_one_is_not_composed() -> None:
    known = Known(Told("a b"), (), {})
    assert composed("#!", known) is None
    assert composed("ab " * 200, Known(Told("ab"), (), {})) is None
