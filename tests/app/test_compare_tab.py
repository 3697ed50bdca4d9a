"""The tab 对照: every article of the policy beside those of the document above it."""

from __future__ import annotations

from dataclasses import replace

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

from ingest.alignment import Alignment
from ingest.errors import BadInput
from rag.messages import say
from rag.web.compare_html import Compared, compared_html
from rag.web.compare_tab import CompareDesk, compared_of
from rag.web.openers import escape
from rag.web.words import english


@pytest.fixture
def compared() -> Compared:
    return compared_of(shipped())


def test_all_pairs_are_shown_with_both_texts_as_they_stand(compared: Compared) -> None:
    choices, html = CompareDesk(FakeDesk()).shown("")
    pairs = compared.alignment.pairs
    assert len(updated(choices)["choices"]) == len(pairs) + 1 == 25
    assert html.count('<section class="pq-pair"') == len(pairs) and "共 24 条。" in html
    for pair in pairs:
        for clause in (
            compared.own_clauses[pair.clause],
            *(compared.parent_clauses[p] for p in pair.parents),
        ):
            assert f'<div class="pq-text">{escape(clause.clause.text)}</div>' in html
    for _, where in compared.alignment.not_singled_out:
        assert escape(where) in html


@pytest.mark.parametrize(
    ("label", "strength", "parents", "unchecked"),
    [
        ("(十四)", "部分对应", ["(九)带动区域协调发展"], True),
        ("(四)", "直接对应", ["(六)坚持体制机制创新", "(七)推进行政管理体制改革"], False),
        ("(二十)", "部分对应", ["(七)推进行政管理体制改革", "结尾要求"], True),
        ("(二十二)", "没有直接对应", [], True),
    ],
)
def test_one_article_stands_beside_its_own(
    compared: Compared, label: str, strength: str, parents: list[str], unchecked: bool
) -> None:
    choices, html = CompareDesk(FakeDesk()).shown(label)
    # What is chosen is not chosen again: by now it may be something else.
    assert "value" not in updated(choices) and html.count('<section class="pq-pair"') == 1
    assert f">{strength}</span>" in html and ('<span class="pq-unchecked">' in html) is unchecked
    right = html.split('<div class="pq-side">')[2]
    assert [name for name in parents if f">{name}</button>" in right] == parents
    assert right.count("<button") == len(parents) and ("没有对应的一条。" in right) is (not parents)
    assert f'data-document="{POLICY}" data-start="{compared.own_clauses[label].clause.start}"' in html
    assert right.count(f'data-document="{PARENT}"') == len(parents)
    # A digest is marked as one at each text.
    assert right.count("提要，非原文") == len(parents)


def test_the_frame_is_english_and_the_texts_stay_chinese(compared: Compared) -> None:
    choices, html = CompareDesk(FakeDesk(words=english())).shown("(十四)")
    assert updated(choices)["choices"][0][0] == "All articles"
    for expected in (
        ">From Gansu<",
        ">Above it<",
        ">in part</span>",
        "Why they correspond",
        "Digest, not the original",
    ):
        assert expected in html
    assert escape(compared.own_clauses["(十四)"].clause.text) in html


@pytest.mark.parametrize("label", ["(九十九)", HOSTILE, "", None, "<b>"])
def test_an_article_that_is_none_shows_all(label: str | None) -> None:
    choices, html = CompareDesk(FakeDesk()).shown(label)
    assert updated(choices).get("value", "") == "" and ("value" in updated(choices)) is bool(label)
    assert html.count('<section class="pq-pair"') == 24


def test_what_a_table_or_document_says_is_escaped(compared: Compared) -> None:
    pair = replace(compared.alignment.of("(十四)"), reason=HOSTILE, added=HOSTILE, parents=("(九)", HOSTILE))
    stored = compared.own_clauses["(十四)"]
    hostile = replace(
        compared,
        alignment=replace(
            compared.alignment, basis=HOSTILE, pairs=(pair,), not_singled_out=((HOSTILE, HOSTILE),)
        ),
        own=replace(compared.own, title=HOSTILE, number=HOSTILE),
        own_clauses={"(十四)": replace(stored, clause=replace(stored.clause, text=HOSTILE, heading=HOSTILE))},
    )
    html = compared_html(hostile, "")
    assert harmless(html) and "收录的文件里没有这一条" in html
    assert "对照表里没有这一条" in compared_html(hostile, "(一)")


class Lacking:
    """The shipped documents with another table."""

    def __init__(self, alignment: Alignment) -> None:
        around = replace(shipped().knowledge.around, alignment=alignment)
        self.knowledge = replace(shipped().knowledge, around=around)
        self.documents, self.clauses = shipped().documents, shipped().clauses


def test_without_a_table_or_a_document_there_is_one_line(compared: Compared) -> None:
    with pytest.raises(BadInput, match="没有对照表"):
        compared_of(Lacking(Alignment()))
    with pytest.raises(BadInput, match="没有收录编号为 gone 的文件"):
        compared_of(Lacking(replace(compared.alignment, parent="gone")))


@pytest.mark.parametrize(
    ("desk", "line"),
    [
        (without_index(), NO_INDEX),
        (without_index(english()), "There is no index yet; please run python -m ingest build first"),
        (FakeDesk(error=ValueError("secret")), say("error")),
    ],
)
def test_without_an_index_there_is_one_line(desk: FakeDesk, line: str) -> None:
    choices, html = CompareDesk(desk).shown("(十四)")
    assert updated(choices) == {} and line_in(html) == line
