"""Conversations as the browser keeps them and as links carry them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.history import (
    LONGEST_LINKED,
    MOST_KEPT,
    MOST_LINKED,
    Exchange,
    Kept,
    link_query,
    linked_questions,
    read_history,
    remembered,
)
from rag.web.words import english

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "turns", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)
TEXTS = st.text(min_size=1, max_size=30).filter(str.strip)


def kept(name: str, *questions: str) -> Kept:
    return Kept(id=name, exchanges=tuple(Exchange(question=q, answer="答") for q in questions))


@given(stored=ANYTHING)
def test_whatever_a_browser_stored_is_survived(stored: Any) -> None:
    for each in read_history(stored):
        assert each.id is not None and each.exchanges and each.title()


@given(
    rows=st.lists(
        st.tuples(st.text(max_size=5), st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=3)), max_size=5
    )
)
def test_what_was_kept_comes_back(rows: list[tuple[str, list[tuple[str, str]]]]) -> None:
    conversations = {
        name: Kept(id=name, exchanges=tuple(Exchange(question=q, answer=a) for q, a in turns))
        for name, turns in rows
    }
    stored: list[dict[str, Any]] = []
    for each in conversations.values():
        stored = remembered(stored, each)
    assert list(read_history(stored)) == list(reversed(conversations.values()))


def test_the_latest_stands_first_once_and_the_oldest_is_dropped() -> None:
    stored: list[dict[str, Any]] = []
    for number in range(MOST_KEPT + 5):
        stored = remembered(stored, kept(str(number), f"第{number}问"))
    stored = remembered(stored, kept("10", "第10问", "再问"))
    read = read_history(stored)
    assert len(read) == MOST_KEPT
    assert [each.id for each in read][:2] == ["10", str(MOST_KEPT + 4)]
    assert read[0].title() == "第10问（2 问）"
    assert read[0].title(english()) == "第10问 (2 questions)"


@pytest.mark.parametrize(
    ("row", "questions"),
    [
        ({"id": "a", "turns": [["问", "答"], ["又问", 3], "x", [], ["  ", "答"]]}, ["问"]),
        ({"id": "a", "turns": "问"}, None),
        ({"id": 7, "turns": [["问", "答"]]}, None),
        ({"turns": [["问", "答"]]}, None),
        ("a", None),
    ],
)
def test_what_does_not_fit_is_left_out(row: Any, questions: list[str] | None) -> None:
    read = read_history([row])
    assert [[e.question for e in each.exchanges] for each in read] == ([questions] if questions else [])


@given(questions=st.lists(TEXTS, max_size=14))
def test_a_link_asks_the_same_questions(questions: list[str]) -> None:
    query = link_query(questions)
    values = parse_qs(query.removeprefix("?"), keep_blank_values=True).get("q", [])
    assert linked_questions(values) == tuple(q.strip()[:LONGEST_LINKED] for q in questions[:MOST_LINKED])


def test_a_link_without_questions_is_none() -> None:
    assert link_query([]) == link_query(["  "]) == ""
    assert linked_questions(["", "  "]) == ()
