"""HTML that the tabs share: text escaped, spans marked, bodies with what became of them, failures in one line."""

from __future__ import annotations

import re
from html import escape as escaped

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_desk import HOSTILE, harmless, shipped

from ingest.errors import BadInput, PolicyQAError
from ingest.types import Metadata, Responsibility
from rag.messages import say
from rag.web.openers import escape, opener_html
from rag.web.reading import (
    document_name,
    fault_html,
    kind_html,
    line_of,
    marked_html,
    note_html,
    roles_html,
    todays_names,
)
from rag.web.words import english

TEXTS = st.text(alphabet="ab<>&\"'财政\u200b\u202e\n", max_size=30)


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("贷款贴息", [], "贷款贴息"),
        ("贷款贴息", [(2, 4)], "贷款<mark>贴息</mark>"),
        ("贷款贴息", [(2, 4), (0, 1)], "<mark>贷</mark>款<mark>贴息</mark>"),
        ("贷款贴息", [(0, 2), (2, 4)], "<mark>贷款贴息</mark>"),
        ("贷款贴息", [(0, 3), (1, 2)], "<mark>贷款贴</mark>息"),
        ("<b>&", [(0, 3)], "<mark>&lt;b&gt;</mark>&amp;"),
    ],
)
def test_exactly_the_spans_are_marked(text: str, spans: list[tuple[int, int]], expected: str) -> None:
    assert marked_html(text, spans) == expected


@given(st.data(), TEXTS)
def test_marking_changes_no_character(data: st.DataObject, text: str) -> None:
    place = st.integers(0, len(text))
    spans = [tuple(sorted(pair)) for pair in data.draw(st.lists(st.tuples(place, place), max_size=5))]
    html = marked_html(text, spans)
    assert re.sub("</?mark>", "", html) == escape(text)
    # What is marked is what the spans hold, once each.
    marked = "".join(re.findall("<mark>(.*?)</mark>", html, flags=re.DOTALL))
    held = {at for start, end in spans for at in range(start, end)}
    assert marked == escape("".join(text[at] for at in sorted(held)))


@given(TEXTS)
def test_nothing_unseen_and_no_markup_gets_through(text: str) -> None:
    seen = text.replace("\u200b", "").replace("\u202e", "")
    assert escape(text) == escaped(seen)
    for html in (fault_html(text), note_html(text), opener_html(text, 3, text)):
        assert escaped(seen) in html and not {"\u200b", "\u202e"} & set(html)


def test_roles_stand_in_order_with_what_became_of_the_bodies() -> None:
    duty = Responsibility(
        lead=("省国土资源厅",), cooperating=("省建设厅", HOSTILE), open_ended=True, raw="", start=0, end=0
    )
    html = roles_html([duty], {"省国土资源厅": "自 2018 年起为甘肃省自然资源厅"})
    assert harmless(html)
    assert re.findall("<span>(.+?)</span>", html) == ["牵头", "配合"]
    assert "省国土资源厅<small>自 2018 年起为甘肃省自然资源厅</small>" in html
    # The list that stays open is the last one.
    assert html.index("等部门") > html.index("省建设厅") and html.count("等部门") == 1
    assert re.findall('<span>(.+?)</span><ul aria-label="(.+?)"', roles_html([duty], {}, english())) == [
        ("Lead", "Leading bodies"),
        ("Cooperating", "Cooperating bodies"),
    ]
    assert roles_html([], {}) == ""


def test_what_became_of_a_body_is_told_in_the_readers_language() -> None:
    directory = shipped().knowledge.directory
    names = ["省国土资源厅", "省财政厅", "没有这个厅"]
    assert todays_names(names, directory) == {"省国土资源厅": "自 2018 年起为甘肃省自然资源厅"}
    assert todays_names(names, directory, english()) == {"省国土资源厅": "is 甘肃省自然资源厅 since 2018"}


@pytest.mark.parametrize(
    ("label", "language", "expected"),
    [
        ("(一)", "zh", "提要，非原文"),
        ("(二)", "zh", "提要，非原文，未核对"),
        ("(二)", "en", "Digest, not the original, unchecked"),
    ],
)
def test_a_digest_says_that_it_is_one(label: str, language: str, expected: str) -> None:
    metadata = Metadata(title=HOSTILE, kind="digest", unverified=("(二)",))
    words = [english()] if language == "en" else []
    assert re.sub("<.+?>", "", kind_html(metadata, label, *words)) == expected
    # A list's choices are text, not HTML.
    assert document_name(metadata) == "《<img src=x onerror=alert(1)>\"'&坏》（提要，非原文）"


@pytest.mark.parametrize(
    ("error", "expected", "in_english"),
    [
        (BadInput("一行\n两行"), "一行 两行", "一行 两行"),
        (BadInput("请先选一份文件"), "请先选一份文件", "Please choose a document first"),
        (PolicyQAError("{不是}格式"), "{不是}格式", "{不是}格式"),
        (ValueError("secret"), say("error"), say("error", "en")),
    ],
)
def test_a_failure_is_one_line(error: Exception, expected: str, in_english: str) -> None:
    assert line_of(error) == expected
    assert line_of(error, english()) == in_english
