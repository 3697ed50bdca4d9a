"""The tab 条款浏览: a document's articles one by one, by number, by words, opened from elsewhere; what cannot be is one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from reading_desk import (
    HOSTILE,
    NO_INDEX,
    PARENT,
    POLICY,
    FakeDesk,
    harmless,
    line_in,
    shipped,
    updated,
    without_index,
)

from rag.messages import say
from rag.web.browse_tab import BrowseDesk, Place, View
from rag.web.words import english


def desk() -> BrowseDesk:
    return BrowseDesk(FakeDesk())


def opened(label: str, document_id: str = POLICY) -> Place:
    place = desk().open_at(document_id, label).place
    assert place is not None
    return place


def shown(view: View) -> str:
    """The label and heading of the article shown."""
    assert view.fault == "" and view.clause is not None
    found = re.search(r'<h3 tabindex="-1">([^<]+)', view.clause)
    assert found
    return found.group(1)


def test_the_first_document_is_open_at_its_beginning() -> None:
    view = desk().arrived(None)
    choices = updated(view.documents)["choices"]
    assert shown(view) == "文件开头" and view.place == Place(
        document_id=POLICY, start=opened("文件开头").start
    )
    assert len(choices) == len(shipped().documents())
    # Originals first, digests marked as such.
    marked = ["（提要，非原文）" in name for name, _ in choices]
    assert marked == sorted(marked) and marked.count(False) == 1
    assert updated(view.before)["interactive"] is False
    assert updated(view.after)["value"] == "下一条:(一)明确发展定位"


def test_who_comes_back_reads_on() -> None:
    view = desk().arrived(opened("(十四)"))
    assert view.clause is None and view.place is None and view.documents is not None
    assert shown(desk().arrived(Place(document_id="gone", start=0))) == "文件开头"


@pytest.mark.parametrize(
    ("told", "name"),
    [("14", "(十四)加强财政支持力度"), ("十四", "(十四)加强财政支持力度"), ("第1条", "(一)明确发展定位")],
)
def test_one_jumps_to_an_article(told: str, name: str) -> None:
    view = desk().jumped(opened("(一)"), told, "")
    assert shown(view) == name and view.clause is not None and "data-sought" in view.clause
    assert view.outline is None and view.query is None


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("99", "这份文件里没有“99”这一条，它有第 1 条到第 24 条"),
        ("<b>\u202e{}", "这份文件里没有“&lt;b&gt;{}”这一条，它有第 1 条到第 24 条"),
        ("财" * 100, f"这份文件里没有“{'财' * 20}”这一条，它有第 1 条到第 24 条"),
        ("", "请输入条号，比如 14 或者十四"),
        (" \u200b", "请输入条号，比如 14 或者十四"),
        (None, "请输入条号，比如 14 或者十四"),
    ],
)
def test_a_wrong_number_gets_one_line_and_what_was_shown_stays(told: str | None, line: str) -> None:
    view = desk().jumped(opened("(一)"), told, "")
    assert line_in(view.outputs()[0]) == line
    assert view == View(fault=view.fault)


def test_a_document_without_numbers_says_so() -> None:
    place = desk().chosen("gansu-zones").place
    assert "没有统一编的条号" in desk().jumped(place, "99", "").fault
    assert shown(desk().jumped(place, "3", "")).startswith("要点3")
    english_desk = BrowseDesk(FakeDesk(words=english()))
    assert english_desk.jumped(opened("(一)"), "99", "").fault == (
        "This document has no article “99”; it has articles 1 to 24"
    )


def test_one_steps_through_the_whole_document_and_back() -> None:
    view, names = desk().open_at(POLICY), []
    place = view.place
    while place is not None:
        last = place
        names.append(shown(view))
        view = desk().stepped(place, 1, "")
        place = view.place
    assert names[0] == "文件开头" and names[-1] == "文件结尾" and len(names) == 26
    assert shown(desk().stepped(last, -1, "")) == "(二十四)营造良好政务环境"
    assert desk().stepped(opened("文件开头"), -1, "") == View()


def test_another_document_begins_anew_and_is_not_chosen_again() -> None:
    view = desk().chosen(PARENT)
    assert shown(view) == "(一)明确发展定位" and view.documents is None
    assert (view.query, view.found) == ("", "") and view.outline is not None


def test_an_entry_of_the_outline_opens_with_the_words_sought_marked() -> None:
    view = desk().entered(opened("(一)"), opened("(十四)").start, "贴息")
    assert shown(view) == "(十四)加强财政支持力度" and view.clause is not None
    assert "<mark>贴息</mark>" in view.clause and "data-sought" in view.clause


def test_words_are_sought_and_marked() -> None:
    view = desk().sought(opened("(一)"), "贷款贴息")
    assert shown(view) == "(十四)加强财政支持力度" and view.clause is not None
    assert "<mark>贷款贴息</mark>" in view.clause
    assert view.found is not None and "“贷款贴息”在 1 条里，共 1 处。" in view.found
    # Where the article shown holds them, it stays; the marks stay while one goes on, and go with the words.
    assert shown(desk().sought(opened("(二十)"), "管委会")) == "(二十)严格实行市州政府主要领导负责制"
    beyond = desk().stepped(opened("(二十)"), 1, "管委会").clause
    assert beyond is not None and "<mark>管委会</mark>" in beyond
    cleared = desk().sought(view.place, "")
    assert shown(cleared) == "(十四)加强财政支持力度" and cleared.found == "" and cleared.clause is not None
    assert "<mark>" not in cleared.clause


@pytest.mark.parametrize("query", [HOSTILE, "没有这样的话", "{", "(", "财" * 5000])
def test_words_that_are_not_there_get_one_line(query: str) -> None:
    view = desk().sought(opened("(十四)"), query)
    assert shown(view) == "(十四)加强财政支持力度"
    assert view.found is not None and len(view.found) < 8000
    if query == HOSTILE:
        assert harmless(view.found)


def test_a_clause_is_opened_from_elsewhere() -> None:
    clause = next(c for c in shipped().clauses(POLICY) if c.clause.label == "(十九)").clause
    view = desk().open_at(POLICY, start=clause.start + 20)
    assert shown(view) == "(十九)加强土地节约集约利用" and view.query == "" and view.found == ""
    assert view.clause is not None and "自 2018 年起为甘肃省自然资源厅" in view.clause
    assert updated(view.documents)["value"] == POLICY
    digest = desk().open_at(PARENT, "(九)")
    assert shown(digest) == "(九)带动区域协调发展" and digest.clause is not None
    assert "提要，非原文" in digest.clause
    assert shown(desk().open_at(POLICY, start=-5)) == "文件开头"
    assert shown(desk().open_at(POLICY, start=10**12)) == "文件结尾"
    wrong = desk().open_at(POLICY, 99)
    assert "没有“99”这一条" in wrong.fault and wrong.clause is not None and wrong.outline is not None


def test_what_has_changed_since_is_told_in_the_readers_language() -> None:
    in_english = BrowseDesk(FakeDesk(words=english())).open_at(POLICY, "(十九)").clause
    assert in_english is not None
    for expected in ("Article 19", "is 甘肃省自然资源厅 since 2018", ">Lead<", "Original text"):
        assert expected in in_english
    noted = desk().open_at(POLICY, "(五)").clause
    assert noted is not None and "时效提示" in noted


Event = Callable[[BrowseDesk], View]
EVENTS: list[Event] = [
    lambda own: own.arrived(None),
    lambda own: own.chosen(POLICY),
    lambda own: own.open_at(POLICY, 14),
    lambda own: own.stepped(Place(document_id=POLICY, start=0), 1, ""),
    lambda own: own.entered(Place(document_id=POLICY, start=0), 3, ""),
    lambda own: own.jumped(Place(document_id=POLICY, start=0), "14", ""),
    lambda own: own.sought(Place(document_id=POLICY, start=0), "贴息"),
]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    ("page", "line"),
    [
        (without_index(), NO_INDEX),
        (without_index(english()), "There is no index yet; please run python -m ingest build first"),
        (FakeDesk(error=ValueError("secret")), say("error")),
    ],
)
def test_without_an_index_there_is_one_line(event: Event, page: FakeDesk, line: str) -> None:
    view = event(BrowseDesk(page))
    assert view == View(fault=line) and line_in(view.outputs()[0]) == line


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (lambda own: own.chosen("no-such-document"), "没有收录这份文件，可能已经移除了"),
        (lambda own: own.chosen(None), "没有收录这份文件，可能已经移除了"),
        (lambda own: own.open_at("../../etc/passwd", 1), "没有收录这份文件，可能已经移除了"),
        (lambda own: own.jumped(None, "14", ""), "请先选一份文件"),
        (lambda own: own.sought(None, "贴息"), "请先选一份文件"),
        (lambda own: own.stepped(None, 1, None), "请先选一份文件"),
    ],
)
def test_what_is_not_held_gets_one_line(event: Event, line: str) -> None:
    assert event(desk()) == View(fault=line)


def test_the_outputs_are_in_the_order_of_the_tab() -> None:
    parts: tuple[Any, ...] = desk().open_at(POLICY, 14).outputs()
    assert parts[0] == "" and 'class="pq-contents"' in parts[2] and "pq-unit" in parts[3]
    assert parts[6] == opened("(十四)") and parts[7:] == ("", "")
